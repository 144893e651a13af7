internal import Kubernetes

/// The marks on a namespace that say whose it is and how far the attempts have come.
struct Fence: Sendable, Equatable {
  static let operationAnnotation = "agent-ready-k8s/operation-id"
  static let fenceAnnotation = "agent-ready-k8s/fence"

  var operationID: String
  var number: Int64

  /// The marks of a namespace; `nil` if it has none.
  init?(_ namespace: JSONValue) {
    let annotations = namespace["metadata"]?["annotations"]
    guard let operationID = annotations?[Self.operationAnnotation]?.string,
      let number = annotations?[Self.fenceAnnotation]?.string.flatMap({ Int64($0) })
    else { return nil }
    self.operationID = operationID
    self.number = number
  }

  init(operationID: String, number: Int64) {
    self.operationID = operationID
    self.number = number
  }

  /// The patch with which an attempt takes a namespace over from an earlier one. If anything has
  /// changed in between, the API server refuses it (422).
  static func takeOver(_ namespace: JSONValue, from old: Fence, to number: Int64) -> JSONValue {
    let base = "/metadata/annotations/"
    func pointer(_ key: String) -> String {
      base + key.split(separator: "/").joined(separator: "~1")
    }
    return .array([
      .object([
        "op": "test", "path": "/metadata/uid", "value": namespace["metadata"]?["uid"] ?? .null,
      ]),
      .object([
        "op": "test", "path": .string(pointer(operationAnnotation)),
        "value": .string(old.operationID),
      ]),
      .object([
        "op": "test", "path": .string(pointer(fenceAnnotation)),
        "value": .string(String(old.number)),
      ]),
      .object([
        "op": "replace", "path": .string(pointer(fenceAnnotation)),
        "value": .string(String(number)),
      ]),
    ])
  }
}

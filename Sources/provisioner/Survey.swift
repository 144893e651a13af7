internal import Kubernetes

/// Looks for namespaces with our prefix that no organisation owns. They are reported; what becomes of one
/// that bears our marks SQL decides.
struct Survey: Sendable {
  let queue: Queue
  let kubernetes: KubernetesClient

  /// The timed task.
  static let task = "survey-namespaces"

  /// Lists the cluster's namespaces and returns those that are stray, as SQL decides.
  func run() async throws -> [Stray] {
    try await queue.report(namespaces: Self.namespaces(kubernetes))
  }

  /// Name, uid and operation id of each of the cluster's namespaces, as `provisioning.find_strays` takes them.
  static func namespaces(_ kubernetes: KubernetesClient) async throws -> JSONValue {
    let names = try await kubernetes.list("/api/v1/namespaces").items.compactMap {
      namespace -> JSONValue? in
      guard let name = namespace["metadata"]?["name"], let uid = namespace["metadata"]?["uid"]
      else { return nil }
      let operation = Fence(namespace).map { JSONValue.string($0.operationID) }
      return ["name": name, "uid": uid, "operation_id": operation ?? .null]
    }
    return .array(names)
  }
}

/// A namespace that no organisation owns.
struct Stray: Sendable, Equatable {
  var name: String
  var uid: String
}

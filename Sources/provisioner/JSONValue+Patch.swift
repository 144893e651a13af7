internal import Kubernetes

extension JSONValue {
  /// Whether the value is as a JSON Patch (RFC 6902) of `test`, `add`, `replace` and `remove` leaves it, none
  /// of which changes what another one tests.
  func shows(patch: JSONValue) -> Bool { holds(patch) { _ in true } }

  /// Whether what a JSON Patch tests is so.
  func passes(testsOf patch: JSONValue) -> Bool { holds(patch) { $0 == "test" } }

  private func holds(_ patch: JSONValue, where isAsked: (String?) -> Bool) -> Bool {
    (patch.array ?? []).allSatisfy { operation in
      guard isAsked(operation["op"]?.string) else { return true }
      let found = operation["path"]?.string.flatMap { self[pointer: $0] }
      return operation["op"] == "remove" ? found == nil : found == operation["value"]
    }
  }

  /// What is to be there after a write that named the version it builds on.
  var withoutVersion: JSONValue {
    guard var members = object, var metadata = members["metadata"]?.object else { return self }
    metadata["resourceVersion"] = nil
    members["metadata"] = .object(metadata)
    return .object(members)
  }

  /// The member that a JSON Pointer (RFC 6901) names, of objects.
  private subscript(pointer pointer: String) -> JSONValue? {
    pointer.split(separator: "/").reduce(self as JSONValue?) { value, part in
      value?[String(part).replacing("~1", with: "/").replacing("~0", with: "~")]
    }
  }
}

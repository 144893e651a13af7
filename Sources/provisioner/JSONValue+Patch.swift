internal import Kubernetes

extension JSONValue {
  /// Whether the value is as a JSON Patch (RFC 6902) of `add`, `replace` and `remove` leaves it.
  func shows(patch: JSONValue) -> Bool {
    (patch.array ?? []).allSatisfy { operation in
      let found = operation["path"]?.string.flatMap { self[pointer: $0] }
      return switch operation["op"]?.string {
      case "add", "replace": found == operation["value"]
      case "remove": found == nil
      default: true
      }
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

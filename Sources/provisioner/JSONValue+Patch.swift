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

  /// The member that a JSON Pointer (RFC 6901) names, of objects.
  private subscript(pointer pointer: String) -> JSONValue? {
    pointer.split(separator: "/").reduce(self as JSONValue?) { value, part in
      value?[String(part).replacing("~1", with: "/").replacing("~0", with: "~")]
    }
  }
}

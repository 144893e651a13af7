extension JSONValue {
  /// Whether this object, as the API server holds it, says everything that `desired` says.
  ///
  /// The API server adds defaults and status, so members may be missing from `desired`, but not
  /// differ. Arrays are equally long. Quantities compare by value: `1000m` is `1`. An owner reference
  /// may have more members.
  public func contains(_ desired: JSONValue) -> Bool {
    switch (self, desired) {
    case (.object(let actual), .object(let wanted)):
      return wanted.allSatisfy { key, value in
        // An empty object or list is often left out when it is written back.
        guard let there = actual[key] else { return value.isEmpty }
        return there.contains(value)
      }
    case (.array(let actual), .array(let wanted)):
      return actual.count == wanted.count
        && zip(actual, wanted).allSatisfy { $0.contains($1) }
    case (.string(let actual), .string(let wanted)):
      if actual == wanted { return true }
      guard let actual = Quantity(actual), let wanted = Quantity(wanted) else { return false }
      return actual == wanted
    default:
      return self == desired
    }
  }

  private var isEmpty: Bool {
    switch self {
    case .null: true
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    case .bool, .integer, .number, .string: false
    }
  }
}

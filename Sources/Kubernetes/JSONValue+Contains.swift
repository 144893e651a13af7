extension JSONValue {
  /// Whether this object, as the API server holds it, says everything that `desired`, a whole object
  /// too, says.
  ///
  /// The API server adds defaults and status, so members may be missing from `desired`, but not
  /// differ. Arrays are equally long; their elements, too, may have more members. Quantities compare by
  /// value, `1000m` is `1`, but only where quantities are: in a label, `1.10` is not `1.1`.
  public func contains(_ desired: JSONValue) -> Bool { contains(desired, at: .elsewhere) }

  /// Where in an object a value lies.
  private enum Place {
    case elsewhere
    case spec
    /// Texts, however deep, are quantities; those that are none (`type: Container`) compare as texts.
    case quantities

    /// In the specifications, and the status, of ResourceQuota, LimitRange and of what has containers.
    private static let quantityMembers: Set = [
      "hard", "limits", "requests", "max", "min", "default", "defaultRequest",
      "maxLimitRequestRatio",
    ]

    func member(_ key: String) -> Place {
      switch self {
      case .elsewhere: key == "spec" || key == "status" ? .spec : .elsewhere
      case .spec:
        switch key {
        case "metadata", "matchLabels", "nodeSelector", "selector": .elsewhere
        default: Self.quantityMembers.contains(key) ? .quantities : .spec
        }
      case .quantities: .quantities
      }
    }
  }

  private func contains(_ desired: JSONValue, at place: Place) -> Bool {
    switch (self, desired) {
    case (.object(let actual), .object(let wanted)):
      return wanted.allSatisfy { key, value in
        // An empty object or list is often left out when it is written back.
        guard let there = actual[key] else { return value.isEmpty }
        return there.contains(value, at: place.member(key))
      }
    case (.array(let actual), .array(let wanted)):
      return actual.count == wanted.count
        && zip(actual, wanted).allSatisfy { $0.contains($1, at: place) }
    case (.string(let actual), .string(let wanted)):
      if actual == wanted { return true }
      guard place == .quantities, let actual = Quantity(actual), let wanted = Quantity(wanted)
      else {
        return false
      }
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

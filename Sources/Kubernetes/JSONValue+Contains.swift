extension JSONValue {
  /// Whether this object, as the API server holds it, says everything that `desired`, a whole object
  /// too, says.
  ///
  /// The API server adds defaults and status, so members may be missing from `desired`, but not
  /// differ. Arrays are equally long; their elements, too, may have more members. Quantities compare by
  /// value, `1000m` is `1`, but only where quantities are: in a label, `1.10` is not `1.1`.
  public func contains(_ desired: JSONValue) -> Bool { differences(from: desired).isEmpty }

  /// Where this object says something else than `desired` does, by the same rules.
  public func differences(from desired: JSONValue) -> [Difference] {
    differences(from: desired, at: .elsewhere, path: "")
  }

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

  private func differences(
    from desired: JSONValue, at place: Place, path: String
  ) -> [Difference] {
    var difference: [Difference] { [Difference(field: path, actual: self, desired: desired)] }
    switch (self, desired) {
    case (.object(let actual), .object(let wanted)):
      // Nearly always there is none, and nothing to be said of where.
      var found: [(key: String, differences: [Difference])] = []
      for (key, value) in wanted where actual[key] != value {
        let path = path.isEmpty ? key : "\(path).\(key)"
        if let there = actual[key] {
          found.append((key, there.differences(from: value, at: place.member(key), path: path)))
        } else if !value.isEmpty {
          // An empty object or list is often left out when it is written back.
          found.append((key, [Difference(field: path, actual: nil, desired: value)]))
        }
      }
      return found.sorted { $0.key < $1.key }.flatMap(\.differences)
    case (.array(let actual), .array(let wanted)):
      guard actual.count == wanted.count else { return difference }
      return zip(actual, wanted).enumerated().flatMap { index, pair in
        pair.0.differences(from: pair.1, at: place, path: "\(path)[\(index)]")
      }
    default:
      if self == desired { return [] }
      guard place == .quantities, let actual = quantity, let wanted = desired.quantity,
        actual == wanted
      else { return difference }
      return []
    }
  }

  /// Numbers are quantities, too; the API server answers with texts.
  private var quantity: Quantity? {
    switch self {
    case .string(let text): Quantity(text)
    case .integer(let value): Quantity(String(value))
    case .number(let value): Quantity("\(value)")
    case .null, .bool, .array, .object: nil
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

/// A condition of a rule: what an attribute has to be.
struct FlagCondition: Sendable {
  /// Compared with, in the form in which it is compared.
  enum Test: Sendable {
    case exists
    case notExists
    case within(FlagList)
    case outside(FlagList)
    case startsWith([String])
    case endsWith([String])
    case contains([String])
    case less(Double)
    case atMost(Double)
    case more(Double)
    case atLeast(Double)
    case before(FlagTime)
    case after(FlagTime)
    case versionBelow(FlagRelease)
    case versionAtLeast(FlagRelease)
  }

  var attribute: FlagAttribute
  var test: Test

  /// Whether what is given (`nil`: nothing) is as it has to be.
  func holds(_ given: FlagValue?) -> Bool {
    let isGiven = given != nil && given != .null
    switch test {
    case .exists: return isGiven
    case .notExists: return !isGiven
    default: break
    }
    switch given {
    case nil, .null, .object: return false
    case .list(let elements):
      // One of several is enough; what is in it twice as deep counts for nothing.
      if case .outside(let list) = test { return !elements.contains(where: list.contains) }
      return elements.contains(where: isFulfilled)
    case .bool, .number, .string: return isFulfilled(given!)
    }
  }

  /// Whether a text, number or boolean is as it has to be.
  private func isFulfilled(_ value: FlagValue) -> Bool {
    switch value {
    case .null, .object, .list: return false
    case .number(let number) where !FlagValue.isHeld(number): return false
    case .bool, .number, .string: break
    }
    switch test {
    case .exists, .notExists: return true
    case .within(let list): return list.contains(value)
    case .outside(let list): return !list.contains(value)
    case .less, .atMost, .more, .atLeast:
      if case .number(let number) = value { return compares(number) }
      return false
    case .startsWith, .endsWith, .contains, .before, .after, .versionBelow, .versionAtLeast:
      if case .string(let text) = value { return fits(text) }
      return false
    }
  }

  private func compares(_ number: Double) -> Bool {
    switch test {
    case .less(let limit): number < limit
    case .atMost(let limit): number <= limit
    case .more(let limit): number > limit
    case .atLeast(let limit): number >= limit
    default: false
    }
  }

  private func fits(_ text: String) -> Bool {
    switch test {
    case .startsWith(let parts): parts.contains { text.utf8.starts(with: $0.utf8) }
    case .endsWith(let parts):
      parts.contains { text.utf8.suffix($0.utf8.count).elementsEqual($0.utf8) }
    case .contains(let parts): parts.contains { FlagText.contains(text, $0) }
    case .before(let limit): FlagTime(text).map { $0 < limit } ?? false
    case .after(let limit): FlagTime(text).map { $0 > limit } ?? false
    case .versionBelow(let limit): FlagRelease(text).map { $0 < limit } ?? false
    case .versionAtLeast(let limit): FlagRelease(text).map { $0 >= limit } ?? false
    default: false
    }
  }
}

/// The values of `in` and `not_in`.
struct FlagList: Sendable {
  private var texts: Set<FlagText> = []
  private var numbers: Set<Double> = []
  private var booleans: Set<Bool> = []

  /// - Returns: Whether it is a value that there can be in the list.
  mutating func add(_ value: FlagJSON) -> Bool {
    switch value.kind {
    case .string(let text): texts.insert(FlagText(text))
    case .bool(let value): booleans.insert(value)
    case .number(let number):
      guard let double = number.double else { return false }
      numbers.insert(double)
    case .null, .list, .object: return false
    }
    return true
  }

  /// Whether a value is in it, type for type.
  func contains(_ value: FlagValue) -> Bool {
    switch value {
    case .string(let text): texts.contains(FlagText(text))
    case .number(let number): numbers.contains(number)
    case .bool(let value): booleans.contains(value)
    case .null, .list, .object: false
    }
  }
}

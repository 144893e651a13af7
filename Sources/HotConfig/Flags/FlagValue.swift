/// A JSON value: what a variant is worth, or what is known of whom a flag is evaluated for.
public enum FlagValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// A whole number, too: rules compare IEEE 754 doubles.
  case number(Double)
  case string(String)
  case list([FlagValue])
  case object([String: FlagValue])

  /// Whether rules see a number: 0, or between 1e-300 and 1e300 without its sign. Another one counts as not
  /// given.
  static func isHeld(_ number: Double) -> Bool {
    number == 0 || (1e-300...1e300).contains(number.magnitude)
  }

  init(_ json: FlagJSON) {
    switch json.kind {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    // One that no double holds, in a form that rules do not see.
    case .number(let number): self = .number(number.double ?? .infinity)
    case .string(let text): self = .string(text)
    case .list(let elements): self = .list(elements.map(FlagValue.init))
    case .object(let members):
      self = .object(
        Dictionary(
          members.map { ($0.name, FlagValue($0.value)) }, uniquingKeysWith: { _, last in last }))
    }
  }
}

extension FlagValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int64) { self = .number(Double(value)) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: FlagValue...) { self = .list(elements) }
}

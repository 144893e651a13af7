/// What a flag came to, and why.
public struct FlagAnswer<Value: Sendable>: Sendable {
  /// The variant's value, or the caller's default.
  public var value: Value
  /// The variant's name; `nil` if the flag is unknown or malformed.
  public var variant: String?
  /// Why.
  public var reason: FlagReason
  /// The name of the rule that decided, or the key of the prerequisite that was not met.
  public var rule: String?

  /// An answer, for whoever tests without flags.
  public init(value: Value, variant: String? = nil, reason: FlagReason, rule: String? = nil) {
    self.value = value
    self.variant = variant
    self.reason = reason
    self.rule = rule
  }
}

extension FlagAnswer: Equatable where Value: Equatable {}

/// What is wrong with a flag, told once each (`HotConfigEvent.flag`).
public enum FlagTrouble: Sendable, Equatable, CustomStringConvertible {
  /// A definition came that is none. The default is served until the next one comes.
  case malformed(version: Int64, why: String)
  /// It was asked for, and the platform has no such flag.
  case unknown
  /// A variant was asked for as a type that its value is not of.
  case wrongType(variant: String, wanted: String)

  public var description: String {
    switch self {
    case .malformed(let version, let why):
      "its version \(version) is no definition: \(why); the default is served; is this program older than the database?"
    case .unknown: "there is none; the default is served; SELECT key FROM admin.flags() lists them"
    case .wrongType(let variant, let wanted):
      "its variant \(variant) is no \(wanted); the default is served"
    }
  }
}

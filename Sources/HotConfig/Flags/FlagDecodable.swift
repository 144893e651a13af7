/// A Swift type that a variant's value can be read as.
public protocol FlagDecodable: Sendable {
  /// `nil` if the value is of another type. Types are never converted: `1` is not `"1"`.
  init?(flagValue: FlagValue)
}

extension FlagValue: FlagDecodable {
  public init?(flagValue: FlagValue) { self = flagValue }
}

extension Bool: FlagDecodable {
  public init?(flagValue: FlagValue) {
    guard case .bool(let value) = flagValue else { return nil }
    self = value
  }
}

extension String: FlagDecodable {
  public init?(flagValue: FlagValue) {
    guard case .string(let value) = flagValue else { return nil }
    self = value
  }
}

extension Double: FlagDecodable {
  public init?(flagValue: FlagValue) {
    guard case .number(let value) = flagValue, FlagValue.isHeld(value) else { return nil }
    self = value
  }
}

/// Of numbers beyond 2^53 the nearest double: who needs each digit decodes the JSON (`ServiceConfig.json`).
extension Int: FlagDecodable {
  public init?(flagValue: FlagValue) {
    guard case .number(let value) = flagValue else { return nil }
    self.init(exactly: value)
  }
}

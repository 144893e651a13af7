/// A Swift type that a value's text can be read as.
public protocol ConfigDecodable: Sendable {
  /// `nil` if the text is no such value.
  init?(configText: String)
}

extension String: ConfigDecodable {
  public init?(configText: String) { self = configText }
}

extension Bool: ConfigDecodable {
  public init?(configText: String) { self.init(configText) }
}

extension Int: ConfigDecodable {
  public init?(configText: String) { self.init(configText) }
}

extension Int64: ConfigDecodable {
  public init?(configText: String) { self.init(configText) }
}

extension Double: ConfigDecodable {
  public init?(configText: String) { self.init(configText) }
}

/// One organisation's value of one key, as a service holds it in memory.
public struct ConfigValue: Sendable, Equatable {
  /// Names a value within a service.
  public struct Key: Sendable, Hashable {
    /// The platform itself, whose values hold where an organisation has none.
    public static let platform: Int64 = 0

    /// The organisation.
    public var orgID: Int64
    /// The key within the service.
    public var key: String

    /// Names the value of `key` of an organisation.
    public init(orgID: Int64, key: String) {
      self.orgID = orgID
      self.key = key
    }
  }

  /// The value as text; `nil` is a tombstone: the key was deleted, its version goes on.
  public var text: String?
  /// Its type in `config.key_schema`: text, integer, number, boolean or json.
  public var type: String
  /// Rises by one with every change.
  public var version: Int64
  /// When it was changed: microseconds since 1970, UTC, by the database's clock.
  public var changedMicroseconds: Int64

  /// A value as `api.pod_configs` returns it.
  public init(text: String?, type: String, version: Int64, changedMicroseconds: Int64) {
    self.text = text
    self.type = type
    self.version = version
    self.changedMicroseconds = changedMicroseconds
  }

  /// The number, if it is one.
  public var double: Double? { text.flatMap(Double.init(configText:)) }
  /// The whole number, if it is one.
  public var integer: Int64? { text.flatMap(Int64.init(configText:)) }
  /// `true` or `false`, if it is one of them.
  public var boolean: Bool? { text.flatMap(Bool.init(configText:)) }
}

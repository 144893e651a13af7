/// One key that a load has changed in memory.
public struct ConfigChange: Sendable, Equatable {
  /// Whose configuration.
  public var service: String
  /// Which one.
  public var key: ConfigValue.Key
  /// What it was; `nil` if it was not known.
  public var old: ConfigValue?
  /// What it is; `nil` if the database no longer has it.
  public var new: ConfigValue?
}

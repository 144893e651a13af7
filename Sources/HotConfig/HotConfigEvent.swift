/// What happens to a service's configuration, for logs, metrics and `bridge watch`.
public enum HotConfigEvent: Sendable {
  /// Redis has acknowledged the subscription.
  case subscribed(pattern: String)
  /// The database was read, and what changed by it has been told. The epoch is that of the values that hold
  /// now: an answer of an older one changes nothing.
  case loaded(isComplete: Bool, rows: Int, epoch: Int64, took: Duration)
  /// The comparison that is due every few minutes found values that nobody had announced.
  case drifted(service: String, count: Int)
  /// The bridge announced a version. Heartbeats are not told.
  case announced(channel: String, payload: String)
  /// A value in memory changed. All changes of one load come before its `loaded`.
  case changed(ConfigChange)
  /// Something is wrong with a feature flag. Told once, until the flag changes.
  case flag(key: String, FlagTrouble)
  /// The values can be relied on more or less than before.
  case state(service: String, ConfigState)
  /// Something was lost or refused (`PostgresError`, `RedisError`, `HotConfigError`); the next attempt
  /// comes after `retryAfter`.
  case interrupted(error: any Error, retryAfter: Duration)
}

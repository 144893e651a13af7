internal import HotConfig
internal import Postgres

extension FeedMessage {
  /// An announcement of a row of the feed's functions: epoch, org_id, service, key, version, seq, and
  /// incarnation where it is not given.
  init(announcement row: PostgresRow, incarnation: Int64? = nil) throws {
    self = .announcement(
      service: try row.decode("service", as: String.self),
      key: try row.decode("key", as: String.self),
      version: try row.decode("version", as: Int64.self),
      orgID: try row.decode("org_id", as: Int64.self),
      Position(
        epoch: try row.decode("epoch", as: Int64.self),
        incarnation: try incarnation ?? row.decode("incarnation", as: Int64.self),
        seq: try row.decode("seq", as: Int64.self)))
  }
}

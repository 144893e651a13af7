/// How to reach a database. What is not said here, libpq finds by its own rules: `PG*` variables,
/// service files, `.pgpass`, TLS files
/// (PostgreSQL documentation, "Database Connection Control Functions").
public struct PostgresConfiguration: Sendable {
  /// A database name, a connection string (`host=… dbname=…`) or a URI; may be empty.
  public var conninfo: String
  /// Parameters that override `conninfo`, by libpq's keywords.
  public var overrides: [String: String]
  /// Whether statements used more than once are prepared. Switch it off behind a pooler in
  /// transaction mode, which does not keep them.
  public var preparesStatements = true
  /// Told every NOTICE and WARNING. Must not block.
  public var onNotice: (@Sendable (PostgresError) -> Void)?

  /// A configuration; empty means libpq's defaults.
  public init(conninfo: String = "", overrides: [String: String] = [:]) {
    self.conninfo = conninfo
    self.overrides = overrides
  }
}

internal import Postgres

/// The lock that lets one runner work at a time: PostgreSQL's own, of the session, so that it goes
/// with its holder and never stays behind.
struct SessionLock {
  /// `migrate` in ASCII.
  private static let key: UInt64 = 0x6d_6967_7261_7465

  /// Whether this session holds it: a condition that heeds no search_path.
  static let isHeld = """
    EXISTS (SELECT FROM pg_catalog.pg_locks AS l
        WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted
          AND l.objsubid OPERATOR(pg_catalog.=) 1
          AND l.classid OPERATOR(pg_catalog.=) \(key >> 32)::pg_catalog.oid
          AND l.objid OPERATOR(pg_catalog.=) \(key & 0xFFFF_FFFF)::pg_catalog.oid
          AND l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid())
    """

  let connection: PostgresConnection
  let timeout: Duration

  /// Whether this session holds it still: a file may have released it, by pg_advisory_unlock_all().
  static func isHeld(_ connection: PostgresConnection) async -> Bool {
    let result = try? await connection.query("SELECT \(isHeld) AS held")
    return result?.first?["held"] == "t"
  }

  /// Why a file is not recorded that has released it; with what is true now behind it.
  static func released(by path: String, now: String) -> MigrateFailure {
    MigrateFailure(
      code: .usage, message: "\(path) has released the lock that lets one runner work at a time",
      lines: [
        now, "HINT: leave out pg_advisory_unlock_all(), or what calls it: it releases every lock.",
      ])
  }

  /// Who holds it.
  struct Holder: Equatable {
    var pid: Int
    var user: String
    /// Address, or `the socket`.
    var host: String
    var application: String
    /// When its session began; with the pid, it names the session and no other.
    var start: String
    /// How long ago that is.
    var age: String
    var isOurs: Bool { application == ConnectionOptions.applicationName }

    var description: String { "pid \(pid), \(user) at \(host), connected for \(age)" }
  }

  /// Waits for the lock. Asks again and again outside of any transaction: a waiter inside one would
  /// hold up CREATE INDEX CONCURRENTLY of the runner it waits for.
  func acquire() async throws {
    let end = ContinuousClock.now + timeout
    var told: Int?
    while true {
      let result = try await connection.query(
        "SELECT pg_catalog.pg_try_advisory_lock(\(Self.key)) AS granted")
      if result[0]["granted"] == "t" { return }
      let holder = try await Self.holder(connection)
      if let holder, holder.pid != told {
        let line = "waiting for another runner: \(holder.description)"
        Output.talk(Record("waiting", message: line), line)
        told = holder.pid
      }
      guard ContinuousClock.now < end else {
        let name = holder?.description ?? "it has just ended"
        throw MigrateFailure(
          code: .locked, message: "another runner holds the lock: \(name)",
          lines: [
            "NOW: nothing was applied.",
            "HINT: wait for it, or give it longer with --lock-timeout; migrate unlock ends one that hangs.",
          ])
      }
      try await Task.sleep(for: .milliseconds(Int.random(in: 50...150)))
    }
  }

  /// What tells it in pg_locks, named `l`.
  private static let isOurs = """
    l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      AND (l.classid::bigint << 32 | l.objid::bigint) = \(key)
    """

  /// `nil` if nobody holds it.
  static func holder(_ connection: PostgresConnection) async throws -> Holder? {
    let result = try await connection.query(
      """
      SELECT a.pid, a.usename, coalesce(pg_catalog.host(a.client_addr), 'the socket') AS host,
          a.application_name, a.backend_start,
          pg_catalog.to_char(pg_catalog.clock_timestamp() - a.backend_start, 'FMDD"d "HH24:MI:SS') AS age
      FROM pg_catalog.pg_locks AS l
      JOIN pg_catalog.pg_stat_activity AS a USING (pid)
      WHERE \(isOurs)
      """)
    guard let row = result.first else { return nil }
    let age = row["age"] ?? ""
    return Holder(
      pid: try row.decode("pid", as: Int.self), user: row["usename"] ?? "?",
      host: row["host"] ?? "?", application: row["application_name"] ?? "",
      start: row["backend_start"] ?? "", age: age.hasPrefix("0d ") ? String(age.dropFirst(3)) : age)
  }

  /// Ends a session if it is still the one that was seen, and holds the lock.
  /// - Returns: Whether it has gone.
  static func end(_ holder: Holder, _ connection: PostgresConnection) async throws -> Bool {
    let result = try await connection.query(
      """
      SELECT pg_catalog.pg_terminate_backend(a.pid, 5000) AS ended
      FROM pg_catalog.pg_stat_activity AS a
      WHERE a.pid = $1 AND a.backend_start = $2::timestamptz AND a.application_name = $3
        AND a.datname = pg_catalog.current_database()
        AND EXISTS (SELECT FROM pg_catalog.pg_locks AS l WHERE l.pid = a.pid AND \(isOurs))
      """, [.int(Int64(holder.pid)), .text(holder.start), .text(ConnectionOptions.applicationName)])
    return result.first?["ended"] == "t"
  }
}

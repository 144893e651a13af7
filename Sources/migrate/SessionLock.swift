internal import Postgres

/// The lock that lets one runner work at a time: PostgreSQL's own, of the session, so that it goes
/// with its holder and never stays behind.
struct SessionLock {
  /// `migrate` in ASCII.
  private static let key = "x'6d696772617465'::bigint"

  let connection: PostgresConnection
  let timeout: Duration

  /// Waits for the lock. Asks again and again outside of any transaction: a waiter inside one would
  /// hold up CREATE INDEX CONCURRENTLY of the runner it waits for.
  func acquire() async throws {
    let end = ContinuousClock.now + timeout
    var toldHolder: String?
    while true {
      let result = try await connection.query(
        "SELECT pg_catalog.pg_try_advisory_lock(\(Self.key)) AS granted")
      if result[0]["granted"] == "t" { return }
      let holder = try await holder()
      if let holder, holder != toldHolder {
        Output.talk("waiting for another runner: \(holder)")
        toldHolder = holder
      }
      guard ContinuousClock.now < end else {
        throw MigrateFailure(
          code: .locked, message: "another runner holds the lock: \(holder ?? "unknown")",
          lines: ["HINT: wait for it, or give it longer with --lock-timeout."])
      }
      try await Task.sleep(for: .milliseconds(Int.random(in: 50...150)))
    }
  }

  private func holder() async throws -> String? {
    let result = try await connection.query(
      """
      SELECT pg_catalog.format('pid %s, %s at %s since %s', a.pid, a.usename,
          coalesce(pg_catalog.host(a.client_addr), 'the socket'),
          pg_catalog.to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS')) AS holder
      FROM pg_catalog.pg_locks AS l
      JOIN pg_catalog.pg_stat_activity AS a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
        AND (l.classid::bigint << 32 | l.objid::bigint) = \(Self.key)
      """)
    return result.first?["holder"]
  }
}

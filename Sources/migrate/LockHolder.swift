internal import Postgres

/// Who holds the runners' lock.
struct LockHolder: Equatable {
  var pid: Int
  var user: String
  /// How it calls itself.
  var application: String
  /// Whether it bears the mark of a runner.
  var isOurs: Bool
  /// `nil`: hidden from the role that asks.
  var session: Session?
  /// The role that asks.
  var asker = ""

  /// What is shown to members of the holder's role and of pg_read_all_stats only (PostgreSQL
  /// documentation, "The Cumulative Statistics System").
  struct Session: Equatable {
    /// Address, or `the socket`.
    var host: String
    /// When it began; with the pid, it names the session and no other.
    var start: String
    /// How long ago that is.
    var age: String
  }

  var description: String {
    guard let session else {
      return "pid \(pid), \(user); from where and since when is hidden from \(asker)"
    }
    return "pid \(pid), \(user) at \(session.host), connected for \(session.age)"
  }

  /// How to see what is hidden; `nil`: nothing is.
  var hint: String? {
    session == nil
      ? "HINT: \(user) itself sees all of it, and so does \(asker) after GRANT pg_read_all_stats TO \(PlanCommand.name([asker]))."
      : nil
  }

  /// What tells the lock in pg_locks, named `l`.
  private static let isLock = """
    l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted AND l.objsubid OPERATOR(pg_catalog.=) 1
      AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database AS d
          WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
      AND l.classid OPERATOR(pg_catalog.=) \(SessionLock.key >> 32)::pg_catalog.oid
      AND l.objid OPERATOR(pg_catalog.=) \(SessionLock.key & 0xFFFF_FFFF)::pg_catalog.oid
    """

  /// Whether the session of a process id, an expression, bears the mark of a runner.
  private static func isMarked(_ pid: String) -> String {
    """
    EXISTS (SELECT FROM pg_catalog.pg_locks AS k
        WHERE k.locktype OPERATOR(pg_catalog.=) 'advisory' AND k.granted AND k.objsubid OPERATOR(pg_catalog.=) 2
          AND k.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database AS d
              WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
          AND k.classid OPERATOR(pg_catalog.=) \(SessionLock.mark)::pg_catalog.oid
          AND k.objid OPERATOR(pg_catalog.=) k.pid::pg_catalog.oid AND k.pid OPERATOR(pg_catalog.=) \(pid))
    """
  }

  /// `nil` if nobody holds it.
  static func read(_ connection: PostgresConnection) async throws -> LockHolder? {
    let result = try await connection.query(
      """
      SELECT l.pid, a.usename, a.application_name, a.backend_start, current_user AS asker,
          \(isMarked("l.pid")) AS is_ours,
          coalesce(pg_catalog.host(a.client_addr), 'the socket') AS host,
          pg_catalog.to_char(pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) a.backend_start,
              'FMDD"d "HH24:MI:SS') AS age
      FROM pg_catalog.pg_locks AS l
      JOIN pg_catalog.pg_stat_activity AS a ON a.pid OPERATOR(pg_catalog.=) l.pid
      WHERE \(isLock)
      """)
    guard let row = result.first else { return nil }
    let age = row["age"] ?? ""
    let session = row["backend_start"].map { start in
      Session(
        host: row["host"] ?? "", start: start,
        age: age.hasPrefix("0d ") ? String(age.dropFirst(3)) : age)
    }
    return LockHolder(
      pid: try row.decode("pid", as: Int.self), user: row["usename"] ?? "?",
      application: row["application_name"] ?? "", isOurs: row["is_ours"] == "t", session: session,
      asker: row["asker"] ?? "")
  }

  /// Ends a session if it is still the one that was seen, and holds the lock.
  /// - Returns: Whether it has gone within 5 s; `nil`: it was not there any more, or did not hold the lock.
  static func end(
    _ session: Session, pid: Int, _ connection: PostgresConnection
  ) async throws -> Bool? {
    let result = try await connection.query(
      """
      SELECT pg_catalog.pg_terminate_backend(a.pid, 5000) AS ended
      FROM pg_catalog.pg_stat_activity AS a
      WHERE a.pid OPERATOR(pg_catalog.=) $1
        AND a.backend_start OPERATOR(pg_catalog.=) $2::pg_catalog.timestamptz
        AND \(isMarked("a.pid"))
        AND a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
        AND EXISTS (SELECT FROM pg_catalog.pg_locks AS l
            WHERE l.pid OPERATOR(pg_catalog.=) a.pid AND \(isLock))
      """, [.int(Int64(pid)), .text(session.start)])
    return result.first.map { $0["ended"] == "t" }
  }
}

internal import Postgres

/// The lock that lets one runner work at a time: PostgreSQL's own, of the session, so that it goes
/// with its holder and never stays behind.
struct SessionLock {
  /// `migrate` in ASCII.
  static let key: UInt64 = 0x6d_6967_7261_7465

  /// The first half of the mark that every runner's session bears beside it: another lock, whose second half is
  /// the session's own pid. Whoever takes the lock by hand has it not, whatever application_name says.
  static let mark: UInt32 = 0x6d69_6772

  /// Takes it, twice, or says that another session has it: an expression. The second is for `isKept`.
  private static let take = """
    pg_catalog.pg_try_advisory_lock(\(key)) AND pg_catalog.pg_try_advisory_lock(\(key))
        AND pg_catalog.pg_try_advisory_lock_shared(\(mark), pg_catalog.pg_backend_pid()) IS NOT NULL
    """

  /// Whether this session holds it still, as a condition that heeds no search_path and costs a microsecond;
  /// a look at `pg_locks` costs as much as a file's row. Gives one of the two back, which tells, and takes it
  /// again. Behind `mute`: of a lock that is not held PostgreSQL warns.
  static let isKept = """
    CASE WHEN pg_catalog.pg_advisory_unlock(\(key)) THEN pg_catalog.pg_try_advisory_lock(\(key)) END
    """

  /// Keeps `isKept` quiet; in a transaction.
  static let mute = "SET LOCAL client_min_messages = error"
  /// Ends `mute`: what COMMIT says is shown.
  static let unmute = "RESET client_min_messages"

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
    // This task may be cancelled.
    let result = await Task { try? await connection.query("SELECT \(isHeld) AS held") }.value
    return result?.first?["held"] == "t"
  }

  /// The statement that takes it again if a file has released it and nobody else has it by now.
  static let regain =
    "SELECT \(take) AS granted WHERE NOT \(isHeld)"

  /// What stands against a file that has released it.
  static func released(by path: String) -> Objection {
    Objection(
      message: "\(path) has released the lock that lets one runner work at a time",
      hint: "leave out pg_advisory_unlock_all(), or what calls it: it releases every lock")
  }

  /// Waits for the lock. Asks again and again outside of any transaction: a waiter inside one would
  /// hold up CREATE INDEX CONCURRENTLY of the runner it waits for.
  func acquire() async throws {
    let end = ContinuousClock.now + timeout
    var told: Int?
    while true {
      let result = try await connection.query("SELECT \(Self.take) AS granted")
      if result[0]["granted"] == "t" { return }
      let holder = try await LockHolder.read(connection)
      if let holder, holder.pid != told {
        let line = "waiting for another runner: \(holder.description)"
        Output.talk(Record("waiting", message: line), line)
        if let hint = holder.hint { Output.talk(Record("waiting", message: hint), hint) }
        told = holder.pid
      }
      guard ContinuousClock.now < end else {
        let name = holder?.description ?? "it has just ended"
        throw MigrateFailure(
          code: .locked, message: "another runner holds the lock: \(name)",
          lines: [
            "NOW: nothing was applied.",
            "HINT: wait for it, or give it longer with --lock-timeout; migrate unlock ends one that hangs.",
          ] + [holder?.hint].compactMap { $0 })
      }
      try await Task.sleep(for: .milliseconds(Int.random(in: 50...150)))
    }
  }
}

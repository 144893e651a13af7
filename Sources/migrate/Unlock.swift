internal import ArgumentParser
internal import Postgres

/// `migrate unlock`.
struct Unlock: DatabaseCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show who holds the lock; with --pid, end that session.",
    discussion: """
      The lock goes with its session, so there is never a stale one; but its runner may hang. Only a \
      session of migrate that holds the lock is ended: its transaction rolls back.
      """,
    helpNames: [.long, .customShort("?")])

  @OptionGroup var options: ConnectionOptions

  @Option(
    help: ArgumentHelp("The holder's process id, as migrate unlock shows it.", valueName: "pid"))
  var pid: Int?

  func run() async throws {
    let pid = pid
    try await MigrationWork.look(options) { connection in
      guard let holder = try await LockHolder.read(connection) else {
        Output.data(Record("done", message: "nobody holds the lock"), "nobody holds the lock")
        return
      }
      guard let pid else {
        throw MigrateFailure(
          code: .locked, message: "the lock is held by \(holder.description)",
          lines: [
            holder.hint
              ?? (holder.isOurs
                ? "HINT: if it hangs, migrate unlock --pid \(holder.pid) ends it."
                : "HINT: it is no session of migrate but of \"\(holder.application)\"; whoever runs it must end it.")
          ])
      }
      guard pid == holder.pid else {
        throw MigrateFailure(
          code: .usage,
          message: "pid \(pid) does not hold the lock; it is held by \(holder.description)",
          lines: [
            "NOW: nothing was ended.",
            "HINT: migrate unlock shows the holder again; with its pid, --pid ends it.",
          ])
      }
      guard holder.isOurs else {
        throw MigrateFailure(
          code: .locked,
          message: "pid \(pid) is no session of migrate but of \"\(holder.application)\"",
          lines: ["NOW: nothing was ended.", "HINT: whoever runs it must end it."])
      }
      let what =
        try await Self.end(holder, connection)
        ? "ended \(holder.description)"
        : "pid \(pid) no longer holds the lock: nothing was ended"
      Output.data(Record("done", message: what), what)
    }
  }

  /// - Returns: Whether it was ended, and had not let go of the lock by itself.
  private static func end(
    _ holder: LockHolder, _ connection: PostgresConnection
  ) async throws -> Bool {
    let hint = "HINT: run migrate unlock as \(holder.user), or as a superuser."
    // Ended is what is proven to be the session that was seen.
    guard let session = holder.session else {
      throw MigrateFailure(
        code: .locked,
        message:
          "pid \(holder.pid) is \(holder.user)'s, and when its session began is hidden from \(holder.asker)",
        lines: ["NOW: nothing was ended.", hint])
    }
    do {
      switch try await LockHolder.end(session, pid: holder.pid, connection) {
      case true?: return true
      case nil: return false
      case false?:
        throw MigrateFailure(
          code: .locked, message: "pid \(holder.pid) has not ended within 5 s",
          lines: [
            "NOW: it was told to end, and holds the lock still.",
            "HINT: see what it does in pg_stat_activity, and try again.",
          ])
      }
    } catch is CancellationError {
      throw LedgerTransaction.stopped(
        "pid \(holder.pid) may have ended or not.",
        hint: "migrate unlock tells whether it holds the lock")
    } catch let error as PostgresError where error.sqlState == "42501" {
      throw MigrateFailure(
        code: .locked, message: "\(holder.asker) may not end pid \(holder.pid): \(error.message)",
        lines: ["NOW: nothing was ended.", hint])
    }
  }
}

internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// `migrate unlock`.
@Suite(.timeLimit(.minutes(3))) struct UnlockTests {
  @Test func onlyOurOwnHolderIsEnded() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT pg_sleep(60);"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("unlock", database).output == "nobody holds the lock\n")
      let connection = try await database.connect()
      try await connection.query("SELECT pg_advisory_lock(x'6d696772617465'::bigint)")
      let pid = await connection.backendPID
      let foreign = try await folder.migrate("unlock", database, "--pid", "\(pid)")
      #expect(foreign.status == 5)
      #expect(foreign.error.contains("pid \(pid) is no session of migrate but of \"\""))
      #expect(foreign.error.contains("NOW: nothing was ended."))
      try await connection.query("SELECT pg_advisory_unlock_all()")

      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await eventually {
        try await connection.value(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        ) == "1"
      }
      let holder = try await connection.value(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
      )!
      let shown = try await folder.migrate("unlock", database)
      #expect(shown.status == 5)
      #expect(
        shown.error.contains(
          "the lock is held by pid \(holder), postgres at the socket, connected for 00:0"),
        "\(shown.error)")
      #expect(shown.error.hasSuffix("HINT: if it hangs, migrate unlock --pid \(holder) ends it.\n"))
      #expect(try await folder.migrate("unlock", database, "--pid", "\(pid)").status == 1)
      let ended = try await folder.migrate("unlock", database, "--pid", holder)
      #expect(ended.status == 0, "\(ended.error)")
      #expect(ended.output.hasPrefix("ended pid \(holder), postgres at the socket"))
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 2)
      #expect(try await folder.migrate("unlock", database).output == "nobody holds the lock\n")
      await connection.close()
    }
  }
}

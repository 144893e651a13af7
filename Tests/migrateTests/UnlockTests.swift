internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable import migrate

/// `migrate unlock`.
@Suite(.timeLimit(.minutes(3))) struct UnlockTests {
  /// Between the look and the end the holder lets go by itself.
  @Test func aHolderThatHasEndedByItselfIsToldAsSuch() async throws {
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      let holder = try await database.connect()
      try await holder.holdRunnersLock()
      let pid = "\(await holder.backendPID)"
      // The answer that shows the holder.
      let relay = StoppingRelay(
        toSocket: "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)", behind: "AS asker")
      defer { relay.stop() }
      let process = try DaemonProcess(
        Tool.product("migrate"), ["unlock", "--pid", pid, "-d", relay.conninfo(database)])
      let connection = try await database.connect()
      try await eventually("\(process.log)") {
        guard relay.hasStopped else { return false }
        // It has been answered.
        return try await connection.value(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%AS asker%' AND state = 'idle'"
        ) == "1"
      }
      try await holder.query("SELECT pg_advisory_unlock_all()")
      relay.goOn()
      try await eventually("\(process.log)") { !process.isRunning }
      #expect(process.exitStatus == 0)
      #expect(process.log == "pid \(pid) no longer holds the lock: nothing was ended\n")
      #expect(try await holder.value("SELECT 1") == "1")
      await connection.close()
      await holder.close()
    }
  }

  /// A pid is given to another session in time; when that began tells them apart.
  @Test func aSessionThatBeganAtAnotherTimeIsNotEnded() async throws {
    try await TestDatabase.with(.empty) { database in
      let holder = try await database.connect()
      try await holder.holdRunnersLock()
      let connection = try await database.connect()
      let seen = try #require(try await LockHolder.read(connection))
      let session = try #require(seen.session)
      for shift in ["-1 microsecond", "1 microsecond", "-1 hour"] {
        var other = session
        other.start = try #require(
          try await connection.value(
            "SELECT '\(session.start)'::timestamptz + '\(shift)'::interval"))
        #expect(try await LockHolder.end(other, pid: seen.pid, connection) == nil, "\(shift)")
      }
      #expect(try await holder.value("SELECT 1") == "1")
      #expect(try await LockHolder.end(session, pid: seen.pid, connection) == true)
      #expect(try await LockHolder.read(connection) == nil)
      await connection.close()
      await holder.close()
    }
  }

  /// What a session calls itself proves nothing.
  @Test func aSessionThatCallsItselfMigrateIsNotEnded() async throws {
    let folder = try SQLFolder()
    try await TestDatabase.with(.empty) { database in
      let holder = try await database.connect()
      try await holder.query("SET application_name = 'migrate'")
      try await holder.query("SELECT pg_advisory_lock(x'6d696772617465'::bigint)")
      let pid = await holder.backendPID
      let refused = try await folder.migrate("unlock", database, "--pid", "\(pid)")
      #expect(refused.status == 5)
      #expect(
        refused.error.contains("pid \(pid) is no session of migrate but of \"migrate\"\n"),
        "\(refused.error)")
      // Nor is one that bears another session's mark.
      try await holder.query("SELECT pg_advisory_lock_shared(x'6d696772'::int, 1)")
      #expect(try await folder.migrate("unlock", database, "--pid", "\(pid)").status == 5)
      #expect(try await holder.value("SELECT 1") == "1")
      await holder.close()
    }
  }

  @Test func aRunnerWhoseFileCallsItSomethingElseIsEnded() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "SET application_name = 'x';\nSELECT pg_sleep(600);\n"
    ])
    try await TestDatabase.with(.empty) { database in
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      let connection = try await database.connect()
      let sleeper =
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep' AND application_name = 'x'"
      try await eventually("\(process.log)") { try await connection.value(sleeper) != nil }
      let pid = try #require(try await connection.value(sleeper))
      let ended = try await folder.migrate("unlock", database, "--pid", pid)
      #expect(ended.status == 0, "\(ended.error)")
      try await eventually { !process.isRunning }
      #expect(process.exitStatus == 2)
      await connection.close()
    }
  }

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
      let another = try await folder.migrate("unlock", database, "--pid", "\(pid)")
      #expect(another.status == 1)
      #expect(
        another.error.hasSuffix(
          "NOW: nothing was ended.\nHINT: migrate unlock shows the holder again; with its pid, --pid ends it.\n"
        ), "\(another.error)")
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

internal import Postgres
internal import TestSupport
internal import Testing

/// A runner that waits for another one must not be waited for by it.
@Suite(.timeLimit(.minutes(3))) struct WaitingRunnerTests {
  @Test func aWaiterIsInNoTransaction() async throws {
    let folder = try SQLFolder(["migrations/0001_create_b.sql": "CREATE TABLE b (n int);"])
    try await TestDatabase.with(.empty) { database in
      let holder = try await database.connect()
      let connection = try await database.connect()
      try await holder.query("SELECT pg_advisory_lock(x'6d696772617465'::bigint)")
      let process = try DaemonProcess(Tool.product("migrate"), folder.arguments("up", database))
      try await process.waitForLine("waiting for another runner: pid \(await holder.backendPID), ")
      // Between two of its questions.
      let waiter = """
        FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'migrate'
          AND state LIKE 'idle%' AND query LIKE '%pg_%'
        """
      var idle: String?
      for _ in 0..<5 {
        try await eventually("\(process.log)") {
          idle = try await connection.value(
            "SELECT concat_ws(' ', state, xact_start, backend_xid, backend_xmin) \(waiter)")
          return idle != nil
        }
        #expect(idle == "idle")
      }
      // It waits for every transaction that may see the old state of the table.
      try await holder.query("CREATE TABLE a (n int)")
      try await holder.query("CREATE INDEX CONCURRENTLY a_n ON a (n)")
      #expect(process.isRunning)
      try await holder.query("SELECT pg_advisory_unlock_all()")
      try await eventually("\(process.log)") { !process.isRunning }
      #expect(process.exitStatus == 0, "\(process.log)")
      await holder.close()
      await connection.close()
    }
  }
}

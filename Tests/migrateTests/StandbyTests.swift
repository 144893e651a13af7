internal import Glibc
internal import Postgres
internal import TestSupport
internal import Testing

/// A real standby, of a cluster of the test's own.
@Suite(.timeLimit(.minutes(5))) struct StandbyTests {
  @Test func aStandbyIsRefusedAndPassedOver() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    let stack = try await Stack.start(only: "postgres")
    do {
      let standby = try await PostgresServer.copy(of: stack, name: "standby")
      try await standby.start()
      let there = "host=\(stack.postgresHost) port=\(standby.port) user=postgres dbname=postgres"
      for command in ["up", "status", "unlock"] {
        let refused = try await Tool.run(
          Tool.product("migrate"), [command, "-d", there, "--sql-dir", folder.path])
        #expect(refused.status == 2)
        #expect(
          refused.error == """
            migrate: error: the server is a standby; migrations run on the primary
            NOW: nothing was done.
            HINT: with several hosts, add target_session_attrs=read-write.

            """)
      }
      let hosts =
        "host=\(stack.postgresHost),\(stack.postgresHost) port=\(standby.port),\(stack.postgresPort) user=postgres dbname=postgres"
      let first = try await Tool.run(
        Tool.product("migrate"), ["up", "-d", hosts, "--sql-dir", folder.path])
      #expect(first.status == 2)
      let writable = try await Tool.run(
        Tool.product("migrate"),
        ["up", "-d", "\(hosts) target_session_attrs=read-write", "--sql-dir", folder.path])
      #expect(writable.status == 0, "\(writable.error)")
    } catch {
      try? await stack.destroy()
      throw error
    }
    try await stack.destroy()
  }

  /// A COMMIT that waits for a standby is no silence.
  @Test func aCommitThatWaitsForAStandbyIsShown() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    let stack = try await Stack.start(only: "postgres")
    do {
      let conninfo =
        "host=\(stack.postgresHost) port=\(stack.postgresPort) user=postgres dbname=postgres"
      let arguments = ["up", "-d", conninfo, "--sql-dir", folder.path]
      #expect(try await Tool.run(Tool.product("migrate"), arguments).status == 0)
      try folder.write("migrations/0002_create_b.sql", "CREATE TABLE b (n int);")
      let connection = try await PostgresConnection.connect(
        PostgresConfiguration(conninfo: conninfo))
      try await connection.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
      try await connection.query("SELECT pg_reload_conf()")
      let process = try DaemonProcess(Tool.product("migrate"), arguments)
      try await process.waitForLine("migrations/0002_create_b.sql: COMMIT  runs  ")
      #expect(try await process.stop(SIGINT) == 130)
      #expect(
        process.log.contains("NOW: migrations/0002_create_b.sql is applied, "), "\(process.log)")
      await connection.close()
    } catch {
      try? await stack.destroy()
      throw error
    }
    try await stack.destroy()
  }
}

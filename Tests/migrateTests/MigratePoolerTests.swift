internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// A real PgBouncer. In transaction mode the session that has the lock is not the one that runs the next
/// statement; in another one cannot be seen from here, so none is trusted.
@Suite(.timeLimit(.minutes(2))) struct MigratePoolerTests {
  /// Why, and what to do.
  private static let rest = """
    NOW: nothing was applied. A pooler may give the next statement to another session, and the lock that lets one runner work at a time stays with the first.
    HINT: connect to PostgreSQL itself.

    """
  private static let files = ["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"]

  /// The one that the platform has, which refuses the settings that migrate starts with.
  @Test func thePlatformsPoolerIsRefused() async throws {
    let folder = try SQLFolder(Self.files)
    let stack = try await Stack.current.withPgBouncer()
    try await TestDatabase.with(.migrated) { database in
      for command in ["up", "status"] {
        let result = try await Tool.run(
          Tool.product("migrate"),
          [
            command, "-h", stack.pgbouncerHost, "-p", stack.pgbouncerPort, "-U", "app", "-d",
            database.name, "--sql-dir", folder.path,
          ])
        #expect(result.status == 5, "\(result.error)")
        #expect(
          result.error
            == "migrate: error: a pooler that takes no options stands before the server\n\(Self.rest)"
        )
      }
    }
  }

  /// One that passes over what it does not know.
  @Test(arguments: ["transaction", "session"])
  func aPoolerThatIgnoresSettingsIsRefused(mode: String) async throws {
    let folder = try SQLFolder(Self.files)
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      try folder.write("pooler/users", "\"postgres\" \"\"\n")
      try folder.write(
        "pooler/pgbouncer.ini",
        """
        [databases]
        * = host=\(stack.postgresHost) port=\(stack.postgresPort)
        [pgbouncer]
        listen_port = 6432
        unix_socket_dir = \(folder.path)/pooler
        auth_type = trust
        auth_file = \(folder.path)/pooler/users
        pool_mode = \(mode)
        ignore_startup_parameters = extra_float_digits,options
        """)
      // It refuses to run as root, and makes its socket itself.
      chmod("\(folder.path)/pooler", 0o777)
      let pooler = try DaemonProcess(
        "/usr/bin/env",
        PostgresServer.asOwner
          + [
            "/usr/bin/env", "PATH=/usr/sbin:/usr/bin:/bin", "pgbouncer",
            "\(folder.path)/pooler/pgbouncer.ini",
          ])
      let conninfo = "host=\(folder.path)/pooler port=6432 user=postgres dbname=\(database.name)"
      try await eventually("pgbouncer: \(pooler.log)") {
        guard
          let connection = try? await PostgresConnection.connect(
            PostgresConfiguration(conninfo: conninfo))
        else { return false }
        await connection.close()
        return true
      }
      for command in ["up", "status"] {
        let result = try await Tool.run(
          Tool.product("migrate"), [command, "-d", conninfo, "--sql-dir", folder.path])
        #expect(result.status == 5, "\(result.error)")
        #expect(
          result.error
            == "migrate: error: the connection goes through a pooler, which may lose session locks\n\(Self.rest)"
        )
      }
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regclass('a')") == nil)
      await connection.close()
      try await pooler.stop(SIGTERM)
    }
  }
}

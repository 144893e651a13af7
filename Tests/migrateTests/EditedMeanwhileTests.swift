internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Files that are edited, or removed, while migrate runs: what it says is true then is true.
@Suite(.timeLimit(.minutes(3))) struct EditedMeanwhileTests {
  enum Change: String, CaseIterable {
    case edited, removed

    func make(_ path: String, in folder: SQLFolder) throws {
      switch self {
      case .edited: try folder.write(path, "SELECT 'other';\n")
      case .removed: try folder.remove(path)
      }
    }

    func message(_ path: String, in folder: SQLFolder) -> String {
      let what =
        switch self {
        case .edited: "\(path) was changed while migrate ran"
        case .removed: "cannot read \(folder.path)/\(path): No such file or directory"
        }
      return "migrate: error: \(what)\n"
    }

    /// What to do.
    var hint: String {
      let again = "HINT: run migrate again when the file is as it is to be.\n"
      return switch self {
      case .edited: again
      case .removed:
        "HINT: it has gone meanwhile, or is a link to nothing; bring it back, or remove the link.\n"
          + again
      }
    }
  }

  /// Stands still until the test goes on.
  private static let waits =
    "-- migrate: lock_timeout=60s\nSELECT pg_advisory_xact_lock_shared(1);\n"

  /// Runs `up`, and changes a file while another one waits.
  private func up(
    _ files: [String: String], _ change: Change, _ path: String, _ arguments: [String] = [],
    _ check: (DaemonProcess, SQLFolder, PostgresConnection) async throws -> Void
  ) async throws {
    let folder = try SQLFolder(files)
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.query("SELECT pg_advisory_lock(1)")
      let process = try DaemonProcess(
        Tool.product("migrate"), folder.arguments("up", database) + arguments)
      try await eventually("\(process.log)") {
        try await connection.value(
          "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ) == "1"
      }
      try change.make(path, in: folder)
      try await connection.query("SELECT pg_advisory_unlock(1)")
      try await eventually("\(process.log)") { !process.isRunning }
      #expect(process.exitStatus == 1, "\(process.log)")
      try await check(process, folder, connection)
      await connection.close()
    }
  }

  @Test(arguments: Change.allCases)
  func aVersionedFileWasNotBegun(change: Change) async throws {
    let path = "migrations/0003_create_c.sql"
    try await up(
      [
        "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
        "migrations/0002_create_b.sql": Self.waits, path: "CREATE TABLE c (n int);",
      ], change, path
    ) { (process, folder, connection) async throws in
      #expect(
        process.log.hasSuffix(
          change.message(path, in: folder)
            + "NOW: \(path) was not begun; 2 files before it stay applied.\n\(change.hint)"),
        "\(process.log)")
      #expect(
        try await connection.value("SELECT string_agg(version::text, ' ') FROM migrate.ledger")
          == "1 2")
    }
  }

  @Test(arguments: Change.allCases)
  func theRepeatableFilesAreRolledBack(change: Change) async throws {
    try await up(
      [
        "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
        "v/a.sql": Self.waits + "CREATE VIEW v AS SELECT n FROM a;", "v/b.sql": "SELECT 1;\n",
        "MANIFEST": "v",
      ], change, "v/b.sql"
    ) { (process, folder, connection) async throws in
      #expect(
        process.log.hasSuffix(
          change.message("v/b.sql", in: folder)
            + "NOW: all 2 repeatable files rolled back; 1 file before it stays applied.\n\(change.hint)"
        ), "\(process.log)")
      #expect(try await connection.value("SELECT to_regclass('v')") == nil)
      #expect(try await connection.value("SELECT count(*) FROM migrate.ledger") == "1")
    }
  }

  @Test(arguments: Change.allCases) func aRehearsalIsRolledBack(change: Change) async throws {
    let path = "migrations/0002_create_b.sql"
    try await up(
      ["migrations/0001_create_a.sql": "CREATE TABLE a (n int);\n", path: "SELECT 1;"].merging([
        "migrations/0001_create_a.sql": Self.waits + "CREATE TABLE a (n int);\n"
      ]) { $1 }, change, path, ["--rehearse"]
    ) { (process, folder, connection) async throws in
      #expect(
        process.log.hasSuffix(
          change.message(path, in: folder)
            + "NOW: it was a rehearsal; everything was rolled back.\n\(change.hint)"),
        "\(process.log)")
      #expect(try await connection.value("SELECT to_regclass('a')") == nil)
    }
  }

  @Test(arguments: Change.allCases) func theChecksAreNotAsked(change: Change) async throws {
    try await up(
      [
        "migrations/0001_create_a.sql": Self.waits,
        "checks.sql":
          "SELECT 'error' AS severity, 'c' AS check, 'o' AS object, 'f' AS fix WHERE false",
      ], change, "checks.sql"
    ) { (process, folder, connection) async throws in
      #expect(
        process.log.hasSuffix(
          change.message("checks.sql", in: folder)
            + "NOW: all files are applied, but checks.sql could not be asked.\n\(change.hint)"),
        "\(process.log)")
      #expect(try await connection.value("SELECT count(*) FROM migrate.ledger") == "1")
    }
  }

  /// Runs a command that stands still behind one of its messages to the server, and changes a file meanwhile.
  private func run(
    _ arguments: [String], _ folder: SQLFolder, _ database: TestDatabase, behind text: String,
    count: Int = 1, _ change: () throws -> Void
  ) async throws -> DaemonProcess {
    let stack = Stack.current
    let relay = StoppingRelay(
      toSocket: "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)", behind: text, count: count)
    defer { relay.stop() }
    let process = try DaemonProcess(
      Tool.product("migrate"),
      arguments + ["--sql-dir", folder.path, "-d", relay.conninfo(database)])
    try await eventually("\(process.log)") { relay.hasStopped || !process.isRunning }
    try change()
    relay.goOn()
    try await eventually("\(process.log)") { !process.isRunning }
    return process
  }

  @Test(arguments: Change.allCases) func aPartialFileIsAsItWas(change: Change) async throws {
    let path = "migrations/0001_create_a.sql"
    let folder = try SQLFolder([
      path: "-- migrate: no-transaction\nCREATE TABLE a (n int);\nSELECT 1 / 0;\n"
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 10)
      // The ledger's state is read for the plan, and once more before the file.
      let process = try await run(
        ["resume"], folder, database, behind: "WITH RECURSIVE mine", count: 2
      ) { try change.make(path, in: folder) }
      #expect(process.exitStatus == 1)
      #expect(
        process.log
          == change.message(path, in: folder)
          + "NOW: \(path) is applied in part: 1 of 2 statements are done.\n\(change.hint)")
      let connection = try await database.connect()
      #expect(
        try await connection.value(
          "SELECT string_agg(event, ' ' ORDER BY entry_id) FROM migrate.ledger")
          == "started progressed failed")
      await connection.close()
    }
  }

  @Test(arguments: Change.allCases) func aBaselineIsNotRecorded(change: Change) async throws {
    let path = "migrations/0002_create_b.sql"
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1;", path: "SELECT 2;"])
    try await TestDatabase.with(.empty) { database in
      let process = try await run(
        ["baseline", "--at", "2"], folder, database, behind: "'baselined', '"
      ) { try change.make(path, in: folder) }
      #expect(process.exitStatus == 1)
      #expect(
        process.log
          == change.message(path, in: folder) + "NOW: nothing was recorded.\n\(change.hint)")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regnamespace('migrate')") == nil)
      await connection.close()
    }
  }

  /// Which objects are a migration's by now, its text tells.
  @Test(arguments: Change.allCases) func nothingIsPruned(change: Change) async throws {
    let path = "migrations/0001_create_a.sql"
    let folder = try SQLFolder(["v/v.sql": "CREATE VIEW v AS SELECT 1 AS n;", "MANIFEST": "v"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.remove("v/v.sql")
      try folder.write("MANIFEST", "")
      try folder.write(path, "CREATE TABLE a (n int);")
      let process = try await run(
        ["up", "--prune"], folder, database, behind: "max(entry_id) AS entry"
      ) { try change.make(path, in: folder) }
      #expect(process.exitStatus == 1)
      #expect(
        process.log.hasSuffix(
          change.message(path, in: folder)
            + "NOW: the files are applied; nothing was dropped.\n\(change.hint)"), "\(process.log)")
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regclass('v')") == "v")
      await connection.close()
    }
  }
}

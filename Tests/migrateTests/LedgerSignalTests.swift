internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// A signal while something is written down, or dropped, and no file runs: what is told is true, and says what
/// the server has answered if it has.
@Suite(.timeLimit(.minutes(3))) struct LedgerSignalTests {
  enum Command: String, CaseIterable {
    case up, baseline, repair, skip, prune

    var arguments: [String] {
      switch self {
      case .up: ["up"]
      case .baseline: ["baseline", "--at", "1"]
      case .repair: ["repair", "1", "--reason", "x"]
      case .skip: ["resume", "--skip", "--reason", "x"]
      case .prune: ["up", "--prune"]
      }
    }

    /// What `up` has seen before.
    var before: [String: String] {
      switch self {
      case .up, .baseline: [:]
      case .repair: [LedgerSignalTests.path: "SELECT 1;"]
      case .skip: [LedgerSignalTests.path: "-- migrate: no-transaction\nSELECT 1 / 0;\nSELECT 2;\n"]
      case .prune:
        [
          LedgerSignalTests.path: "SELECT 1;", "v/v.sql": "CREATE VIEW v AS SELECT 1 AS n;",
          "MANIFEST": "v",
        ]
      }
    }

    var files: [String: String] {
      switch self {
      case .up, .baseline, .repair: [LedgerSignalTests.path: "SELECT 2;"]
      case .skip: before
      case .prune:
        [
          LedgerSignalTests.path: "SELECT 1;",
          "checks.sql":
            "SELECT 'warning' AS severity, 'c' AS check, 'o' AS object, 'f' AS fix WHERE false",
        ]
      }
    }

    /// What is sent right before its COMMIT.
    var write: String {
      switch self {
      case .up: "SELECT 2;\0"
      case .baseline: "'baselined', '"
      case .repair: "'repaired', '"
      case .skip: "'progressed', '"
      case .prune: "DROP view"
      }
    }

    /// Whether it is done.
    var isDone: String {
      switch self {
      case .up:
        "SELECT to_regclass('migrate.ledger') IS NOT NULL AND (SELECT count(*) FROM migrate.ledger) = 1"
      case .baseline: "SELECT to_regclass('migrate.ledger') IS NOT NULL"
      case .repair, .skip, .prune:
        "SELECT count(*) > 0 FROM migrate.ledger WHERE reason IS NOT NULL"
      }
    }
  }

  private static let path = "migrations/0001_create_a.sql"

  /// Runs a command through a relay that keeps back the server's answer to a message.
  private func stopped(
    _ command: Command, behind text: String, goesOn: Bool,
    _ check: (DaemonProcess, PostgresConnection) async throws -> Void
  ) async throws {
    let folder = try SQLFolder(command.before)
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      if !command.before.isEmpty {
        let up = try await folder.migrate("up", database)
        #expect(up.status == (command == .skip ? 3 : 0), "\(up.error)")
      }
      for name in command.before.keys { try folder.remove(name) }
      for (name, text) in command.files { try folder.write(name, text) }
      let relay = StoppingRelay(
        toSocket: "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)", behind: text,
        goesOnBehindCancel: goesOn)
      defer { relay.stop() }
      let process = try DaemonProcess(
        Tool.product("migrate"),
        command.arguments + ["--sql-dir", folder.path, "-d", relay.conninfo(database)])
      try await eventually("\(command): \(process.log)") {
        relay.hasStopped || !process.isRunning
      }
      let connection = try await database.connect()
      if text == Self.commit {
        try await eventually("\(command): \(process.log)") {
          try await connection.value(command.isDone) == "t"
        }
      }
      try await process.stop(SIGTERM)
      try await check(process, connection)
      await connection.close()
    }
  }

  private static let commit = "COMMIT\0"

  /// The signal comes before COMMIT is sent.
  @Test(arguments: Command.allCases) func whatWasNotCommittedIsNotDone(command: Command)
    async throws
  {
    try await stopped(command, behind: command.write, goesOn: true) {
      (process, connection) async throws in
      #expect(process.exitStatus == 143, "\(process.log)")
      let now =
        switch command {
        case .up: "\(Self.path) rolled back; nothing was applied."
        case .baseline, .repair, .skip: "nothing was recorded."
        case .prune: "the files are applied; nothing was dropped."
        }
      #expect(
        process.log.contains("migrate: error: stopped by a signal\nNOW: \(now)\nHINT: "),
        "\(process.log)")
      let isThere = try await connection.value("SELECT to_regclass('migrate.ledger') IS NOT NULL")
      #expect(isThere == (command == .baseline ? "f" : "t"))
      if isThere == "t" {
        #expect(try await connection.value(command.isDone) == "f")
      }
    }
  }

  /// COMMIT has been carried out, and its answer comes behind the signal.
  @Test(arguments: Command.allCases) func whatWasCommittedIsToldAsDone(command: Command)
    async throws
  {
    try await stopped(command, behind: Self.commit, goesOn: true) {
      (process, connection) async throws in
      let now: String? =
        switch command {
        case .up: "\(Self.path) is applied, and so is what was before."
        // All that there was to do.
        case .baseline, .repair: nil
        case .skip: "statement 1 of \(Self.path) is recorded as done; nothing else was changed."
        case .prune:
          "all files are applied, and what was stale is dropped; the checks were not asked."
        }
      #expect(process.exitStatus == (now == nil ? 0 : 143), "\(process.log)")
      if let now {
        #expect(
          process.log.contains("migrate: error: stopped by a signal\nNOW: \(now)\nHINT: "),
          "\(process.log)")
      } else {
        #expect(process.log == "\(command == .repair ? "repaired" : "baselined")  \(Self.path)\n")
      }
      #expect(try await connection.value(command.isDone) == "t")
    }
  }

  /// COMMIT has been carried out, and its answer does not come.
  @Test(arguments: [Command.baseline, .repair, .skip, .prune])
  func whatNobodyKnowsIsToldAsUnknown(command: Command) async throws {
    try await stopped(command, behind: Self.commit, goesOn: false) {
      (process, _) async throws in
      #expect(process.exitStatus == 143, "\(process.log)")
      #expect(
        process.log.hasSuffix(
          " was being committed: all of it is there, or nothing. migrate history tells which.\nHINT: run migrate again to go on.\n"
        ), "\(process.log)")
    }
  }

  /// Whether the holder of the lock was ended, `unlock` does not know then.
  @Test func whomUnlockEndsMayHaveEnded() async throws {
    let stack = Stack.current
    try await TestDatabase.with(.empty) { database in
      let holder = try await database.connect()
      try await holder.holdRunnersLock()
      let pid = await holder.backendPID
      let relay = StoppingRelay(
        toSocket: "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)",
        behind: "pg_terminate_backend")
      defer { relay.stop() }
      let process = try DaemonProcess(
        Tool.product("migrate"), ["unlock", "--pid", "\(pid)", "-d", relay.conninfo(database)])
      try await eventually("\(process.log)") { relay.hasStopped || !process.isRunning }
      #expect(try await process.stop(SIGINT) == 130)
      #expect(
        process.log == """
          migrate: error: stopped by a signal
          NOW: pid \(pid) may have ended or not.
          HINT: migrate unlock tells whether it holds the lock.

          """)
      await holder.close()
    }
  }
}

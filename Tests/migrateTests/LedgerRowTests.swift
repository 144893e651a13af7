internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable import migrate

/// What a row of the ledger says of who applied a file, and how long it took.
@Suite(.timeLimit(.minutes(3))) struct LedgerRowTests {
  /// With `role` among the connection's options, the login has none of the rights that it migrates with.
  @Test func theRoleAndTheLoginAreToldApart() async throws {
    let id = "test_" + UUID().uuidString.lowercased().prefix(8)
    // What a file makes of its role ends with it.
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql":
        "CREATE TABLE a (n int);\nSET ROLE \(id)_other;\nSELECT 1;\n",
      "migrations/0002_create_b.sql":
        "-- migrate: no-transaction\nCREATE TABLE b (n int);\nSET ROLE \(id)_other;\nSELECT 1;\n",
      "v/v.sql": "CREATE VIEW v AS SELECT n FROM a;\n", "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        """
        CREATE ROLE \(id)_other;
        CREATE ROLE \(id)_owner IN ROLE \(id)_other;
        CREATE ROLE \(id)_login LOGIN NOINHERIT IN ROLE \(id)_owner;
        GRANT CREATE ON DATABASE \(database.name) TO \(id)_owner;
        GRANT CREATE ON SCHEMA public TO \(id)_owner;
        """)
      func migrate(_ command: String) async throws -> Tool.Result {
        try await Tool.run(
          Tool.product("migrate"),
          [
            command, "--sql-dir", folder.path, "-d",
            "\(database.conninfo(user: "\(id)_login")) options='-c role=\(id)_owner'",
          ])
      }
      let up = try await migrate("up")
      #expect(up.status == 0, "\(up.error)")
      #expect(
        try await connection.value(
          "SELECT string_agg(DISTINCT concat_ws(' as ', login, applied_as), ',') FROM migrate.ledger"
        ) == "\(id)_login as \(id)_owner")
      #expect(
        try await connection.value(
          "SELECT string_agg(DISTINCT relowner::regrole::text, ',') FROM pg_class WHERE relname IN ('a', 'b', 'v', 'ledger')"
        ) == "\(id)_owner")
      let history = try await migrate("history")
      #expect(history.status == 0, "\(history.error)")
      let lines = history.output.split(separator: "\n")
      #expect(
        lines.count >= 3 && lines.allSatisfy { $0.contains("  by \(id)_login as \(id)_owner on ") },
        "\(history.output)")
      // Roles are the cluster's, and outlive the database.
      try await connection.execute(
        "DROP OWNED BY \(id)_owner, \(id)_other CASCADE; DROP ROLE \(id)_login, \(id)_owner, \(id)_other"
      )
      await connection.close()
    }
  }

  /// Versioned files are a transaction each, repeatable ones share one: to each its own time.
  @Test func aFileTakesAtLeastAsLongAsItSleeps() async throws {
    let sleeps = [
      "migrations/0001_create_a.sql": 0.4, "migrations/0002_create_b.sql": 0.2, "v/v.sql": 0.3,
      "v/w.sql": 0.2,
    ]
    let folder = try SQLFolder(
      sleeps.mapValues { "SELECT 1;\nSELECT pg_sleep(\($0));\n" }.merging(["MANIFEST": "v"]) { $1 })
    try await TestDatabase.with(.empty) { database in
      let up = try await folder.migrate("up", database, "--format", "ndjson")
      #expect(up.status == 0, "\(up.error)")
      let records = try up.output.split(separator: "\n").map {
        try JSONDecoder().decode(Record.self, from: Data($0.utf8))
      }.filter { $0.event == "file" }
      #expect(records.count == 4, "\(up.output)")
      let connection = try await database.connect()
      for record in records {
        let path = try #require(record.path)
        let least = try #require(sleeps[path]) * 1000
        #expect(try #require(record.milliseconds) >= least, "\(record)")
        let row = try await connection.query(
          "SELECT milliseconds, started_at <= clock_timestamp() - make_interval(secs => $2::float8 / 1000) AS began FROM migrate.ledger WHERE path = $1",
          [.text(path), .text("\(least)")])[0]
        #expect(try row.decode("milliseconds", as: Double.self) >= least, "\(path)")
        #expect(row["began"] == "t", "\(path)")
      }
      await connection.close()
    }
  }
}

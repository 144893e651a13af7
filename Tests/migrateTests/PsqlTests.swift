internal import Postgres
internal import TestSupport
internal import Testing

/// psql runs the files all the same: what a header says is a comment to it.
@Suite(.timeLimit(.minutes(3))) struct PsqlTests {
  private static let first = "migrations/0001_create_a.sql"
  private static let last = "migrations/0002_create_b.sql"

  /// Nothing of it would do without its header: the index needs no transaction, its number comes too late, and
  /// of `lock_timeout` it keeps what psql has, too.
  private static let files = [
    first: """
    -- What an earlier branch has left behind.
    -- migrate: no-transaction, lock_timeout=0
    -- migrate: out-of-order-ok
    CREATE TABLE a AS SELECT n, current_setting('lock_timeout') AS waits FROM generate_series(1, 3) AS n;
    COPY a FROM stdin;
    4\t-- migrate: nothing
    \\.
    CREATE UNIQUE INDEX CONCURRENTLY a_n ON a (n) INCLUDE (waits) WHERE n > 1;
    DROP INDEX CONCURRENTLY IF EXISTS b_n;
    VACUUM a;
    COMMENT ON INDEX a_n IS 'b''s';

    """,
    last: "CREATE TABLE b (n int);\nCREATE INDEX b_n ON b (n);\n",
  ]

  /// Schema and rows, without the ledger.
  private func dump(_ database: TestDatabase) async throws -> String {
    let dump = try await Tool.run(
      "\(Stack.current.postgresBin)/pg_dump",
      ["--restrict-key=x", "--exclude-schema=migrate", "-d", database.conninfo()])
    #expect(dump.status == 0, "\(dump.error)")
    return dump.output
  }

  enum Case: Int32, CaseIterable {
    case fine = 0
    case unreadable, noServer, refused
  }

  /// The first exit codes are psql's own.
  @Test(arguments: Case.allCases) func exitCodesAreThoseOfPsql(of the: Case) async throws {
    let path = "migrations/0001_create_a.sql"
    let folder = try SQLFolder([path: the == .refused ? "SELECT 1 / 0;\n" : "SELECT 1;\n"])
    if the == .unreadable {
      // A folder by that name: no right keeps a superuser from a file.
      try folder.remove(path)
      try folder.write("\(path)/x", "")
    }
    try await TestDatabase.with(.empty) { database in
      let there = the == .noServer ? "host=/nowhere dbname=x" : database.conninfo()
      let psql = try await Tool.run(
        "\(Stack.current.postgresBin)/psql",
        ["-Xq", "-v", "ON_ERROR_STOP=1", "-d", there, "-f", "\(folder.path)/\(path)"])
      let migrate = try await Tool.run(
        Tool.product("migrate"), ["up", "-d", there, "--sql-dir", folder.path])
      #expect(psql.status == the.rawValue, "\(psql.error)")
      #expect(migrate.status == psql.status, "\(migrate.error)")
    }
  }

  @Test func aFileWithEveryHeaderIsPsqls() async throws {
    let folder = try SQLFolder([Self.last: Self.files[Self.last]!])
    let ours = try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write(Self.first, Self.files[Self.first]!)
      let up = try await folder.migrate("up", database)
      #expect(up.status == 0, "\(up.error)")
      return try await dump(database)
    }
    try await TestDatabase.with(.empty) { database in
      for file in [Self.last, Self.first] {
        let psql = try await Tool.run(
          "\(Stack.current.postgresBin)/psql",
          [
            "-Xq", "-v", "ON_ERROR_STOP=1", "-d", database.conninfo(), "-f",
            "\(folder.path)/\(file)",
          ],
          environment: ["PGOPTIONS": ""])
        #expect(psql.status == 0 && psql.output.isEmpty, "\(psql.output)\(psql.error)")
      }
      #expect(try await dump(database) == ours)
      let connection = try await database.connect()
      #expect(
        try await connection.value(
          "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_n'::regclass")
          == "t")
      #expect(try await connection.value("SELECT to_regclass('b_n') IS NULL") == "t")
      await connection.close()
    }
  }
}

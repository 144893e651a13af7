internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// `CREATE INDEX CONCURRENTLY`: what is there decides what is done.
@Suite(.timeLimit(.minutes(3))) struct IndexBuildTests {
  private static let path = "migrations/0001_index_a.sql"

  private static let index = """
    -- migrate: no-transaction
    CREATE TABLE a (n int);
    INSERT INTO a VALUES (1), (1);
    CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_n ON a (n);
    VACUUM a;

    """

  private func isValid(_ connection: PostgresConnection) async throws -> String? {
    try await connection.value(
      "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('a_n')")
  }

  /// The INVALID index is PostgreSQL's own doing: a unique index over duplicate rows.
  @Test func aFailedBuildIsNamedAndBuiltAnew() async throws {
    let folder = try SQLFolder([
      Self.path: Self.index, "migrations/0002_create_b.sql": "CREATE TABLE b (n int);",
    ])
    try await TestDatabase.with(.empty) { database in
      let failed = try await folder.migrate("up", database)
      #expect(failed.status == 10)
      #expect(
        failed.error == """
          migrate: error: \(Self.path):4:1: ERROR: could not create unique index "a_n"
          SQLSTATE: 23505
          DETAIL: Key (n)=(1) is duplicated.
          NOW: \(Self.path) is applied in part: 2 of 4 statements are done.
          The index a_n is left INVALID: no query uses it, every write pays for it. migrate resume builds it anew.
          Mend it, and go on with statement 3: migrate resume

          """)
      let connection = try await database.connect()
      #expect(try await isValid(connection) == "f")

      let state = """
        NOW: 2 of 4 statements are done; statement 3 was refused: could not create unique index "a_n" (SQLSTATE 23505).
        AT: \(Self.path):4:1: CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_n ON a (n);
        NEXT: mend statement 3 of \(Self.path), then: migrate resume

        """
      let status = try await folder.migrate("status", database)
      #expect(status.status == 0)
      #expect(status.output == "partial  \(Self.path)\npending  migrations/0002_create_b.sql\n")
      #expect(status.error == state)
      #expect(try await folder.migrate("status", database, "--check").status == 10)
      let up = try await folder.migrate("up", database)
      #expect(up.status == 10)
      #expect(up.error == "migrate: error: \(Self.path) is applied in part\n" + state)

      try await connection.query("DELETE FROM a WHERE ctid = (SELECT min(ctid) FROM a)")
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(
        resumed.error
          == "\(Self.path): the index a_n is INVALID, left by a build that failed: built anew\n")
      #expect(
        resumed.plainOutput == """
          applied  \(Self.path)  N ms
          applied  migrations/0002_create_b.sql  N ms
          done: 2 of 2 files applied in N ms

          """)
      #expect(try await isValid(connection) == "t")
      // Nothing ran twice.
      #expect(try await connection.value("SELECT count(*) FROM a") == "1")
      #expect(
        try await connection.value(
          "SELECT string_agg(event, ' ' ORDER BY entry_id) FROM migrate.ledger WHERE version = 1")
          == "started progressed progressed failed resumed progressed progressed applied")
      await connection.close()
    }
  }

  @Test func oneOfTheSameNameInAnotherSchemaIsLeftAlone() async throws {
    let folder = try SQLFolder([
      Self.path: """
      -- migrate: no-transaction
      SET search_path = one, two;
      CREATE UNIQUE INDEX CONCURRENTLY a_n ON a (n);
      """
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        """
        CREATE SCHEMA one; CREATE TABLE one.b (n int); CREATE INDEX a_n ON one.b (n);
        CREATE SCHEMA two; CREATE TABLE two.a (n int); INSERT INTO two.a VALUES (1), (1);
        """)
      let first = try await connection.value("SELECT 'one.a_n'::regclass::oid")
      #expect(try await folder.migrate("up", database).status == 10)
      try await connection.query("DELETE FROM two.a")
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(resumed.error.contains("the index a_n is INVALID"), "\(resumed.error)")
      #expect(try await connection.value("SELECT to_regclass('one.a_n')::oid") == first)
      #expect(
        try await connection.value(
          "SELECT indisvalid FROM pg_index WHERE indexrelid = 'two.a_n'::regclass") == "t")
      await connection.close()
    }
  }

  private func up(
    _ prepare: String, _ statement: String
  ) async throws -> (result: Tool.Result, definition: String?) {
    let folder = try SQLFolder([Self.path: "-- migrate: no-transaction\n\(statement)\n"])
    return try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      for each in prepare.split(separator: ";") { _ = try? await connection.query(String(each)) }
      let result = try await folder.migrate("up", database)
      let definition = try await connection.value(
        """
        SELECT pg_get_indexdef(indexrelid) || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END
        FROM pg_index WHERE indexrelid = to_regclass('a_n')
        """)
      await connection.close()
      return (result, definition)
    }
  }

  private static let table = "CREATE TABLE a (n int, \"T\" text);"

  @Test(arguments: [
    ("CREATE INDEX a_n ON a (n)", "(n)"),
    ("CREATE INDEX a_n ON a (lower(\"T\")) WHERE n > 1", "( lower ( \"T\" ) ) WHERE (n>1)"),
    (
      "CREATE UNIQUE INDEX a_n ON a USING btree (n DESC) INCLUDE (\"T\")",
      "(n desc) include (\"T\")"
    ),
  ])
  func anEqualIndexIsTakenOver(existing: String, wanted: String) async throws {
    let unique = existing.contains("UNIQUE") ? "UNIQUE " : ""
    let (result, definition) = try await up(
      Self.table + existing, "CREATE \(unique)INDEX CONCURRENTLY a_n ON public.a \(wanted);")
    #expect(result.status == 0, "\(result.error)")
    #expect(
      result.error
        == "\(Self.path): the index a_n is there already, valid and equal: taken over\n")
    #expect(definition?.contains("INVALID") == false)
  }

  @Test(arguments: [
    ("CREATE INDEX a_n ON a (\"T\")", "there is an index a_n of another definition"),
    ("CREATE UNIQUE INDEX a_n ON a (n)", "there is an index a_n of another definition"),
    (
      "ALTER TABLE a ADD CONSTRAINT a_n UNIQUE (n) DEFERRABLE",
      "there is an index a_n of another definition: UNIQUE USING btree (n) DEFERRABLE; wanted: "
    ),
    ("CREATE TABLE a_n (n int)", "a_n is there already: table a_n"),
    (
      "CREATE TABLE b (n int);CREATE INDEX a_n ON b (n)", "a_n is there already: index a_n"
    ),
  ])
  func anotherOneOfThatNameIsRefused(existing: String, message: String) async throws {
    // Of a constraint it differs in nothing but that it is checked late.
    let kind = existing.contains("DEFERRABLE") ? "UNIQUE INDEX" : "INDEX"
    for statement in [
      "CREATE \(kind) CONCURRENTLY a_n", "CREATE \(kind) CONCURRENTLY IF NOT EXISTS a_n",
    ] {
      let (result, _) = try await up(Self.table + existing, statement + " ON a (n);")
      #expect(result.status == 3)
      #expect(
        result.error.hasPrefix("migrate: error: \(Self.path):2:1: \(message)"), "\(result.error)")
    }
  }

  /// PostgreSQL leaves it out where it prints an index.
  @Test func anIndexInAnotherTablespaceIsAnotherOne() async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      // Several tests' at once; the folder is PostgreSQL's own.
      let space = "test_\(database.name)"
      try await connection.execute("SET allow_in_place_tablespaces = on")
      try await connection.query("CREATE TABLESPACE \(space) LOCATION ''")
      try await connection.execute(
        "CREATE TABLE a (n int); CREATE INDEX a_n ON a (n) TABLESPACE \(space)")
      let folder = try SQLFolder([
        Self.path: "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY a_n ON a (n);\n"
      ])
      let refused = try await folder.migrate("up", database)
      #expect(refused.status == 3)
      #expect(
        refused.error.contains(
          "there is an index a_n of another definition: INDEX USING btree (n) TABLESPACE \(space); wanted: INDEX USING btree (n)\n"
        ), "\(refused.error)")
      // Said by the statement, or by a setting.
      let index = "CREATE INDEX CONCURRENTLY a_n ON a (n)"
      try folder.write(
        Self.path,
        "-- migrate: no-transaction\n\(index) TABLESPACE \(space);\nSET default_tablespace = \(space);\n\(index);\n"
      )
      let resumed = try await folder.migrate("resume", database)
      #expect(resumed.status == 0, "\(resumed.error)")
      #expect(
        resumed.error.matches(of: /valid and equal: taken over/).count == 2, "\(resumed.error)")
      try await connection.query("DROP INDEX a_n")
      try await connection.query("DROP TABLESPACE \(space)")
      await connection.close()
    }
  }

  /// IF NOT EXISTS would take it for a good one.
  @Test func anInvalidIndexOfSomebodyElsesIsBuiltAnew() async throws {
    let (result, definition) = try await up(
      Self.table
        + "INSERT INTO a VALUES (1), (1);CREATE UNIQUE INDEX CONCURRENTLY a_n ON a (n);DELETE FROM a",
      "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_n ON a (n);")
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("built anew"))
    #expect(definition == "CREATE UNIQUE INDEX a_n ON public.a USING btree (n)")
  }

  @Test func anIndexWithoutANameIsRefused() async throws {
    let (result, _) = try await up(Self.table, "CREATE INDEX CONCURRENTLY ON a (n);")
    #expect(result.status == 1)
    #expect(result.error.contains("CREATE INDEX CONCURRENTLY without a name"))
  }

  /// Its definition may call the table by its name.
  @Test func anEqualIndexThatNamesItsTableIsTakenOver() async throws {
    let (result, _) = try await up(
      Self.table + "CREATE INDEX a_n ON a ((n + 1)) WHERE n > 0",
      "CREATE INDEX CONCURRENTLY a_n ON a ((a.n + 1)) WHERE a.n > 0;")
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.hasSuffix("is there already, valid and equal: taken over\n"))
  }
}

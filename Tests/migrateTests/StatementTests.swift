internal import Postgres
internal import TestSupport
internal import Testing

/// Files are sent statement by statement: data of COPY, variables, and what is refused before it runs.
@Suite(.timeLimit(.minutes(3))) struct StatementTests {
  private func up(
    _ text: String, _ arguments: String...,
    then check: (PostgresConnection) async throws -> Void = { _ in }
  ) async throws -> Tool.Result {
    let folder = try SQLFolder([
      "migrations/0001_create_first.sql": "CREATE TABLE first (n int);",
      "migrations/0002_create_a.sql": text,
    ])
    return try await TestDatabase.with(.empty) { database in
      let result = try await Tool.run(
        Tool.product("migrate"), folder.arguments("up", database) + arguments)
      let connection = try await database.connect()
      try await check(connection)
      await connection.close()
      return result
    }
  }

  @Test func aDumpsDataAreCopied() async throws {
    let result = try await up(
      """
      \\restrict abcDEF123
      CREATE TABLE a (n int, t text);
      COPY public.a (n, t) FROM stdin;
      1\tone; two
      2\t\\N
      \\.
      /* ; */ SELECT 1;
      \\unrestrict abcDEF123
      """
    ) { (connection) async throws in
      #expect(
        try await connection.value(
          "SELECT string_agg(n || coalesce(t, '-'), '|' ORDER BY n) FROM a")
          == "1one; two|2-")
    }
    #expect(result.status == 0, "\(result.error)")
  }

  @Test func anErrorInDataIsShownInItsLine() async throws {
    let result = try await up(
      "CREATE TABLE a (n int);\n\nCOPY a FROM stdin;\n1\nä\n\\.\n")
    #expect(result.status == 3)
    #expect(
      result.error == """
        migrate: error: migrations/0002_create_a.sql:5: ERROR: invalid input syntax for type integer: "ä"
        SQLSTATE: 22P02
        CONTEXT: COPY a, line 2, column n: "ä"
        NOW: migrations/0002_create_a.sql rolled back; 1 file before it stays applied. Mend it and run migrate up again.

        """)
  }

  @Test func variablesAreThoseOfPsql() async throws {
    let result = try await up(
      "CREATE TABLE :\"table\" (:column int, t text DEFAULT :'text');\nINSERT INTO :\"table\" VALUES (1);",
      "-vtable=A b", "--set", "column=n", "--variable", "text=it's"
    ) { (connection) async throws in
      #expect(try await connection.value("SELECT n || t FROM \"A b\"") == "1it's")
    }
    #expect(result.status == 0, "\(result.error)")
  }

  @Test func aVariableWithoutAValueIsNamed() async throws {
    let result = try await up("SELECT 1;\nCREATE TABLE :name (n int);")
    #expect(result.status == 3)
    #expect(
      result.error.hasPrefix(
        """
        migrate: error: migrations/0002_create_a.sql:2:14: ERROR: syntax error at or near ":"
        CREATE TABLE :name (n int);
                     ^
        SQLSTATE: 42601
        HINT: :name has no value here; -v name=value gives one.

        """), "\(result.error)")
  }

  @Test func anErrorBehindAValueIsShownInTheFile() async throws {
    let result = try await up("SELECT :'v',\n\tnn;", "-v", "v=a long value")
    #expect(
      result.error.hasPrefix("migrate: error: migrations/0002_create_a.sql:2:2: ERROR: column"),
      "\(result.error)")
  }

  @Test(arguments: [
    ("SELECT 1;\nSELECT 'a;\n", "2:8: unterminated quoted string"),
    ("SELECT (1;\n", "1:8: the parenthesis is not closed"),
    ("SELECT 1;\n  \\i other.sql\n", "2:3: \\i is a command of psql"),
    ("SELECT 1 \\gexec\n", "1:10: \\gexec is a command of psql"),
    ("\\unrestrict a\n", "1:1: \\unrestrict has no partner here"),
    ("\\restrict a\nSELECT 1;\n\\unrestrict b\n", "3:1: \\unrestrict has no partner here"),
    ("\\restrict a\n\\restrict a\n", "2:1: \\restrict has no partner here"),
    ("\\restrict a\nSELECT 1;\n", "1:1: \\restrict has no \\unrestrict"),
    ("COPY a FROM stdin;\n1\n", "2:1: the data of COPY … FROM STDIN has no end"),
    (
      "COPY a FROM stdin; SELECT 1;\n\\.\n", "1:19: something follows COPY … FROM STDIN on its line"
    ),
    (
      "COPY a FROM stdin; -- b\rCREATE TABLE first ();\n\\.\n",
      "1:19: something follows COPY … FROM STDIN on its line"
    ),
    ("COPY first TO STDOUT;", "1:1: COPY … TO STDOUT has nobody to copy to"),
    ("SELECT 1\\; SELECT 2;", "1:1: \\; joins statements into one message"),
  ])
  func whatCannotBeReadIsRefusedBeforeAnythingRuns(text: String, message: String) async throws {
    let result = try await up(text) { (connection) async throws in
      #expect(try await connection.value("SELECT to_regclass('first')") == nil)
      #expect(try await connection.value("SELECT to_regnamespace('migrate')") == nil)
    }
    #expect(result.status == 1)
    #expect(
      result.error.hasPrefix("migrate: error: migrations/0002_create_a.sql:\(message)"),
      "\(result.error)")
    #expect(result.error.hasSuffix("NOW: nothing was applied.\n"))
  }

  @Test(arguments: [
    "BEGIN", "START TRANSACTION", "COMMIT", "END", "ROLLBACK", "ABORT", "PREPARE TRANSACTION 'a'",
    "COMMIT PREPARED 'a'", "SAVEPOINT a", "ROLLBACK TO a", "ROLLBACK WORK TO SAVEPOINT a",
    "RELEASE a", "RELEASE SAVEPOINT a",
  ])
  func aFileWithoutATransactionHasNone(statement: String) async throws {
    let result = try await up(
      "-- migrate: no-transaction\nCREATE TABLE a (n int);\n\(statement);\n"
    ) { (connection) async throws in
      #expect(try await connection.value("SELECT to_regclass('first')") == nil)
      #expect(try await connection.value("SELECT to_regnamespace('migrate')") == nil)
    }
    #expect(result.status == 1)
    #expect(
      result.error == """
        migrate: error: migrations/0002_create_a.sql:3:1: \(statement.split(separator: " ")[0]) has no place here: each statement of this file is a transaction of its own
        \(statement);
        ^
        HINT: put what belongs together into a file without no-transaction.
        NOW: nothing was applied.

        """)
  }

  @Test func savepointsAreRightWithinATransaction() async throws {
    let result = try await up(
      """
      CREATE TABLE a (n int);
      SAVEPOINT s;
      INSERT INTO a VALUES (1);
      ROLLBACK TO s;
      RELEASE s;
      INSERT INTO a VALUES (2);
      """
    ) { (connection) async throws in
      #expect(try await connection.value("SELECT string_agg(n::text, ' ') FROM a") == "2")
    }
    #expect(result.status == 0, "\(result.error)")
  }

  @Test func aFileDoesNotChangeHowItIsRead() async throws {
    let result = try await up(
      "CREATE TABLE a (n int);\nSET standard_conforming_strings = off;\nSELECT 'a';"
    ) { (connection) async throws in
      #expect(try await connection.value("SELECT to_regclass('a')") == nil)
    }
    #expect(result.status == 1)
    #expect(
      result.error.hasPrefix(
        "migrate: error: migrations/0002_create_a.sql:2:1: standard_conforming_strings is off\n"),
      "\(result.error)")
  }

  /// The server would take each ä for two letters.
  @Test(arguments: ["", "-- migrate: no-transaction\n"])
  func aFileDoesNotChangeItsEncoding(header: String) async throws {
    let result = try await up(
      header
        + "CREATE TABLE a (t text);\nSET client_encoding = 'LATIN1';\nINSERT INTO a VALUES ('ä');"
    ) { (connection) async throws in
      let isThere = try await connection.value("SELECT to_regclass('a') IS NOT NULL")
      #expect(isThere == (header.isEmpty ? "f" : "t"))
    }
    let line = header.isEmpty ? 2 : 3
    #expect(result.status == (header.isEmpty ? 1 : 10))
    #expect(
      result.error.hasPrefix(
        "migrate: error: migrations/0002_create_a.sql:\(line):1: client_encoding is LATIN1\nNOW: migrations/0002_create_a.sql "
      ), "\(result.error)")
  }

  @Test(arguments: ["a", "=a", "a b=c", "a-b=c"])
  func aVariableHasANameAndAValue(variable: String) async throws {
    let result = try await Tool.run(Tool.product("migrate"), ["up", "-v", variable])
    #expect(result.status == 1)
    #expect(result.error.hasPrefix("migrate: error: -v \(variable): write name=value"))
  }
}

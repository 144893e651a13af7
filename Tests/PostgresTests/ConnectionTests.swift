internal import Postgres
internal import TestSupport
internal import Testing

@Suite(.timeLimit(.minutes(2))) struct ConnectionTests {
  private func connect(_ database: String = "postgres") async throws -> PostgresConnection {
    try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: Stack.current.conninfo(database: database)))
  }

  /// Runs `body` and returns the `PostgresError` that it throws.
  private func refusal(_ body: () async throws -> Void) async throws -> PostgresError {
    do {
      try await body()
    } catch let error as PostgresError {
      return error
    }
    throw TestSupportError("not refused")
  }

  // MARK: Values

  @Test func valuesArriveAsTheyWere() async throws {
    let connection = try await connect()
    let result = try await connection.query(
      """
      SELECT $1::text AS text, $2::bigint AS int, $3::boolean AS bool, $4::jsonb ->> 'a' AS json,
          octet_length($5::bytea) AS bytes, encode($5, 'hex') AS hex, $6::text[] AS texts,
          cardinality($6) AS count, $7::double precision AS double
      """,
      [
        "Zoë ☃ 'quoted' \\ \n\t", .int(.min), true, .json(#"{"a": "é\""}"#),
        .bytea([0, 1, 0x7f, 0xff]), .textArray(["", "a b", #"q"u\o"#, "NULL", "{x,y}", "ö"]),
        .text("-0.1"),
      ])
    #expect(result.commandTag == "SELECT 1")
    #expect(result.columnNames.prefix(3) == ["text", "int", "bool"])
    let row = try #require(result.first)
    #expect(row["text"] == "Zoë ☃ 'quoted' \\ \n\t")
    #expect(try row.decode("int", as: Int64.self) == .min)
    #expect(try row.decode("bool", as: Bool.self))
    #expect(row["json"] == "é\"")
    #expect(try row.decode("bytes", as: Int.self) == 4)
    #expect(row["hex"] == "00017fff")
    #expect(row["texts"] == #"{"","a b","q\"u\\o","NULL","{x,y}",ö}"#)
    #expect(try row.decode("count", as: Int32.self) == 6)
    #expect(try row.decode("double", as: Double.self) == -0.1)
    await connection.close()
  }

  @Test func nullIsNoEmptyString() async throws {
    let connection = try await connect()
    let row = try await connection.query(
      "SELECT $1::text AS nothing, $2::text AS empty, $3::bytea IS NULL AS bytes",
      [nil, "", .bytea(nil)])[0]
    #expect(row["nothing"] == nil)
    #expect(row["empty"] == "")
    #expect(row["bytes"] == "t")
    #expect(try row.decode("nothing", as: Int?.self) == nil)
    #expect(row.description == "(NULL, '', 't')")
    let error = try await refusal { _ = try row.decode("nothing", as: String.self) }
    #expect(error.kind == .decoding)
    await connection.close()
  }

  @Test func aValueOfAnotherTypeIsRefused() async throws {
    let connection = try await connect()
    let row = try await connection.query("SELECT 'x' AS a, 'NaN'::float8 AS nan")[0]
    for wrong in [
      try await refusal { _ = try row.decode("a", as: Int.self) },
      try await refusal { _ = try row.decode("a", as: Bool?.self) },
      try await refusal { _ = try row.decode("b", as: String.self) },
    ] {
      #expect(wrong.kind == .decoding)
    }
    #expect(try row.decode("nan", as: Double.self).isNaN)
    await connection.close()
  }

  @Test func textWithNULIsRefusedRatherThanCut() async throws {
    let connection = try await connect()
    for attempt in 0..<3 {
      let error = try await refusal {
        switch attempt {
        case 0: try await connection.query("SELECT $1", ["a\0b"])
        case 1: try await connection.query("SELECT 1 \0 nonsense")
        default: try await connection.execute("SELECT 1; \0 nonsense")
        }
      }
      #expect(error.kind == .usage)
    }
    await connection.close()
  }

  @Test func manyRowsAndLongValuesArriveWhole() async throws {
    let connection = try await connect()
    let long = String(repeating: "ä", count: 4_000_000)
    #expect(try await connection.value("SELECT length($1)", [.text(long)]) == "4000000")
    #expect(try await connection.value("SELECT $1", [.text(long)]) == long)
    let rows = try await connection.query("SELECT n FROM generate_series(1, 50000) AS n")
    #expect(rows.count == 50_000)
    #expect(rows.last?["n"] == "50000")
    #expect(rows.affectedRows == 50_000)
    await connection.close()
  }

  @Test func aScriptReturnsAResultPerStatement() async throws {
    let connection = try await connect()
    let results = try await connection.execute(
      "CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1), (2); SELECT * FROM t;; ")
    #expect(results.map(\.commandTag) == ["CREATE TABLE", "INSERT 0 2", "SELECT 2"])
    #expect(results[1].affectedRows == 2)
    #expect(try await connection.execute("-- nothing\n").count == 1)
    await connection.close()
  }

  // MARK: Errors

  @Test func anErrorSaysWhereAndWhy() async throws {
    let connection = try await connect()
    var error = try await refusal { try await connection.query("SELECT 'ä', bad") }
    #expect(error.kind == .server)
    #expect(error.sqlState == "42703")
    #expect(error.severity == "ERROR")
    #expect(error.message == "column \"bad\" does not exist")
    #expect(error.position == 13)

    error = try await refusal {
      try await connection.execute(
        """
        DO $$ BEGIN
          RAISE EXCEPTION 'no' USING ERRCODE = 'AR001', DETAIL = 'why', HINT = 'what to do';
        END $$
        """)
    }
    #expect(error.sqlState == "AR001")
    #expect(error.detail == "why")
    #expect(error.hint == "what to do")
    #expect(error.context == "PL/pgSQL function inline_code_block line 2 at RAISE")
    #expect(error.description == "no (SQLSTATE AR001)")

    error = try await refusal {
      try await connection.execute(
        "CREATE TEMP TABLE t (a int CONSTRAINT small CHECK (a < 3)); INSERT INTO t VALUES (3)")
    }
    #expect(error.constraint == "small")
    #expect(error.table == "t")
    #expect(error.debugDescription.contains("CONSTRAINT: small"))
    #expect(try await connection.value("SELECT 1") == "1")
    await connection.close()
  }

  @Test func noticesAreTold() async throws {
    let notices = Collected<PostgresError>()
    var configuration = PostgresConfiguration(
      conninfo: Stack.current.conninfo(database: "postgres"))
    configuration.onNotice = { notices.add($0) }
    let connection = try await PostgresConnection.connect(configuration)
    try await connection.execute("DO $$ BEGIN RAISE WARNING 'careful' USING HINT = 'h'; END $$")
    #expect(notices.all.map(\.message) == ["careful"])
    #expect(notices.all.first?.severity == "WARNING")
    #expect(notices.all.first?.hint == "h")
    await connection.close()
  }

  @Test func copyIsRefusedAndLeavesTheConnectionUsable() async throws {
    let connection = try await connect()
    try await connection.execute("CREATE TEMP TABLE t (a int)")
    for sql in [
      "COPY t FROM STDIN", "COPY (SELECT n FROM generate_series(1, 100000) AS n) TO STDOUT",
    ] {
      var error = try await refusal { try await connection.query(sql) }
      #expect(error.kind == .usage)
      error = try await refusal { try await connection.execute("SELECT 1; \(sql)") }
      #expect(error.kind == .usage)
      #expect(try await connection.value("SELECT count(*) FROM t") == "0")
    }
    await connection.close()
  }

  @Test func dataAreCopiedToTheServer() async throws {
    let connection = try await connect()
    try await connection.execute("CREATE TEMP TABLE t (a int, b text)")
    // More than fits into the socket's buffers.
    let rows = (1...200_000).map { "\($0)\tä\n" }.joined()
    let result = try await connection.copy("COPY t FROM STDIN", data: Array(rows.utf8)[...])
    #expect(result.affectedRows == 200_000)
    #expect(try await connection.copy("COPY t FROM STDIN", data: []).affectedRows == 0)
    var error = try await refusal {
      try await connection.copy("COPY t FROM STDIN", data: Array("1\tx\nnone\ty\n".utf8)[...])
    }
    #expect(error.sqlState == "22P02" && error.context?.hasPrefix("COPY t, line 2") == true)
    error = try await refusal { try await connection.copy("COPY nowhere FROM STDIN", data: []) }
    #expect(error.sqlState == "42P01")
    error = try await refusal { try await connection.copy("SELECT 1", data: []) }
    #expect(error.kind == .usage)
    #expect(try await connection.value("SELECT count(*) FROM t") == "200000")
    await connection.close()
  }

  @Test func copyThatTakesTooLongIsCancelled() async throws {
    let connection = try await connect()
    let error = try await refusal {
      try await connection.query(
        "COPY (SELECT pg_sleep(0.01) FROM generate_series(1, 3000)) TO STDOUT",
        timeout: .milliseconds(100))
    }
    #expect(error.kind == .timeout)
    #expect(try await connection.value("SELECT 1") == "1")
    await connection.close()
  }

  // MARK: Connecting

  /// libpq repeats what it cannot read.
  @Test(arguments: [
    "postgresql://u:s3cr3t@[::1]x/db", "postgresql://u:s3cr3t%zz@localhost/db",
    "postgres://u:a\"s3cr3t@[::1]x/db", "password=a s3cr3t user=u", "password=x s3cr3t=y",
    "postgresql://u@h/db?s3cr3t=1", "password='s3cr3t",
  ])
  func aConnectionStringIsNotRepeated(conninfo: String) async throws {
    let error = try await refusal {
      _ = try await PostgresConnection.connect(PostgresConfiguration(conninfo: conninfo))
    }
    #expect(error.kind == .connection && error.message.hasPrefix("the connection string: "))
    #expect(!error.debugDescription.contains("s3cr3t"), "\(error.message)")
  }

  @Test(arguments: [
    "host=127.0.0.1 port=1", "host=/nowhere", "host=no-such-host.invalid", "nonsense = = 1",
    Stack.current.conninfo(database: "no_such_database"),
  ])
  func noServerIsAConnectionError(conninfo: String) async throws {
    let error = try await refusal {
      _ = try await PostgresConnection.connect(PostgresConfiguration(conninfo: conninfo))
    }
    #expect(error.kind == .connection && error.isConnectionLost)
    #expect(!error.message.isEmpty)
  }

  @Test func aServerThatDoesNotAnswerIsGivenUp() async throws {
    let deaf = LocalServer.silent()
    let configuration = PostgresConfiguration(
      conninfo: "host=127.0.0.1 port=\(deaf.port) dbname=x user=y sslmode=disable")
    let error = try await refusal {
      _ = try await PostgresConnection.connect(configuration, timeout: .milliseconds(100))
    }
    #expect(error.kind == .timeout)

    // The user's own limit counts, as with every program that uses libpq.
    let start = ContinuousClock.now
    let soon = try await refusal {
      _ = try await PostgresConnection.connect(
        PostgresConfiguration(conninfo: "\(configuration.conninfo) connect_timeout=1"))
    }
    #expect(soon.kind == .timeout)
    #expect(start.duration(to: .now) < .seconds(5))

    let task = Task { try await PostgresConnection.connect(configuration) }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    deaf.stop()
  }

  @Test func theNextHostIsTried() async throws {
    let stack = Stack.current
    let connection = try await PostgresConnection.connect(
      PostgresConfiguration(
        conninfo: "host=/nowhere,\(stack.postgresHost) port=1,\(stack.postgresPort)"
          + " dbname=postgres user=postgres"))
    #expect(try await connection.value("SELECT 1") == "1")
    #expect(await connection.connectionParameter("dbname") == "postgres")
    await connection.close()
  }

  @Test func overridesAndEncodingHold() async throws {
    let configuration = PostgresConfiguration(
      conninfo: Stack.current.conninfo(database: "postgres") + " client_encoding=LATIN1",
      overrides: ["application_name": "mine", "options": "-c statement_timeout=1234"])
    let connection = try await PostgresConnection.connect(configuration)
    #expect(try await connection.value("SHOW client_encoding") == "UTF8")
    #expect(try await connection.value("SHOW application_name") == "mine")
    #expect(try await connection.value("SHOW statement_timeout") == "1234ms")
    #expect(await connection.serverVersion >= 150_000)
    #expect(await connection.parameterStatus("client_encoding") == "UTF8")
    #expect(await connection.parameterStatus("nonsense") == nil)
    #expect(try await connection.value("SELECT pg_backend_pid()") == "\(connection.backendPID)")
    await connection.close()
  }

  // MARK: Losing the connection

  /// What another connection's end is called, like dblink's, raised in a session that goes on.
  @Test(arguments: ["08000", "08006", "57P01", "57P03"])
  func anErrorOfThatNameIsNoLostConnection(sqlState: String) async throws {
    let connection = try await connect()
    let error = try await refusal {
      try await connection.execute(
        "DO $$ BEGIN RAISE EXCEPTION 'elsewhere' USING ERRCODE = '\(sqlState)'; END $$")
    }
    #expect(error.sqlState == sqlState && error.kind == .server)
    #expect(!error.isConnectionLost)
    #expect(try await connection.value("SELECT 1") == "1")
    await connection.close()
  }

  @Test func aTerminatedBackendIsALostConnection() async throws {
    let connection = try await connect()
    let other = try await connect()
    let pid = await connection.backendPID
    let task = Task { try await connection.query("SELECT pg_sleep(60)") }
    try await eventually {
      try await other.value(
        "SELECT query LIKE '%pg_sleep(60)%' FROM pg_stat_activity WHERE pid = $1",
        [.int(Int64(pid))]) == "t"
    }
    try await other.query("SELECT pg_terminate_backend($1)", [.int(Int64(pid))])
    let error = try await refusal { _ = try await task.value }
    #expect(error.isConnectionLost)
    #expect(error.sqlState == "57P01")
    #expect(await !connection.isUsable)
    let next = try await refusal { try await connection.query("SELECT 1") }
    #expect(next.kind == .connection)
    await connection.close()
    await other.close()
  }

  @Test func aClosedConnectionSaysSo() async throws {
    let connection = try await connect()
    await connection.close()
    await connection.close()
    #expect(await !connection.isUsable)
    let error = try await refusal { try await connection.query("SELECT 1") }
    #expect(error.kind == .connection)
    #expect(error.message == "the connection is closed")
    let wait = try await refusal { _ = try await connection.nextNotification(timeout: .zero) }
    #expect(wait.kind == .connection)
  }

  @Test func aConnectionThatIsDroppedIsClosed() async throws {
    let other = try await connect()
    var connection: PostgresConnection? = try await connect()
    let pid = await connection!.backendPID
    connection = nil
    try await eventually {
      try await other.value(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = $1", [.int(Int64(pid))]) == "0"
    }
    await other.close()
  }
}

internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// What PgBouncer in transaction mode hands on from client to client, with our configuration and a pool
/// of one: nothing. Serialized, because a test changes the one PgBouncer's configuration.
@Suite(.serialized, .timeLimit(.minutes(2))) struct PoolerTests {
  @Test func aSettingEndsWithItsTransaction() async throws {
    try await Pool.with { pool in
      let (a, b) = (try await pool.client(), try await pool.client())
      for setting in ["SET", "SET SESSION", "SET LOCAL"] {
        let seen = try await a.execute(
          "BEGIN; \(setting) app.current_org = \(pool.acme); SELECT content FROM notes; COMMIT")[2]
        #expect(seen.map { $0["content"] } == ["of acme"], "\(setting)")
        #expect(try await b.query("SELECT FROM notes").isEmpty, "\(setting): another client")
        #expect(try await a.query("SELECT FROM notes").isEmpty, "\(setting): the same client")
      }
      try await pool.expectOneServer(a, b)
    }
  }

  /// The control: what the tests look for is there when PgBouncer is configured as it comes.
  @Test func withoutResettingAlwaysASettingLeaks() async throws {
    try await Pool.with(alwaysResets: false) { pool in
      let (a, b) = (try await pool.client(), try await pool.client())
      try await a.execute("SET app.current_org = \(pool.acme); PREPARE p AS SELECT 'of a' AS text")
      #expect(try await b.value("SELECT content FROM notes") == "of acme")
      #expect(try await b.value("EXECUTE p") == "of a")
      try await pool.expectOneServer(a, b)
    }
  }

  @Test func nothingOfASessionIsHandedOn() async throws {
    try await Pool.with { pool in
      let (a, b) = (try await pool.client(), try await pool.client())
      try await a.execute(
        """
        SET app.current_org = \(pool.acme);
        PREPARE p AS SELECT content FROM notes;
        DECLARE c CURSOR WITH HOLD FOR SELECT content FROM notes;
        SELECT pg_advisory_lock(42);
        LISTEN everything;
        SET search_path = pg_catalog;
        SET ROLE ark_app;
        """)
      // A held cursor would hold A's rows, whoever fetches.
      await expectRefused("34000") { try await b.query("FETCH ALL FROM c") }
      await expectRefused("26000") { try await b.query("EXECUTE p") }
      let left = try await b.query(
        """
        SELECT current_user, current_setting('app.current_org', true) AS org,
          (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42) AS locks,
          (SELECT count(*) FROM pg_listening_channels()) AS channels,
          to_regclass('notes') AS notes
        """)[0]
      #expect(left["current_user"] == "app" && (left["org"] ?? "") == "")
      #expect(left["locks"] == "0" && left["channels"] == "0" && left["notes"] == "notes")
      try await pool.expectOneServer(a, b)
    }
  }

  /// Two drivers that name their statements alike: neither carries out the other's.
  @Test func preparedStatementsAreNotMixedUp() async throws {
    try await Pool.with { pool in
      let a = try await pool.client(preparesStatements: true)
      let b = try await pool.client(preparesStatements: true)
      for round in 0..<4 {
        #expect(try await a.value("SELECT 'a' || $1", [.text("\(round)")]) == "a\(round)")
        #expect(try await b.value("SELECT 'b' || $1", [.text("\(round)")]) == "b\(round)")
      }
      // A plan that was made in A's organisation shows B nothing.
      for (client, org, content) in [
        (a, pool.acme, ["of acme"]), (b, pool.beta, ["of beta"]), (b, 0, []),
        (a, pool.beta, ["of beta"]),
      ] {
        let rows = try await client.transaction { client in
          if org > 0 { try await client.query("SET app.current_org = \(org)") }
          return try await client.query(
            "SELECT content FROM notes WHERE project_id > $1", [.int(0)])
        }
        #expect(rows.map { $0["content"] } == content)
      }
      try await pool.expectOneServer(a, b)
    }
  }

  @Test func statementsArePreparedWhereNoPoolerIs() async throws {
    try await Pool.with { pool in
      for (isPooled, client) in [
        (true, try await pool.client(preparesStatements: true)), (false, try await pool.direct()),
      ] {
        try await client.prepareUnlessPooled()
        #expect(try await client.isDirect() == !isPooled)
        let count = "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT 7'"
        try await client.transaction { client in
          for _ in 0..<3 { try await client.query("SELECT 7") }
          #expect(try await client.value(count) == (isPooled ? "0" : "1"))
        }
        await client.close()
      }
    }
  }

  @Test func aFailedTransactionLeavesNothing() async throws {
    try await Pool.with { pool in
      for ending in ["ROLLBACK", "COMMIT", "goes away"] {
        let (a, b) = (try await pool.client(), try await pool.client())
        try await a.execute(
          "BEGIN; SET app.current_org = \(pool.acme); UPDATE notes SET content = 'x'")
        await expectRefused("22012") { try await a.query("SELECT 1 / 0") }
        if ending != "goes away" { try await a.query(ending) }
        await a.close()
        #expect(try await b.query("SELECT FROM notes").isEmpty, "\(ending)")
        #expect(try await pool.content(of: pool.acme) == "of acme", "\(ending)")
        await b.close()
      }
    }
  }

  @Test(arguments: [nil, "SELECT pg_sleep(600)"])
  func aClientThatDiesInMidTransactionLeavesNothing(_ statement: String?) async throws {
    try await Pool.with { pool in
      let b = try await pool.client()
      try await pool.kill(
        """
        SET app.current_org = \(pool.acme); UPDATE notes SET content = 'x';
        SELECT 'is ' || content FROM notes;
        """, in: statement)
      #expect(try await b.query("SELECT FROM notes").isEmpty)
      #expect(try await pool.content(of: pool.acme) == "of acme")
    }
  }

  /// Twelve clients of two organisations share one server, and come and go as they like.
  @Test func everyTransactionSeesItsOwnOrganizationOnly() async throws {
    try await Pool.with { pool in
      try await withThrowingTaskGroup { group in
        for number in 0..<12 {
          group.addTask {
            let client = try await pool.client()
            for round in 0..<15 {
              let (org, content) = number % 2 == 0 ? (pool.acme, "of acme") : (pool.beta, "of beta")
              let (setting, expected): (String, [String?]) =
                switch (number + round) % 4 {
                case 0: ("SET app.current_org = \(org)", [content])
                case 1: ("SET LOCAL app.current_org = \(org)", [content])
                case 2: ("SET app.current_org = \(org); RESET app.current_org", [])
                default: ("SELECT", [])
                }
              let ending = round % 3 == 0 ? "ROLLBACK" : "COMMIT"
              let results = try await client.execute(
                "BEGIN; \(setting); SELECT content FROM notes; \(ending)")
              #expect(results[results.count - 2].map { $0["content"] } == expected, "\(setting)")
            }
            await client.close()
          }
        }
        try await group.waitForAll()
      }
    }
  }

  /// Strict mode binds the session to the transaction, so it needs no help from PgBouncer.
  @Test(arguments: [true, false])
  func aStrictSessionEndsWithItsTransaction(alwaysResets: Bool) async throws {
    try await Pool.with(alwaysResets: alwaysResets) { pool in
      let a = try await pool.client(as: "app_strict")
      let b = try await pool.client(as: "app_strict")
      for ending in ["COMMIT", "ROLLBACK", "SELECT 1 / 0"] {
        _ = await sqlState {
          let seen = try await a.execute(
            "BEGIN; SELECT api.begin_request('\(pool.handle)'); SELECT content FROM notes")[2]
          #expect(seen.map { $0["content"] } == ["of acme"])
          try await a.execute(ending)
        }
        if await a.isInTransaction { try await a.query("ROLLBACK") }
        for client in [b, a] {
          #expect(try await client.query("SELECT FROM notes").isEmpty, "\(ending)")
          await expectRefused("28000", ending) {
            try await client.query("SELECT api.create_project('x')")
          }
          // What moves plain logins moves no strict one.
          let moved = try await client.execute(
            "BEGIN; SET app.current_org = \(pool.acme); SELECT content FROM notes; COMMIT")[2]
          #expect(moved.isEmpty, "\(ending)")
        }
        try await pool.expectOneServer(a, b)
      }
      try await pool.kill(
        "SELECT 'is ' || org_id FROM api.begin_request('\(pool.handle)');", as: "app_strict",
        in: nil)
      #expect(try await b.query("SELECT FROM notes").isEmpty)
    }
  }

  /// In a session that has logged in so: one of a superuser may become anybody.
  @Test func aStrictSessionBecomesNobodyElse() async throws {
    try await Pool.with(alwaysResets: true) { pool in
      let client = try await pool.client(as: "app_strict")
      for login in ["app", "dba", "postgres"] {
        try await client.execute("BEGIN; SELECT api.begin_request('\(pool.handle)')")
        await expectRefused("42501", login) {
          try await client.query("SET SESSION AUTHORIZATION \(login)")
        }
        try await client.query("ROLLBACK")
      }
    }
  }

  /// A handle that a client has SET by itself, against what the documentation says, is the one thing
  /// that strict mode leaves to PgBouncer.
  @Test func aHandleThatWasSetByHandIsNotHandedOn() async throws {
    try await Pool.with { pool in
      let a = try await pool.client(as: "app_strict")
      let b = try await pool.client(as: "app_strict")
      let seen = try await a.execute(
        "SET app.session = '\(pool.handle)'; SELECT content FROM notes")
      #expect(seen[1].map { $0["content"] } == ["of acme"])
      #expect(try await b.query("SELECT FROM notes").isEmpty)
      try await pool.expectOneServer(a, b)
    }
  }

  @Test(arguments: ["postgres", "ark_backup"])
  func whoPassesRowLevelSecurityDoesNotComeThroughThePool(login: String) async throws {
    try await Pool.with { pool in
      let error = await #expect(throws: PostgresError.self) { _ = try await pool.client(as: login) }
      #expect(error?.message.contains("no such user") == true, "\(error.debugDescription)")
    }
  }

  @Test func anOrganizationInTheStartupPacketIsRefused() async throws {
    try await Pool.with { pool in
      let error = await #expect(throws: PostgresError.self) {
        _ = try await pool.client(options: "-c app.current_org=\(pool.acme)")
      }
      #expect(error?.message.contains("options") == true, "\(error.debugDescription)")
    }
  }
}

/// A database of two organisations with a note each, behind a PgBouncer that keeps one server per login.
private struct Pool: Sendable {
  let acme: Int64
  let beta: Int64
  /// Of a session of acme's owner.
  let handle: String
  private let stack: Stack
  private let database: TestDatabase

  static func with(alwaysResets: Bool = true, _ body: (Pool) async throws -> Void) async throws {
    let stack = try await Stack.current.withPgBouncer()
    try await TestDatabase.with(.migrated) { database in
      let pool = try await Pool(database, stack)
      // Reads our configuration again, whatever a test before has set.
      try await pool.console("RELOAD")
      try await pool.console("SET default_pool_size = 1")
      if !alwaysResets { try await pool.console("SET server_reset_query_always = 0") }
      do {
        try await body(pool)
        try await pool.console("RELOAD")
      } catch {
        try? await pool.console("RELOAD")
        throw error
      }
    }
  }

  private init(_ database: TestDatabase, _ stack: Stack) async throws {
    let owner = try await database.connect()
    let ids = [
      try await owner.createOrganization("acme"), try await owner.createOrganization("beta"),
    ]
    for (id, slug) in zip(ids, ["acme", "beta"]) {
      try await owner.execute("SET app.current_org = \(id)")
      try await owner.query("SELECT api.create_note((api.create_project('p')).id, 'of \(slug)')")
    }
    handle = try await owner.value(
      "SELECT api.open_session($1, (core.add_member($1, 'o@acme.example', 'O', 'owner')).user_id)",
      [.int(ids[0])])!
    await owner.close()
    (acme, beta) = (ids[0], ids[1])
    self.stack = stack
    self.database = database
  }

  private func conninfo(_ login: String, _ database: String) -> String {
    "host=\(stack.pgbouncerHost) port=\(stack.pgbouncerPort) dbname=\(database) user=\(login)"
  }

  func client(
    as login: String = "app", preparesStatements: Bool = false, options: String? = nil
  ) async throws -> PostgresConnection {
    var configuration = PostgresConfiguration(conninfo: conninfo(login, database.name))
    configuration.overrides["options"] = options
    configuration.preparesStatements = preparesStatements
    return try await PostgresConnection.connect(configuration)
  }

  /// A connection past the pooler, which prepares nothing unasked.
  func direct() async throws -> PostgresConnection {
    var configuration = PostgresConfiguration(conninfo: database.conninfo(user: "app"))
    configuration.preparesStatements = false
    return try await PostgresConnection.connect(configuration)
  }

  private func console(_ command: String) async throws {
    let console = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: conninfo("operator", "pgbouncer")))
    try await console.execute(command)
    await console.close()
  }

  /// Nothing is shown by two clients that did not share a server.
  func expectOneServer(
    _ clients: PostgresConnection..., sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    var servers: Set<String?> = []
    for client in clients { servers.insert(try await client.value("SELECT pg_backend_pid()")) }
    #expect(servers.count == 1, sourceLocation: sourceLocation)
  }

  /// What the organisation's note says, whatever the pool makes of it.
  func content(of org: Int64) async throws -> String? {
    let owner = try await database.connect()
    let content = try await owner.value("SELECT content FROM notes WHERE org_id = $1", [.int(org)])
    await owner.close()
    return content
  }

  /// A client in a process of its own begins a transaction, and is killed in it, or in a statement.
  /// - Parameter script: Must print "is …".
  func kill(_ script: String, as login: String = "app", in statement: String?) async throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("ark-pool-\(UUID().uuidString).sql")
    defer { try? FileManager.default.removeItem(at: file) }
    try "BEGIN;\n\(script)\n\(statement ?? "SELECT \\watch 600");\n"
      .write(to: file, atomically: true, encoding: .utf8)
    let process = try DaemonProcess(
      "\(stack.postgresBin)/psql",
      ["-Xq", "-v", "ON_ERROR_STOP=1", "-d", conninfo(login, database.name), "-f", file.path])
    try await process.waitForLine("is ")
    if let statement {
      let owner = try await database.connect()
      try await eventually(within: .seconds(10), statement) {
        try await owner.value(
          "SELECT count(*) FROM pg_stat_activity WHERE query = $1 AND state = 'active'",
          [.text(statement + ";")]) == "1"
      }
      await owner.close()
    }
    try await process.stop(SIGKILL)
  }
}

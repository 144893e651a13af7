internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// The PgBouncer for pods resets nothing. It may: nobody else comes in, and nothing that a pod leaves
/// behind changes what the next one reads. Serialized, because the tests change its configuration.
@Suite(.serialized, .timeLimit(.minutes(2))) struct PodPoolerTests {
  /// The control: what the others are about does happen.
  @Test func whatAPodLeavesTheNextOneOfItsLoginFinds() async throws {
    try await PodPool.with { pool in
      let (a, b) = (try await pool.client(), try await pool.client())
      try await a.execute("SET application_name = 'left behind'")
      #expect(try await b.value("SHOW application_name") == "left behind")
      let other = try await pool.client(as: "pod_email")
      #expect(try await other.value("SHOW application_name") != "left behind")
      for client in [a, b, other] { await client.close() }
    }
  }

  @Test(arguments: [
    "SET search_path = pg_temp, nowhere", "SET app.current_org = 1", "SET row_security = off",
    "SET ROLE ark_pod", "SET TimeZone = 'Pacific/Kiritimati'", "SET DateStyle = 'German'",
    "SET default_transaction_isolation = 'serializable'",
    "SET default_transaction_read_only = on", "SET plan_cache_mode = force_generic_plan",
    "SET extra_float_digits = -15", "SET app.session = 'nobody'", "LISTEN config",
    "PREPARE pod_configs AS SELECT 1", "SELECT pg_advisory_lock(42)",
  ])
  func nothingThatAPodLeavesChangesWhatIsRead(_ left: String) async throws {
    try await PodPool.with { pool in
      let (a, b) = (try await pool.client(), try await pool.client())
      func read(_ client: PostgresConnection, since: String) async throws -> [[String?]] {
        try await client.query("SELECT * FROM api.pod_configs('ai'\(since)) ORDER BY org_id, key")
          .map { row in ["org_id", "key", "value", "type", "version", "changed_us"].map { row[$0] }
          }
      }
      let first = try await b.query("SELECT epoch, snapshot FROM api.pod_configs('ai')")[0]
      let since = ", \(first["epoch"]!), '\(first["snapshot"]!)'"
      try await pool.change()
      let (all, new) = (try await read(b, since: ""), try await read(b, since: since))
      #expect(new.count == 1 && new[0][2] == "0.75")
      try await a.execute(left)
      #expect(try await a.value("SELECT pg_backend_pid()") == b.value("SELECT pg_backend_pid()"))
      #expect(try await read(b, since: "") == all)
      #expect(try await read(b, since: since) == new)
      for client in [a, b] { await client.close() }
    }
  }

  /// Nor by a table of its own that has the name of ours.
  @Test func noTableOfAPodStandsInForOurs() async throws {
    try await PodPool.with { pool in
      let client = try await pool.client()
      let all = try await client.value("SELECT count(*) FROM api.pod_configs('ai')")
      // Refused, or of no effect.
      _ = await sqlState {
        try await client.execute(
          """
          CREATE TEMP TABLE service_configs AS SELECT 1 AS xid;
          CREATE TEMP TABLE subscriptions AS SELECT 'pod_ai'::name AS login, 'email' AS service;
          """)
      }
      #expect(try await client.value("SELECT count(*) FROM api.pod_configs('ai')") == all)
      await expectRefused("42501") { try await client.query("SELECT api.pod_configs('email')") }
      await client.close()
    }
  }

  @Test(arguments: [
    ("pod_ai", true), ("agent", true), ("app", false), ("dba", false),
    ("bridge", false), ("provisioner", false), ("postgres", false), ("ark_backup", false),
  ])
  func onlyPodsComeIn(login: String, isPod: Bool) async throws {
    try await PodPool.with { pool in
      if isPod {
        let client = try await pool.client(as: login)
        #expect(try await client.query("SELECT FROM api.pod_configs('ai')").count > 0)
        await client.close()
      } else {
        let error = await #expect(throws: PostgresError.self) {
          _ = try await pool.client(as: login)
        }
        #expect(error?.message.contains("no such user") == true, "\(error.debugDescription)")
      }
    }
  }

  /// A login that is a pod and something else besides would leave its organisation.
  @Test func whoIsSomethingElseBesidesIsNotLookedUp() async throws {
    let configuration = try String(
      contentsOfFile: "\(Stack.root)/deploy/pgbouncer/pods.ini", encoding: .utf8)
    let line = try #require(
      configuration.split(separator: "\n").first { $0.hasPrefix("auth_query = ") })
    let query = String(line.dropFirst("auth_query = ".count))
    try await TestDatabase.with(.migrated) { database in
      let owner = try await database.connect()
      // Seen by nobody else, and gone with the transaction.
      try await owner.execute(
        """
        BEGIN;
        CREATE ROLE pure LOGIN IN ROLE ark_pod;
        CREATE ROLE mixed LOGIN IN ROLE ark_pod, ark_app;
        CREATE ROLE nothing LOGIN;
        CREATE ROLE closed NOLOGIN IN ROLE ark_pod;
        CREATE ROLE mighty LOGIN SUPERUSER IN ROLE ark_pod;
        """)
      for (login, isFound) in [
        ("pure", true), ("mixed", false), ("nothing", false), ("closed", false), ("mighty", false),
      ] {
        #expect(try await owner.query(query, [.text(login)]).isEmpty == !isFound, "\(login)")
      }
      try await owner.execute("ROLLBACK")
      await owner.close()
    }
  }
}

/// A database with one organisation's value, behind the pods' PgBouncer with one server per login.
private struct PodPool: Sendable {
  private let stack: Stack
  private let database: TestDatabase
  private let org: Int64

  static func with(_ body: (PodPool) async throws -> Void) async throws {
    let stack = try await Stack.current.withPgBouncer()
    try await TestDatabase.with(.migrated) { database in
      let owner = try await database.connect()
      let org = try await owner.createOrganization("acme")
      // Snapshots are worth something only in a history that a bridge has seen.
      try await owner.execute("SELECT config.feed_lead('test', '1 minute')")
      await owner.close()
      let pool = PodPool(stack: stack, database: database, org: org)
      try await pool.console("SET default_pool_size = 1")
      do {
        try await body(pool)
        try await pool.console("RELOAD")
      } catch {
        try? await pool.console("RELOAD")
        throw error
      }
    }
  }

  /// Sets the organisation's value.
  func change() async throws {
    let owner = try await database.connect()
    try await owner.execute("SET app.current_org = \(org)")
    try await owner.query("SELECT api.set_config('ai', 'threshold', '0.75', 'r')")
    await owner.close()
  }

  func client(as login: String = "pod_ai") async throws -> PostgresConnection {
    var configuration = PostgresConfiguration(conninfo: conninfo(login, database.name))
    configuration.preparesStatements = false
    return try await PostgresConnection.connect(configuration)
  }

  private func conninfo(_ login: String, _ database: String) -> String {
    "host=\(stack.podsPgbouncerHost) port=\(stack.podsPgbouncerPort) dbname=\(database) user=\(login)"
  }

  private func console(_ command: String) async throws {
    let console = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: conninfo("operator", "pgbouncer")))
    try await console.execute(command)
    await console.close()
  }
}

internal import Foundation
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@Suite(.timeLimit(.minutes(2))) struct ConnectionTests {
  private func connect() async throws -> PostgresConnection {
    try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: Stack.current.conninfo(database: "postgres")))
  }

  @Test func valuesComeBackAsTheyWent() async throws {
    let connection = try await connect()
    let row = try await connection.query(
      """
      SELECT $1::text AS text, $2::bigint AS int, $3::boolean AS bool, $4::jsonb AS json,
             $5::bytea AS bytes, $6::text[] AS texts, $7::text AS nothing, 1.5::float8 AS number
      """,
      [
        .text("a'b\\ü"), .int(.max), .bool(true), .json("{\"a\": 1}"), .bytea([0, 255]),
        .textArray(["a\"b", "c\\d", ""]), nil,
      ])[0]
    #expect(try row.decode("text", as: String.self) == "a'b\\ü")
    #expect(try row.decode("int", as: Int64.self) == .max)
    #expect(try row.decode("bool", as: Bool.self))
    #expect(row["json"] == "{\"a\": 1}")
    #expect(row["bytes"] == "\\x00ff")
    #expect(row["texts"] == #"{"a\"b","c\\d",""}"#)
    #expect(try row.decode("nothing", as: String?.self) == nil)
    #expect(try row.decode("number", as: Double.self) == 1.5)
    #expect(throws: PostgresError.self) { try row.decode("nothing", as: String.self) }
    #expect(throws: PostgresError.self) { try row.decode("text", as: Int.self) }
    #expect(throws: PostgresError.self) { try row.decode("absent", as: String?.self) }
    await connection.close()
  }

  @Test func errorsCarryWhatTheServerSays() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.query("SELECT 'ä', nothing")
    }
    #expect(error?.kind == .server && error?.sqlState == "42703" && error?.position == 13)
    let raised = await #expect(throws: PostgresError.self) {
      try await connection.execute(
        "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'AR409', DETAIL = 'd', HINT = 'h'; END $$"
      )
    }
    #expect(raised?.sqlState == "AR409" && raised?.detail == "d" && raised?.hint == "h")
    #expect(raised?.context?.contains("PL/pgSQL") == true)
    // And it goes on.
    #expect(try await connection.value("SELECT 1") == "1")
    await connection.close()
  }

  @Test func repeatedStatementsArePrepared() async throws {
    let connection = try await connect()
    for number in 1...5 {
      #expect(
        try await connection.value("SELECT $1::int + 1", [.int(Int64(number))]) == "\(number + 1)")
    }
    let prepared = try await connection.value(
      "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::int + 1'")
    #expect(prepared == "1")
    // Somebody has thrown them away: the text is sent instead.
    try await connection.execute("DEALLOCATE ALL")
    #expect(try await connection.value("SELECT $1::int + 1", [1]) == "2")
    await connection.close()
  }

  @Test func aResultThatChangedItsTypeIsReadAnew() async throws {
    let connection = try await connect()
    try await connection.execute(
      "CREATE TEMPORARY TABLE changing (n integer); INSERT INTO changing VALUES (1)")
    for _ in 0..<3 { #expect(try await connection.query("SELECT * FROM changing").count == 1) }
    try await connection.execute("ALTER TABLE changing ADD COLUMN m text DEFAULT 'x'")
    #expect(try await connection.query("SELECT * FROM changing")[0]["m"] == "x")
    await connection.close()
  }

  @Test func notificationsArrive() async throws {
    let listener = try await connect()
    let sender = try await connect()
    let channel = "c\(UInt32.random(in: 0...UInt32.max))"
    try await listener.query("LISTEN \(channel)")
    #expect(try await listener.nextNotification(timeout: .zero) == nil)
    async let next = listener.nextNotification(timeout: .seconds(10))
    try await sender.query("SELECT pg_notify($1, 'hello')", [.text(channel)])
    let notification = try await next
    #expect(notification?.channel == channel && notification?.payload == "hello")
    let pid = await sender.backendPID
    #expect(notification?.backendPID == pid)
    // One that came with another answer waits for the next call.
    try await sender.query("SELECT pg_notify($1, 'again')", [.text(channel)])
    try await eventually {
      try await listener.query("SELECT 1")
      return try await listener.nextNotification(timeout: .zero)?.payload == "again"
    }
    for connection in [listener, sender] { await connection.close() }
  }

  @Test func aCancelledTaskCancelsItsStatement() async throws {
    let connection = try await connect()
    let watcher = try await connect()
    let pid = await connection.backendPID
    func isSleeping() async throws -> Bool {
      try await watcher.value(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'",
        [.int(Int64(pid))]) == "1"
    }
    let task = Task { try await connection.query("SELECT pg_sleep(60)") }
    try await eventually { try await isSleeping() }
    task.cancel()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    let still = try await isSleeping()
    #expect(!still)
    #expect(try await connection.value("SELECT 'usable'") == "usable")
    for connection in [connection, watcher] { await connection.close() }
  }

  @Test func aCancelledWaitForNotificationsLeavesTheConnectionUsable() async throws {
    let connection = try await connect()
    let task = Task { try await connection.nextNotification(timeout: .seconds(60)) }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    #expect(try await connection.value("SELECT 'usable'") == "usable")
    await connection.close()
  }

  @Test func aTimeoutCancelsTheStatement() async throws {
    let connection = try await connect()
    let error = await #expect(throws: PostgresError.self) {
      try await connection.query("SELECT pg_sleep(60)", timeout: .milliseconds(100))
    }
    #expect(error?.kind == .timeout)
    #expect(try await connection.value("SELECT 'usable'") == "usable")
    await connection.close()
  }

  @Test func statementsOfManyTasksTakeTurns() async throws {
    let connection = try await connect()
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 1...100 {
        group.addTask {
          try await connection.query("SELECT $1::int AS n", [.int(Int64(number))])[0]
            .decode("n", as: Int.self)
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(sum == 5050)
    await connection.close()
  }

  @Test func aLostConnectionIsSaidToBeLost() async throws {
    let connection = try await connect()
    let other = try await connect()
    let pid = await connection.backendPID
    try await other.query("SELECT pg_terminate_backend($1)", [.int(Int64(pid))])
    let error = await #expect(throws: PostgresError.self) {
      try await eventually {
        try await connection.query("SELECT 1")
        return false
      }
    }
    #expect(error?.isConnectionLost == true)
    let isUsable = await connection.isUsable
    #expect(!isUsable)
    for connection in [connection, other] { await connection.close() }
  }

  @Test func largeAnswersAndLargeStatementsPass() async throws {
    let connection = try await connect()
    let rows = try await connection.query(
      "SELECT repeat('x', 1000) AS x FROM generate_series(1, 5000)")
    #expect(rows.count == 5000 && rows[4999]["x"]?.count == 1000)
    let text = String(repeating: "ü", count: 3_000_000)
    #expect(try await connection.value("SELECT length($1)", [.text(text)]) == "3000000")
    await connection.close()
  }

  @Test func copyIsRefusedAndTheConnectionStaysUsable() async throws {
    let connection = try await connect()
    for statement in [
      "COPY (SELECT 1) TO STDOUT", "CREATE TEMPORARY TABLE c (n int); COPY c FROM STDIN",
    ] {
      let error = await #expect(throws: PostgresError.self) {
        try await connection.execute(statement)
      }
      #expect(error?.kind == .usage)
      #expect(try await connection.value("SELECT 1") == "1")
    }
    await connection.close()
  }

  @Test func whatLibpqUnderstandsWorks() async throws {
    let stack = Stack.current
    let host = stack.postgresHost.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
    let uri = "postgresql://postgres@\(host):\(stack.postgresPort)/postgres?application_name=uri"
    let byURI = try await PostgresConnection.connect(PostgresConfiguration(conninfo: uri))
    #expect(try await byURI.value("SELECT current_setting('application_name')") == "uri")

    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ark-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Over TCP a password is asked for: it comes from a password file.
    let role = "r\(UInt32.random(in: 0...UInt32.max))"
    try await byURI.query("CREATE ROLE \(role) LOGIN PASSWORD 'it''s:secret'")
    let passwords = folder.appendingPathComponent("pgpass")
    try Data("127.0.0.1:*:*:\(role):it's\\:secret\n".utf8).write(to: passwords)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: passwords.path)
    let tcp = "host=127.0.0.1 port=\(stack.postgresPort) dbname=postgres user=\(role)"
    let byPassword = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: "\(tcp) passfile=\(passwords.path)"))
    #expect(try await byPassword.value("SELECT current_user") == role)
    await byPassword.close()
    let refused = await #expect(throws: PostgresError.self) {
      _ = try await PostgresConnection.connect(
        PostgresConfiguration(conninfo: "\(tcp) password=wrong"))
    }
    #expect(refused?.message.contains("password authentication failed") == true)
    #expect(refused?.message.contains("wrong") == false)
    try await byURI.query("DROP ROLE \(role)")
    await byURI.close()
  }

  @Test func nobodyThereIsAConnectionError() async throws {
    for conninfo in [
      "host=127.0.0.1 port=1", "host=/nowhere", "host=no-such-host.invalid",
      Stack.current.conninfo(database: "no_such_database"), "nonsense=1",
    ] {
      let error = await #expect(throws: PostgresError.self) {
        _ = try await PostgresConnection.connect(PostgresConfiguration(conninfo: conninfo))
      }
      #expect(error?.kind == .connection && error?.message.isEmpty == false, "\(conninfo)")
    }
  }

  @Test func aPeerThatSaysNothingTimesOut() async throws {
    // Listens, and never answers.
    let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { Foundation.close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(socket, $0, length)
        _ = listen(socket, 1)
        _ = getsockname(socket, $0, &length)
      }
    }
    let port = UInt16(bigEndian: address.sin_port)
    let error = await #expect(throws: PostgresError.self) {
      _ = try await PostgresConnection.connect(
        PostgresConfiguration(conninfo: "host=127.0.0.1 port=\(port)"), timeout: .milliseconds(300))
    }
    #expect(error?.kind == .timeout)
  }

  @Test func noticesAreTold() async throws {
    let told = Told()
    var configuration = PostgresConfiguration(
      conninfo: Stack.current.conninfo(database: "postgres"))
    configuration.onNotice = { notice in told.messages.withLock { $0.append(notice.message) } }
    let connection = try await PostgresConnection.connect(configuration)
    try await connection.execute("DO $$ BEGIN RAISE WARNING 'look'; END $$")
    #expect(told.messages.withLock { $0 } == ["look"])
    await connection.close()
  }

  private final class Told: Sendable {
    let messages = Mutex<[String]>([])
  }
}

internal import Glibc
internal import Postgres
internal import TestSupport
internal import Testing

/// Several tasks on one connection: turns, cancellation, time limits, notifications.
@Suite(.timeLimit(.minutes(2))) struct ConcurrencyTests {
  private func connect() async throws -> PostgresConnection {
    try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: Stack.current.conninfo(database: "postgres")))
  }

  @Test func statementsOfManyTasksTakeTurns() async throws {
    let connection = try await connect()
    try await withThrowingTaskGroup { group in
      for number in 0..<200 {
        group.addTask {
          let value = try await connection.value(
            "SELECT $1::int * 2 AS \"double\"", [.int(Int64(number))])
          #expect(value == "\(number * 2)")
        }
      }
      try await group.waitForAll()
    }
    await connection.close()
  }

  @Test func cancellationEndsTheStatementOnTheServer() async throws {
    let connection = try await connect()
    let other = try await connect()
    let pid = await connection.backendPID
    func isSleeping() async throws -> Bool {
      try await other.value(
        "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'",
        [.int(Int64(pid))]) == "1"
    }
    let task = Task { try await connection.query("SELECT pg_sleep(60)") }
    try await eventually { try await isSleeping() }
    task.cancel()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    #expect(try await !isSleeping())
    #expect(try await connection.value("SELECT 'usable'") == "usable")
    await connection.close()
    await other.close()
  }

  @Test func aCancelledWaiterSendsNothing() async throws {
    let connection = try await connect()
    try await connection.execute("CREATE TEMP TABLE t (a int)")
    let first = Task { try await connection.query("SELECT pg_sleep(0.3)") }
    try await Task.sleep(for: .milliseconds(50))
    let second = Task { try await connection.query("INSERT INTO t VALUES (1)") }
    try await Task.sleep(for: .milliseconds(50))
    second.cancel()
    await #expect(throws: CancellationError.self) { _ = try await second.value }
    _ = try await first.value
    #expect(try await connection.value("SELECT count(*) FROM t") == "0")
    await connection.close()
  }

  @Test func aStatementThatTakesTooLongIsCancelled() async throws {
    let connection = try await connect()
    for _ in 0..<3 {
      do {
        try await connection.query("SELECT pg_sleep(60)", timeout: .milliseconds(50))
        Issue.record("not refused")
      } catch let error as PostgresError {
        #expect(error.kind == .timeout)
      }
      #expect(try await connection.value("SELECT 'usable'") == "usable")
    }
    await connection.close()
  }

  @Test func aCancellationHitsNoOtherStatement() async throws {
    let connection = try await connect()
    for round in 0..<100 {
      let task = Task { try await connection.query("SELECT 1") }
      try await Task.sleep(for: .microseconds(round * 10))
      task.cancel()
      _ = await task.result
      #expect(try await connection.value("SELECT 2") == "2")
    }
    await connection.close()
  }

  @Test func aServerThatHangsIsGivenUp() async throws {
    let connection = try await connect()
    // SIGSTOP to the backend: neither an answer nor heed of PQcancel.
    let pid = await connection.backendPID
    #expect(kill(pid_t(pid), SIGSTOP) == 0)
    let start = ContinuousClock.now
    do {
      try await connection.query("SELECT 1", timeout: .milliseconds(50))
      Issue.record("not refused")
    } catch let error as PostgresError {
      #expect(error.kind == .timeout)
    }
    #expect(start.duration(to: .now) < .seconds(15))
    #expect(await !connection.isUsable)
    kill(pid_t(pid), SIGCONT)
    await connection.close()
  }

  // MARK: Notifications

  @Test func notificationsArrive() async throws {
    let connection = try await connect()
    let other = try await connect()
    try await connection.query("LISTEN channel_7")
    #expect(try await connection.nextNotification(timeout: .zero) == nil)
    async let next = connection.nextNotification(timeout: .seconds(20))
    try await other.execute("NOTIFY channel_7, 'grüße'; NOTIFY channel_7")
    let first = try await next
    #expect(first?.channel == "channel_7")
    #expect(first?.payload == "grüße")
    #expect(first?.backendPID == (await other.backendPID))
    #expect(try await connection.nextNotification(timeout: .seconds(20))?.payload == "")
    #expect(try await connection.nextNotification(timeout: .milliseconds(50)) == nil)
    await connection.close()
    await other.close()
  }

  @Test func notificationsThatCameWithAStatementAreKept() async throws {
    let connection = try await connect()
    let other = try await connect()
    try await connection.query("LISTEN channel_8")
    try await other.execute("NOTIFY channel_8, '1'")
    try await connection.query("SELECT pg_sleep(0.1)")
    #expect(try await connection.nextNotification(timeout: .zero)?.payload == "1")
    await connection.close()
    await other.close()
  }

  @Test func waitingForANotificationEndsWithTheTask() async throws {
    let connection = try await connect()
    try await connection.query("LISTEN channel_9")
    let task = Task { try await connection.nextNotification(timeout: .seconds(60)) }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    #expect(try await connection.value("SELECT 1") == "1")
    await connection.close()
  }

  @Test func waitingForANotificationEndsWithTheConnection() async throws {
    let connection = try await connect()
    let other = try await connect()
    try await connection.query("LISTEN channel_10")
    let pid = await connection.backendPID
    let task = Task { try await connection.nextNotification(timeout: .seconds(60)) }
    try await Task.sleep(for: .milliseconds(50))
    try await other.query("SELECT pg_terminate_backend($1)", [.int(Int64(pid))])
    do {
      _ = try await task.value
      Issue.record("not refused")
    } catch let error as PostgresError {
      #expect(error.isConnectionLost)
    }
    await connection.close()
    await other.close()
  }
}

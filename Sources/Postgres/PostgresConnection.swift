internal import AsyncIO
internal import CLibPQ

/// One connection to PostgreSQL, driven through libpq's non-blocking calls: no thread waits for it.
///
/// Statements are carried out one at a time, in the order in which they were asked for. A cancelled
/// task cancels its statement on the server and leaves the connection usable.
public actor PostgresConnection {
  /// Owns the `PGconn`; dropped when the connection is closed.
  private var handle: ConnectionHandle?
  /// The same `PGconn`, `nil` when closed: libpq's functions take a null pointer and say so.
  private var connection: OpaquePointer?
  private var preparesStatements: Bool
  let turn = AsyncSemaphore(permits: 1)
  private var statements = StatementCache()

  init(_ handle: consuming ConnectionHandle, preparesStatements: Bool) {
    connection = handle.pointer
    self.handle = consume handle
    self.preparesStatements = preparesStatements
  }

  /// Process id of the backend that serves this connection.
  public var backendPID: Int32 { PQbackendPID(connection) }

  /// The server's version, like 150018 for 15.18.
  public var serverVersion: Int { Int(PQserverVersion(connection)) }

  /// Whether statements can be sent.
  public var isUsable: Bool { PQstatus(connection) == CONNECTION_OK }

  /// Whether a transaction is open.
  public var isInTransaction: Bool {
    let status = PQtransactionStatus(connection)
    return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN
  }

  /// A parameter that the server reports, such as `server_version`; `nil` if it does not.
  public func parameterStatus(_ name: String) -> String? {
    PQparameterStatus(connection, name).map { String(cString: $0) }
  }

  /// What the connection was made with, by libpq's keywords: host, port, user, dbname …
  public func connectionParameter(_ keyword: String) -> String? {
    connection.flatMap { Self.option(keyword, of: $0) }
  }

  /// Whether the server itself was reached: a pooler gives its clients numbers of its own.
  public func isDirect(timeout: Duration? = nil) async throws -> Bool {
    let result = try await query("SELECT pg_backend_pid() AS pid", timeout: timeout)
    return try result.first?.decode("pid", as: Int64.self) == Int64(backendPID)
  }

  /// Prepares statements from now on if the server itself was reached: a pooler may hand them on to
  /// other clients.
  public func prepareUnlessPooled(timeout: Duration? = nil) async throws {
    preparesStatements = try await isDirect(timeout: timeout)
  }

  /// Carries out one statement (extended protocol).
  /// - Parameters:
  ///   - sql: One statement, with `$1`, `$2` … for values.
  ///   - parameters: The values.
  ///   - timeout: Then the statement is cancelled on the server.
  /// - Throws: `PostgresError`; `CancellationError` if the task was cancelled.
  @discardableResult
  public func query(
    _ sql: String, _ parameters: [PostgresParameter] = [], timeout: Duration? = nil
  ) async throws -> PostgresResult {
    try Self.refuseNUL(sql, parameters)
    return try await turn.withPermit {
      let deadline = Deadline.after(timeout)
      let plan = preparesStatements ? statements.plan(for: sql) : .unprepared
      switch plan {
      case .unprepared:
        return try await exchange(until: deadline) { connection in
          withCStrings(parameters.map(\.text)) {
            PQsendQueryParams(connection, sql, Int32(parameters.count), nil, $0, nil, nil, 0)
          }
        }.last!
      case .prepare(let name, let evicted):
        if let evicted {
          try await exchange(until: deadline) { PQsendQuery($0, "DEALLOCATE \(evicted)") }
        }
        try await exchange(until: deadline) { PQsendPrepare($0, name, sql, 0, nil) }
        statements.add(sql, name: name)
        return try await runPrepared(name, sql, parameters, until: deadline)
      case .prepared(let name):
        return try await runPrepared(name, sql, parameters, until: deadline)
      }
    }
  }

  /// Carries out any number of statements (simple protocol), as psql's `-c` does: in one transaction,
  /// unless they say otherwise. Stops at the first error.
  /// - Returns: A result per statement.
  @discardableResult
  public func execute(_ script: String, timeout: Duration? = nil) async throws -> [PostgresResult] {
    try Self.refuseNUL(script)
    return try await turn.withPermit {
      try await exchange(until: .after(timeout)) { PQsendQuery($0, script) }
    }
  }

  /// Carries out one COPY … FROM STDIN (simple protocol).
  /// - Parameters:
  ///   - statement: The statement.
  ///   - data: Its data, as the statement's format wants them, without the end mark.
  /// - Throws: `PostgresError`, also of kind `usage` if the statement does not copy from the client;
  ///   `CancellationError`.
  @discardableResult
  public func copy(_ statement: String, data: ArraySlice<UInt8>) async throws -> PostgresResult {
    try Self.refuseNUL(statement)
    return try await turn.withPermit {
      var isTaken = false
      let result = try await exchange(until: .after(nil), copying: data, isTaken: &isTaken) {
        PQsendQuery($0, statement)
      }.last!
      guard isTaken else {
        throw PostgresError(kind: .usage, message: "the statement does not copy from the client")
      }
      return result
    }
  }

  /// C ends a string at the first NUL: the rest would be lost without a word.
  static func refuseNUL(_ text: String, _ parameters: [PostgresParameter] = []) throws {
    if text.utf8.contains(0) || parameters.contains(where: { $0.text?.utf8.contains(0) ?? false }) {
      throw PostgresError(kind: .usage, message: "text for PostgreSQL cannot hold a NUL character")
    }
  }

  /// Runs `body` between BEGIN and COMMIT, or ROLLBACK if it throws. Meanwhile the connection belongs
  /// to the calling task: what others send becomes part of the transaction.
  /// - Throws: What `body` throws; `PostgresError` if nothing was committed, also because a statement
  ///   had failed and `body` went on.
  public func transaction<Value: Sendable>(
    _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    do {
      try await query("BEGIN")
      let value = try await body(self)
      try await commitTransaction()
      return value
    } catch {
      // Also when the task is cancelled; a lost connection has rolled back already.
      await rollBackTransaction()
      throw error
    }
  }

  /// Ends the transaction that is open.
  /// - Throws: `PostgresError` if nothing was committed, also because a statement had failed.
  public func commitTransaction() async throws {
    // After a failed statement the server answers COMMIT with ROLLBACK, and calls that a success.
    if try await query("COMMIT").commandTag == "ROLLBACK" {
      var error = PostgresError(
        kind: .server, message: "a statement had failed: the transaction was rolled back")
      error.sqlState = "25P02"
      throw error
    }
  }

  /// Ends the transaction that is open, if one is, without a trace; also in a task that was cancelled.
  public func rollBackTransaction() async {
    await Task { await self.rollBack() }.value
  }

  private func rollBack() async {
    guard isUsable, isInTransaction else { return }
    do {
      try await query("ROLLBACK", timeout: .seconds(5))
    } catch {
      // Whoever used it next would be in the middle of somebody else's transaction.
      if isInTransaction { finish() }
    }
  }

  /// Waits for the next NOTIFY on any channel that was LISTENed to.
  /// - Parameter timeout: How long; zero looks without waiting.
  /// - Returns: `nil` if none came in time.
  public func nextNotification(timeout: Duration) async throws -> PostgresNotification? {
    try await turn.withPermit {
      let deadline = Deadline.after(timeout)
      while true {
        try consumeInput()
        if let notification = PQnotifies(connection) {
          defer { PQfreemem(notification) }
          return PostgresNotification(
            channel: String(cString: notification.pointee.relname),
            payload: String(cString: notification.pointee.extra),
            backendPID: notification.pointee.be_pid)
        }
        do {
          try await readiness().waitReadable(until: deadline)
        } catch is DeadlineExceeded {
          return nil
        }
      }
    }
  }

  /// Closes the connection. Safe to call more than once; statements under way are awaited.
  public func close() async {
    _ = await Task {
      try? await self.turn.withPermit { self.finish() }
    }.value
  }

  private func finish() {
    connection = nil
    handle = nil
  }

  /// Whether the server is still there, as far as the socket tells. Only for a connection that nobody
  /// uses: what arrives is read here.
  public func isAlive() -> Bool {
    // Once for the server's last words, once for the end of the stream.
    PQconsumeInput(connection) == 1 && PQconsumeInput(connection) == 1 && isUsable
  }

  // MARK: The exchange with the server

  private func runPrepared(
    _ name: String, _ sql: String, _ parameters: [PostgresParameter], until deadline: Deadline
  ) async throws -> PostgresResult {
    do {
      return try await exchange(until: deadline) { connection in
        withCStrings(parameters.map(\.text)) {
          PQsendQueryPrepared(connection, name, Int32(parameters.count), $0, nil, nil, 0)
        }
      }.last!
    } catch let error as PostgresError
      where ["26000", "0A000"].contains(error.sqlState) && !isInTransaction
    {
      // Gone (DISCARD), or its result has another type since a migration: send the text.
      statements.forget(sql)
      return try await exchange(until: deadline) { connection in
        withCStrings(parameters.map(\.text)) {
          PQsendQueryParams(connection, sql, Int32(parameters.count), nil, $0, nil, nil, 0)
        }
      }.last!
    }
  }

  /// Sends something and collects every result.
  /// - Parameter eachRow: Lent each row that comes by itself (PostgreSQL documentation, "Retrieving Query
  ///   Results in Chunks").
  @discardableResult
  func exchange(
    until deadline: Deadline, eachRow: (OpaquePointer) -> Void = { _ in },
    _ send: (OpaquePointer?) -> Int32
  ) async throws -> [PostgresResult] {
    var isTaken = false
    return try await exchange(
      until: deadline, copying: nil, isTaken: &isTaken, eachRow: eachRow, send)
  }

  private func exchange(
    until deadline: Deadline, copying data: ArraySlice<UInt8>?, isTaken: inout Bool,
    eachRow: (OpaquePointer) -> Void = { _ in }, _ send: (OpaquePointer?) -> Int32
  ) async throws -> [PostgresResult] {
    guard isUsable else { throw PostgresError(connection: connection) }
    try Task.checkCancellation()
    guard send(connection) == 1 else { throw PostgresError(connection: connection) }
    do {
      try await flush(until: deadline)
      return try await results(
        until: deadline, copying: data, isTaken: &isTaken, eachRow: eachRow)
    } catch let error where error is CancellationError || error is DeadlineExceeded {
      await cancelAndDrain()
      if error is CancellationError { throw error }
      throw lost(
        PostgresError(kind: .timeout, message: "no answer in time; the statement was cancelled"))
    }
  }

  /// An error that knows whether it has ended the connection.
  private func lost(_ error: PostgresError) -> PostgresError {
    var error = error
    error.isConnectionLost = error.kind == .connection || !isUsable
    return error
  }

  private func flush(until deadline: Deadline) async throws {
    while true {
      switch PQflush(connection) {
      case 0: return
      case 1:
        // The server may want to be read before it reads on.
        try await readiness().waitReadableOrWritable(until: deadline)
        try consumeInput()
      default: throw PostgresError(connection: connection)
      }
    }
  }

  /// - Parameters:
  ///   - data: What is copied to the server if it asks for it.
  ///   - isTaken: Set when it has asked.
  @discardableResult
  private func results(
    until deadline: Deadline, copying data: ArraySlice<UInt8>?, isTaken: inout Bool,
    eachRow: (OpaquePointer) -> Void = { _ in }
  ) async throws -> [PostgresResult] {
    var results: [PostgresResult] = []
    var failure: PostgresError?
    while true {
      let next: OpaquePointer?
      do {
        next = try await nextResult(until: deadline)
      } catch let error as PostgresError {
        // Why the server has closed the connection says more than that it has.
        throw lost(failure ?? error)
      }
      guard let result = next else { break }
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
        results.append(PostgresResult(result: result))
      case PGRES_SINGLE_TUPLE: eachRow(result)
      case PGRES_COPY_IN where data != nil && !isTaken:
        isTaken = true
        try await put(data!, until: deadline)
      case PGRES_COPY_IN:
        PQputCopyEnd(connection, "COPY FROM STDIN is not supported here")
        failure = PostgresError(kind: .usage, message: "COPY FROM STDIN is not supported here")
        try await flush(until: deadline)
      case PGRES_COPY_OUT, PGRES_COPY_BOTH:
        failure = PostgresError(kind: .usage, message: "COPY TO STDOUT is not supported here")
        try await skipCopyOut(until: deadline)
      default:
        // The first error is the cause.
        failure = failure ?? PostgresError(result: result)
      }
    }
    if let failure { throw lost(failure) }
    guard !results.isEmpty else { throw PostgresError(connection: connection) }
    return results
  }

  private func nextResult(until deadline: Deadline) async throws -> OpaquePointer? {
    while PQisBusy(connection) == 1 {
      try await readiness().waitReadable(until: deadline)
      try consumeInput()
    }
    return PQgetResult(connection)
  }

  /// In pieces, so that little is held twice.
  private func put(_ data: ArraySlice<UInt8>, until deadline: Deadline) async throws {
    var rest = data
    while !rest.isEmpty {
      let piece = rest.prefix(1 << 16)
      let sent = piece.withUnsafeBytes {
        PQputCopyData(
          connection, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count))
      }
      guard sent == 1 else { throw PostgresError(connection: connection) }
      try await flush(until: deadline)
      rest = rest.dropFirst(piece.count)
    }
    guard PQputCopyEnd(connection, nil) == 1 else { throw PostgresError(connection: connection) }
    try await flush(until: deadline)
  }

  private func skipCopyOut(until deadline: Deadline) async throws {
    while true {
      var row: UnsafeMutablePointer<CChar>?
      let length = PQgetCopyData(connection, &row, 1)
      PQfreemem(row)
      if length == 0 {
        try await readiness().waitReadable(until: deadline)
        try consumeInput()
      } else if length < 0 {
        return
      }
    }
  }

  private func consumeInput() throws {
    guard PQconsumeInput(connection) == 1 else {
      throw PostgresError(connection: connection)
    }
  }

  private func readiness() throws -> Readiness {
    let socket = PQsocket(connection)
    guard socket >= 0 else { throw PostgresError(connection: connection) }
    return Readiness(descriptor: socket)
  }

  /// Cancels the statement on the server and reads what is left of it. In a task of its own, since
  /// this one may be cancelled; if it takes too long, the connection is given up.
  private func cancelAndDrain() async {
    await Task {
      let deadline = Deadline.after(.seconds(5))
      // Again and again: a backend that has not read the statement yet ignores a cancel request.
      while PQtransactionStatus(connection) == PQTRANS_ACTIVE {
        do {
          try await cancel(until: deadline)
          let pause = min(deadline, .after(.milliseconds(250)))
          try await flush(until: pause)
          // Not merely every result: one of COPY repeats itself until the copy is over.
          var isTaken = false
          try await results(until: pause, copying: nil, isTaken: &isTaken)
        } catch is DeadlineExceeded where !deadline.hasPassed {
          continue
        } catch {
          // The cancelled statement's error, mostly.
          break
        }
      }
      if PQtransactionStatus(connection) == PQTRANS_ACTIVE { finish() }
    }.value
  }

  private func cancel(until deadline: Deadline) async throws {
    guard let cancel = PQgetCancel(connection) else { return }
    let lent = LentPointer(pointer: cancel)
    // Connects to the server, and waits until it has closed that connection.
    try await BlockingThread.run(until: deadline) {
      var message = [CChar](repeating: 0, count: 256)
      PQcancel(lent.pointer, &message, Int32(message.count))
      PQfreeCancel(lent.pointer)
    }
  }
}

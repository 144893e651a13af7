internal import AsyncIO
internal import CLibPQ
internal import Glibc

extension PostgresConnection {
  /// Connects, trying the hosts in turn as libpq does.
  /// - Parameter timeout: For all hosts together, unless `connect_timeout` (or PGCONNECT_TIMEOUT) says
  ///   otherwise.
  /// - Throws: `PostgresError` of kind `connection` or `timeout`; `CancellationError`.
  public static func connect(
    _ configuration: PostgresConfiguration = PostgresConfiguration(),
    timeout: Duration = .seconds(10)
  ) async throws -> PostgresConnection {
    let deadline = Deadline.after(timeout)
    try check(configuration.conninfo)
    var keywords: [String] = []
    var values: [String] = []
    if !configuration.conninfo.isEmpty {
      keywords.append("dbname")
      values.append(configuration.conninfo)
    }
    var overrides = configuration.overrides
    overrides["client_encoding"] = "UTF8"
    for (keyword, value) in overrides.sorted(by: { $0.key < $1.key }) {
      keywords.append(keyword)
      values.append(value)
    }

    let start: @Sendable () -> LentPointer? = { [keywords, values] in
      withCStrings(keywords + [nil]) { keywords in
        withCStrings(values + [nil]) { values in
          PQconnectStartParams(keywords, values, 1).map(LentPointer.init)
        }
      }
    }
    // Looks up the first host's name, which blocks, if it is a name.
    let lent = isLocal(configuration) ? start() : try await BlockingThread.run(start)
    guard let lent else { throw PostgresError(kind: .connection, message: "out of memory") }
    let handle = ConnectionHandle(lent.pointer, onNotice: configuration.onNotice)
    try await poll(lent, until: connectTimeout(lent.pointer).map(Deadline.after) ?? deadline)
    guard PQsetnonblocking(lent.pointer, 1) == 0 else {
      throw PostgresError(connection: lent.pointer)
    }
    keepAlive(lent.pointer)
    return PostgresConnection(handle, preparesStatements: configuration.preparesStatements)
  }

  /// libpq repeats a connection string that it cannot read, with the password that may be in it, and its
  /// words go to logs: what it quotes is left out.
  private static func check(_ conninfo: String) throws {
    // Else it is a database's name.
    guard conninfo.contains("=") || conninfo.contains("://") else { return }
    var words: UnsafeMutablePointer<CChar>?
    if let options = PQconninfoParse(conninfo, &words) { return PQconninfoFree(options) }
    defer { PQfreemem(words) }
    let message = words.map { String(cString: $0) } ?? "out of memory"
    throw PostgresError(
      kind: .connection, message: "the connection string: \(withoutQuotation(message))")
  }

  /// Up to the first quotation of more than a character.
  static func withoutQuotation(_ message: String) -> String {
    var rest = message[...]
    while let quote = rest.firstIndex(of: "\"") {
      rest = rest[rest.index(after: quote)...]
      if !rest.prefix(2).contains("\"") { return message[..<quote] + "…" }
      rest = rest.drop { $0 != "\"" }.dropFirst()
    }
    return message.split(separator: "\n").joined(separator: " ")
  }

  /// A server that is gone without a word is noticed after half a minute, by whoever only listens, too;
  /// Linux's own defaults take two hours. What the connection string or the service file says holds.
  private static func keepAlive(_ connection: OpaquePointer) {
    for (keyword, name, value) in [
      ("keepalives_idle", TCP_KEEPIDLE, 15), ("keepalives_interval", TCP_KEEPINTVL, 5),
      ("keepalives_count", TCP_KEEPCNT, 3),
    ] where option(keyword, of: connection)?.isEmpty ?? true {
      var value = Int32(value)
      // A Unix socket has none.
      setsockopt(
        PQsocket(connection), Int32(IPPROTO_TCP), name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  /// Whether the server is reached by a Unix socket, as far as the configuration itself says so.
  private static func isLocal(_ configuration: PostgresConfiguration) -> Bool {
    if let host = configuration.overrides["host"] {
      return host.hasPrefix("/") && !host.contains(",")
    }
    guard let options = PQconninfoParse(configuration.conninfo, nil) else { return false }
    defer { PQconninfoFree(options) }
    var option = options
    while let name = option.pointee.keyword {
      if String(cString: name) == "host", let value = option.pointee.val {
        let host = String(cString: value)
        return host.hasPrefix("/") && !host.contains(",")
      }
      option += 1
    }
    return false
  }

  /// What the connection string, the service file or PGCONNECT_TIMEOUT says; libpq itself heeds it only
  /// where it blocks. `nil`: nothing, or no limit.
  private static func connectTimeout(_ connection: OpaquePointer) -> Duration? {
    guard let value = option("connect_timeout", of: connection), let seconds = Int(value),
      seconds > 0
    else { return nil }
    return .seconds(seconds)
  }

  /// What the connection is made with, wherever that was said.
  static func option(_ keyword: String, of connection: OpaquePointer) -> String? {
    guard let options = PQconninfo(connection) else { return nil }
    defer { PQconninfoFree(options) }
    var option = options
    while let name = option.pointee.keyword {
      if String(cString: name) == keyword { return option.pointee.val.map { String(cString: $0) } }
      option += 1
    }
    return nil
  }

  private static func poll(_ lent: LentPointer, until deadline: Deadline) async throws {
    guard PQstatus(lent.pointer) != CONNECTION_BAD else {
      throw PostgresError(connection: lent.pointer)
    }
    // Only the next host's name is looked up here. A thread for every step costs as much as the step.
    let mayBlock = option("host", of: lent.pointer)?.contains(",") ?? false
    // Behaves as if the socket had to be written first (PostgreSQL documentation, PQconnectPoll).
    var status = PGRES_POLLING_WRITING
    while true {
      // The next host may have another socket.
      let readiness = Readiness(descriptor: PQsocket(lent.pointer))
      do {
        switch status {
        case PGRES_POLLING_OK: return
        case PGRES_POLLING_READING: try await readiness.waitReadable(until: deadline)
        case PGRES_POLLING_WRITING: try await readiness.waitWritable(until: deadline)
        default: throw PostgresError(connection: lent.pointer)
        }
      } catch is DeadlineExceeded {
        throw PostgresError(kind: .timeout, message: "the server did not answer in time")
      }
      status =
        mayBlock
        ? try await BlockingThread.run { PQconnectPoll(lent.pointer) } : PQconnectPoll(lent.pointer)
    }
  }
}

internal import CLibPQ

extension PostgresResult {
  /// Copies a `PGresult`, which stays the caller's.
  init(result: OpaquePointer) {
    self.init(
      commandTag: String(cString: PQcmdStatus(result)), columnNames: Self.columnNames(result),
      values: (0..<PQntuples(result)).map { Self.values(result, $0) })
  }

  static func columnNames(_ result: OpaquePointer) -> [String] {
    (0..<PQnfields(result)).map { String(cString: PQfname(result, $0)) }
  }

  /// A row's.
  static func values(_ result: OpaquePointer, _ row: Int32) -> [String?] {
    (0..<PQnfields(result)).map { column in
      guard PQgetisnull(result, row, column) == 0 else { return nil }
      let bytes = UnsafeRawBufferPointer(
        start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}

extension PostgresError {
  /// What a `PGresult` says of an error or a notice.
  init(result: OpaquePointer) {
    func field(_ code: Int32) -> String? {
      PQresultErrorField(result, code).map { String(cString: $0) }
    }
    // libpq's PG_DIAG_* are character constants, which Swift does not import.
    func field(_ code: Unicode.Scalar) -> String? { field(Int32(code.value)) }

    self.init(
      kind: .server,
      message: field("M") ?? String(cString: PQresultErrorMessage(result)).trimmed)
    severity = field("V")
    sqlState = field("C")
    detail = field("D")
    hint = field("H")
    position = field("P").flatMap { Int($0) }
    internalQuery = field("q")
    internalPosition = field("p").flatMap { Int($0) }
    context = field("W")
    schema = field("s")
    table = field("t")
    column = field("c")
    constraint = field("n")
    // libpq's own words for a lost connection come without a SQLSTATE.
    if sqlState == nil { kind = .connection }
    isConnectionLost = kind == .connection
  }

  /// What a connection says of itself.
  init(connection: OpaquePointer?, kind: Kind = .connection) {
    let message = connection.map { String(cString: PQerrorMessage($0)).trimmed } ?? ""
    self.init(kind: kind, message: message.isEmpty ? "the connection is closed" : message)
    needsPassword = connection.map { PQconnectionNeedsPassword($0) == 1 } ?? false
  }
}

extension String {
  /// Without white space at either end.
  fileprivate var trimmed: String {
    var view = self[...]
    while view.first?.isWhitespace == true { view.removeFirst() }
    while view.last?.isWhitespace == true { view.removeLast() }
    return String(view)
  }
}

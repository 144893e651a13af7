internal import AsyncIO
internal import CLibPQ

extension PostgresConnection {
  /// Carries out one statement (extended protocol) and folds its rows as they come: however many they are,
  /// one is held at a time. Meanwhile the server keeps the statement open.
  /// - Parameters:
  ///   - initial: What they are folded into.
  ///   - sql: One statement, with `$1`, `$2` … for values.
  ///   - timeout: For all rows together; then the statement is cancelled on the server.
  ///   - add: Adds a row. When it throws, the other rows are passed over.
  /// - Throws: `PostgresError`; `CancellationError` if the task was cancelled; what `add` throws.
  @discardableResult
  public func reduce<Value: Sendable>(
    into initial: Value, _ sql: String, _ parameters: [PostgresParameter] = [],
    timeout: Duration? = nil, _ add: @Sendable (inout Value, PostgresRow) throws -> Void
  ) async throws -> Value {
    try Self.refuseNUL(sql, parameters)
    return try await turn.withPermit {
      var value = initial
      var columns: [String: Int] = [:]
      var failure: (any Error)?
      try await exchange(
        until: .after(timeout),
        eachRow: { result in
          guard failure == nil else { return }
          if columns.isEmpty {
            columns = PostgresRow.indexes(of: PostgresResult.columnNames(result))
          }
          do {
            try add(&value, PostgresRow(values: PostgresResult.values(result, 0), indexes: columns))
          } catch {
            failure = error
          }
        },
        { connection in
          let isSent = withCStrings(parameters.map(\.text)) {
            PQsendQueryParams(connection, sql, Int32(parameters.count), nil, $0, nil, nil, 0)
          }
          return isSent == 1 ? PQsetSingleRowMode(connection) : 0
        })
      if let failure { throw failure }
      return value
    }
  }
}

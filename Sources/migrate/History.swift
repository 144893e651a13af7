internal import ArgumentParser
internal import Postgres

/// `migrate history`.
struct History: DatabaseCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what befell the files: when, by whom, from where, how long.",
    helpNames: [.long, .customShort("?")])

  @OptionGroup var options: ConnectionOptions

  @Option(help: ArgumentHelp("The last so many only.", valueName: "number"))
  var last: Int?

  func validate() throws {
    if let last, last < 1 { throw ValidationError("--last is a number of rows, from 1") }
  }

  func run() async throws {
    let last = last
    try await MigrationWork.look(options) { connection in
      try await Self.tell(connection, last: last)
    }
  }

  /// A row of the ledger, as it is shown.
  struct Row: Equatable {
    var record: Record

    func tell() {
      let duration = record.milliseconds.map { " \($0) ms" } ?? ""
      let done = record.statement.map { "  \($0) of \(record.statements ?? 0) statements" } ?? ""
      let more = [record.message, record.reason].compactMap { $0 }.map { ": \($0)" }.joined()
      Output.data(
        record,
        "\(record.at ?? "")  \(record.state ?? "")  \(record.path ?? "") \(duration)\(done)  by \(record.login ?? "")"
          + (record.role == record.login ? "" : " as \(record.role ?? "")")
          + " on \(record.host ?? "?"), migrate \(record.tool ?? "")\(more)")
    }
  }

  /// Tells the rows, once all are there: a pager that waits must not keep the statement open, and its snapshot.
  static func tell(
    _ connection: PostgresConnection, last: Int? = nil, path: String? = nil
  ) async throws {
    let state = try await LedgerState.read(connection)
    try state.check()
    guard state.exists else { return }
    let more =
      state.isCurrent
      ? "event, statement, statements, error, reason, host"
      : "'applied' AS event, NULL AS statement, NULL AS statements, NULL AS error, NULL AS reason, NULL AS host"
    let rows = try await connection.reduce(
      into: [Row](),
      """
      SELECT * FROM (
          SELECT entry_id, version, path, hash, applied_as, login, pg_catalog.host(client) AS client,
              tool_version, milliseconds,
              pg_catalog.to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at, \(more)
          FROM migrate.ledger WHERE $2::pg_catalog.text IS NULL OR path OPERATOR(pg_catalog.=) $2
          ORDER BY entry_id DESC LIMIT $1) AS l
      ORDER BY entry_id
      """, [.int(last.map { Int64($0) }), .text(path)]
    ) { rows, row in
      var record = Record(
        "history", path: row["path"], number: row["version"].flatMap { Int($0) },
        state: row["event"], milliseconds: row["milliseconds"].flatMap { Double($0) },
        message: row["error"])
      record.at = row["at"]
      record.role = row["applied_as"]
      record.login = row["login"]
      record.host = row["host"] ?? row["client"]
      record.tool = row["tool_version"]
      record.reason = row["reason"]
      record.hash = row["hash"]
      record.statement = row["statement"].flatMap { Int($0) }
      record.statements = row["statements"].flatMap { Int($0) }
      rows.append(Row(record: record))
    }
    for row in rows { row.tell() }
  }
}

internal import FoundationEssentials
internal import Glibc
internal import Postgres

extension Ledger {
  /// The statement that writes a row.
  /// - Parameters:
  ///   - xid: Only within this transaction; elsewhere it writes none.
  ///   - lock: Only under this condition: that the session holds the lock.
  ///   - last: Only if the file's last row is this one.
  static func insert(
    _ entry: LedgerEntry, ifIn xid: String? = nil, ifHeld lock: String? = nil,
    behind last: Int? = nil
  ) -> String {
    func number(_ value: Int?) -> String { value.map { String($0) } ?? "NULL" }
    func text(_ value: String?) -> String { value.map(literal) ?? "NULL" }
    let milliseconds = String(entry.milliseconds)
    var conditions: [String] = []
    if let xid {
      conditions.append(
        "pg_catalog.pg_current_xact_id()::pg_catalog.text OPERATOR(pg_catalog.=) \(literal(xid))")
    }
    if let lock { conditions.append(lock) }
    if let last, let version = entry.file.file.version {
      conditions.append(
        """
        NOT EXISTS (SELECT FROM migrate.ledger AS later
                WHERE later.version OPERATOR(pg_catalog.=) \(version)
                  AND later.entry_id OPERATOR(pg_catalog.>) \(last))
        """)
    }
    let condition =
      conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: "\n      AND ")
    return """
      INSERT INTO migrate.ledger (version, path, hash, raw_hash, tool_version, started_at, milliseconds,
          event, code_hash, statement, statements, error, sqlstate, reason, host)
      SELECT \(number(entry.file.file.version)), \(literal(entry.file.file.path)), '\(entry.file.hash)',
          '\(entry.file.rawHash)', '\(Migrate.toolVersion)',
          pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) '\(milliseconds) ms'::pg_catalog.interval,
          \(milliseconds), '\(entry.event.rawValue)', \(text(entry.codeHash)),
          \(number(entry.statement)), \(number(entry.statements)), \(text(entry.error)),
          \(text(entry.sqlState)), \(text(entry.reason)), \(literal(host))\(condition)
      RETURNING entry_id, cmin::pg_catalog.text AS command
      """
  }

  /// Writes a row.
  /// - Returns: Its number.
  @discardableResult
  static func record(_ entry: LedgerEntry, _ connection: PostgresConnection) async throws -> Int {
    try await connection.execute(insert(entry)).last?.first?["entry_id"].flatMap { Int($0) } ?? 0
  }

  /// With standard_conforming_strings on.
  static func literal(_ text: String) -> String {
    guard text.utf8.contains(0x27) else { return "'\(text)'" }
    return "'"
      + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }

  /// The machine that the tool runs on.
  static let host: String = {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()
}

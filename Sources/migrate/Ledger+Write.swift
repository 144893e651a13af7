internal import FoundationEssentials
internal import Glibc
internal import Postgres

extension Ledger {
  /// The statement that writes a row, under conditions.
  /// - Parameters:
  ///   - lock: Only under this condition: that the session holds the lock.
  ///   - last: Only if the file's last row is this one.
  static func insert(
    _ entry: LedgerEntry, ifHeld lock: String? = nil, behind last: Int? = nil
  ) -> String {
    var conditions: [String] = []
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
    let (columns, values) = columns(entry)
    return """
      INSERT INTO migrate.ledger (\(columns))
      SELECT \(values)\(condition)
      RETURNING entry_id
      """
  }

  /// The statement that writes a row in any case, and tells what must be true for it to be committed: `xid`, the
  /// transaction that it is in, `is_held`, whether the session holds the lock; and `command`, its number in there.
  /// PostgreSQL takes two thirds of the time for it that it takes for one with conditions.
  static func insertTelling(_ entry: LedgerEntry) -> String {
    let (columns, values) = columns(entry)
    return """
      INSERT INTO migrate.ledger (\(columns))
      VALUES (\(values))
      RETURNING entry_id, cmin AS command, pg_catalog.pg_current_xact_id() AS xid,
          \(SessionLock.isKept) AS is_held
      """
  }

  /// The columns of a row that are not left to their defaults, and the values.
  private static func columns(_ entry: LedgerEntry) -> (names: String, values: String) {
    func number(_ value: Int?) -> String? { value.map { String($0) } }
    let milliseconds = String(entry.milliseconds)
    let all: [(name: String, value: String?)] = [
      ("version", number(entry.file.file.version)),
      ("path", literal(entry.file.file.path)),
      ("hash", "'\(entry.file.hash)'"), ("raw_hash", "'\(entry.file.rawHash)'"),
      ("tool_version", "'\(Migrate.toolVersion)'"),
      (
        "started_at",
        "pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) '\(milliseconds) ms'::pg_catalog.interval"
      ),
      ("milliseconds", milliseconds), ("event", "'\(entry.event.rawValue)'"),
      ("code_hash", entry.codeHash.map(literal)), ("statement", number(entry.statement)),
      ("statements", number(entry.statements)), ("error", entry.error.map(literal)),
      ("sqlstate", entry.sqlState.map(literal)), ("reason", entry.reason.map(literal)),
      ("host", literal(host)),
    ]
    return (
      all.compactMap { $0.value == nil ? nil : $0.name }.joined(separator: ", "),
      all.compactMap(\.value).joined(separator: ", ")
    )
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

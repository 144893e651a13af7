internal import Postgres
internal import SQLScript

/// What is deferred, in the one transaction of a rehearsal, where nothing comes to a COMMIT: behind each file it
/// is carried out as that file's COMMIT would have done it, and the next file finds the constraints as it
/// would at the beginning of a transaction.
///
/// SET CONSTRAINTS ALL IMMEDIATE carries out what waits, and holds until the end of the transaction. A savepoint
/// would take that back, and with it what the deferred triggers have done: the next file would not find it, and
/// would find tables with events that wait, which ALTER TABLE refuses. So what is DEFERRABLE is set back: ALL
/// DEFERRED, and by name what is INITIALLY IMMEDIATE; also what a later file makes of that kind, since ALL holds
/// for it, too. Where one name stands for constraints of both kinds, they stay deferred: what they refuse is then
/// told at the file's end.
struct RehearsedConstraints {
  /// OIDs of those INITIALLY IMMEDIATE that are set so; `nil`: no file has ended yet, and all is as it was.
  private var known: Set<String>?
  /// Whether the file at hand has said SET CONSTRAINTS ALL: it holds for what the file makes behind that.
  private var isSetByFile = false

  /// A statement has been carried out. What it has made is deferred only if its definition, or the file, says so.
  mutating func ended(_ step: Script.Step, _ connection: PostgresConnection) async throws {
    if step.statement.words.starts(with: ["set", "constraints", "all"]) { isSetByFile = true }
    guard let known, !isSetByFile, Self.mayDefine(step.statement) else { return }
    let new = try await immediate(connection).filter { !known.contains($0.oid) }
    try await set(new, connection)
  }

  /// What may make a constraint, or a table that has one: of most statements nobody has to ask. One that a
  /// trigger makes is not seen.
  static func mayDefine(_ statement: Statement) -> Bool {
    let words = statement.words
    switch words.first {
    case "alter": return ["table", "foreign", "extension"].contains(words.dropFirst().first)
    case "create":
      return words.contains { ["table", "constraint", "schema", "extension"].contains($0) }
    // What they call may do anything.
    case "do", "call", "select", "with", "execute", "import": return true
    default: return false
    }
  }

  /// What is deferred has been carried out: the next file begins.
  mutating func reset(_ connection: PostgresConnection) async throws {
    try await connection.execute("SET CONSTRAINTS ALL DEFERRED")
    isSetByFile = false
    known = []
    try await set(immediate(connection), connection)
  }

  private mutating func set(
    _ constraints: [(oid: String, name: String)], _ connection: PostgresConnection
  ) async throws {
    guard !constraints.isEmpty else { return }
    let names = constraints.map(\.name).joined(separator: ", ")
    try await connection.execute("SET CONSTRAINTS \(names) IMMEDIATE")
    known?.formUnion(constraints.map(\.oid))
  }

  /// Those that may be deferred and are not, unless told to. As the file's role sees them.
  private func immediate(
    _ connection: PostgresConnection
  ) async throws -> [(oid: String, name: String)] {
    try await connection.query(
      """
      SELECT c.oid, pg_catalog.quote_ident(n.nspname) OPERATOR(pg_catalog.||) '.'
          OPERATOR(pg_catalog.||) pg_catalog.quote_ident(c.conname) AS name
      FROM pg_catalog.pg_constraint AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.connamespace
      WHERE c.condeferrable AND NOT c.condeferred
        AND NOT pg_catalog.pg_is_other_temp_schema(n.oid)
        AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS other
            WHERE other.connamespace OPERATOR(pg_catalog.=) c.connamespace
              AND other.conname OPERATOR(pg_catalog.=) c.conname AND other.condeferred)
      """
    ).map { ($0["oid"] ?? "", $0["name"] ?? "") }
  }
}

internal import Postgres
internal import SQLScript

/// The locks of statements on the tables that the database has.
enum PlannedLocks {
  /// The strongest lock on each table that is named, or whose index is, or whose default partition is looked
  /// through.
  /// - Parameter named: By the look of the statements.
  static func read(
    _ named: [TableLock], _ connection: PostgresConnection
  ) async throws -> [Record.Lock] {
    let found = try await relations(Set(named.map { PlanCommand.name($0.table) }), connection)
    var locks: [String: Record.Lock] = [:]
    for lock in named {
      let name = PlanCommand.name(lock.table)
      let row = found[name]
      let table: String
      let bytes: String?
      switch lock.target {
      case .itself:
        (table, bytes) = (name, row?["bytes"])
      case .itselfIfThere:
        guard let row else { continue }
        (table, bytes) = (name, row["bytes"])
      case .tableOfIndex:
        (table, bytes) = (row?["table"] ?? name, row?["bytes"])
      case .defaultPartition:
        guard let partition = row?["partition"] else { continue }
        (table, bytes) = (partition, row?["partition_bytes"])
      }
      let mode = locks[table].flatMap { TableLock.Mode(rawValue: $0.mode) }
      locks[table] = Record.Lock(
        table: table, mode: max(mode ?? .accessShare, lock.mode).rawValue,
        bytes: bytes.flatMap { Int($0) })
    }
    return locks.values.sorted { $0.table < $1.table }
  }

  private static func relations(
    _ names: Set<String>, _ connection: PostgresConnection
  ) async throws -> [String: PostgresRow] {
    let rows = try await connection.query(
      """
      SELECT n.name, CASE WHEN i.relkind IN ('i', 'I') THEN c.oid::pg_catalog.regclass::text END AS table,
          \(PlanCommand.bytes) AS bytes,
          d.partdefid::pg_catalog.regclass::text AS partition,
          pg_catalog.pg_total_relation_size(d.partdefid) AS partition_bytes
      FROM pg_catalog.unnest($1::text[]) AS n (name)
      JOIN pg_catalog.pg_class AS i ON i.oid = pg_catalog.to_regclass(n.name)
      LEFT JOIN pg_catalog.pg_index AS x ON x.indexrelid = i.oid
      JOIN pg_catalog.pg_class AS c ON c.oid = coalesce(x.indrelid, i.oid)
      LEFT JOIN pg_catalog.pg_partitioned_table AS d ON d.partrelid = c.oid AND d.partdefid <> 0
      WHERE c.relkind IN ('r', 'm', 'p', 'v', 'f')
      """, [.textArray(names.sorted())])
    return Dictionary(rows.map { ($0["name"] ?? "", $0) }, uniquingKeysWith: { $1 })
  }
}

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
    try await byTable(named, withSizes: true, connection).values.sorted { $0.table < $1.table }
  }

  /// The same by the table's OID; by its name, if it is not there yet.
  /// - Parameter withSizes: To ask for a table's size is to wait for whoever has locked it.
  static func byTable(
    _ named: [TableLock], withSizes: Bool, _ connection: PostgresConnection
  ) async throws -> [String: Record.Lock] {
    let found = try await relations(
      Set(named.map { PlanCommand.name($0.table) }), withSizes: withSizes, connection)
    // By OID: one table may be named in several ways.
    var locks: [String: Record.Lock] = [:]
    for lock in named {
      let name = PlanCommand.name(lock.table)
      let row = found[name]
      let table: (id: String?, name: String, bytes: String?)
      switch lock.target {
      case .itself:
        table = (row?["id"], name, row?["bytes"])
      case .itselfIfThere:
        guard let row, let id = row["id"] else { continue }
        table = (id, name, row["bytes"])
      case .tableOfIndex:
        table = (row?["table_id"], row?["table"] ?? name, row?["bytes"])
      case .defaultPartition:
        guard let row, let partition = row["partition"] else { continue }
        table = (row["partition_id"], partition, row["partition_bytes"])
      }
      // What is not there yet is made where an unqualified name is looked for first.
      let id = table.id ?? row?["name_there"] ?? name
      let known = locks[id]
      let mode = known.flatMap { TableLock.Mode(rawValue: $0.mode) }
      locks[id] = Record.Lock(
        table: known?.table ?? table.name, mode: max(mode ?? .accessShare, lock.mode).rawValue,
        bytes: table.bytes.flatMap { Int($0) })
    }
    return locks
  }

  private static func relations(
    _ names: Set<String>, withSizes: Bool, _ connection: PostgresConnection
  ) async throws -> [String: PostgresRow] {
    // Names are looked up by the database's own search_path, so operators are named with their schema.
    let rows = try await connection.query(
      """
      SELECT n.name, i.oid AS id,
          CASE WHEN pg_catalog.strpos(n.name, '.') OPERATOR(pg_catalog.>) 0 THEN n.name
              ELSE pg_catalog.concat(pg_catalog.quote_ident(pg_catalog.current_schema()), '.', n.name)
          END AS name_there,
          CASE WHEN i.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['i', 'I']::pg_catalog."char"[])
              THEN c.oid::pg_catalog.regclass::pg_catalog.text END AS table,
          c.oid AS table_id, \(withSizes ? PlanCommand.bytes : "NULL") AS bytes,
          d.partdefid AS partition_id, d.partdefid::pg_catalog.regclass::pg_catalog.text AS partition,
          \(withSizes ? "pg_catalog.pg_total_relation_size(d.partdefid)" : "NULL") AS partition_bytes
      FROM pg_catalog.unnest($1::pg_catalog.text[]) AS n (name)
      LEFT JOIN (pg_catalog.pg_class AS i
          LEFT JOIN pg_catalog.pg_index AS x ON x.indexrelid OPERATOR(pg_catalog.=) i.oid
          JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) coalesce(x.indrelid, i.oid)
              AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'm', 'p', 'v', 'f']::pg_catalog."char"[])
          LEFT JOIN pg_catalog.pg_partitioned_table AS d ON d.partrelid OPERATOR(pg_catalog.=) c.oid
              AND d.partdefid OPERATOR(pg_catalog.<>) 0::pg_catalog.oid)
        ON i.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(n.name)::pg_catalog.oid
      """, [.textArray(names.sorted())])
    return Dictionary(rows.map { ($0["name"] ?? "", $0) }, uniquingKeysWith: { $1 })
  }
}

internal import Postgres
internal import SQLScript

/// The names that a file gives are looked up as it would have them, by its search_path; so operators and types
/// are named with their schema.
extension IndexState {
  /// Asks the catalog.
  /// - Parameter compares: Whether a valid one's definition is compared; it costs a transaction that is
  ///   rolled back.
  static func read(
    _ build: IndexBuild, compares: Bool, _ connection: PostgresConnection
  ) async throws -> IndexState {
    let table = Self.quoted(build.table)
    let result = try await connection.query(
      """
      SELECT c.relkind, c.oid, x.indrelid OPERATOR(pg_catalog.=) t.oid AS is_tables,
          x.indisvalid AND x.indisready AS is_valid,
          \(Self.definition(of: "x.indexrelid")) AS definition,
          pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, c.oid, 0) AS what,
          (SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index AS p
           WHERE p.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
             -- What another role's session builds is not shown to everybody; its lock on the table is.
             AND (p.index_relid OPERATOR(pg_catalog.=) c.oid
                  OR p.relid IS NULL AND EXISTS (
                      SELECT FROM pg_catalog.pg_locks AS l
                      WHERE l.pid OPERATOR(pg_catalog.=) p.pid AND l.relation OPERATOR(pg_catalog.=) t.oid
                        AND l.mode OPERATOR(pg_catalog.=) 'ShareUpdateExclusiveLock'))
           LIMIT 1) AS builder
      FROM pg_catalog.pg_class AS t
      JOIN pg_catalog.pg_class AS c ON c.relnamespace OPERATOR(pg_catalog.=) t.relnamespace
          AND c.relname OPERATOR(pg_catalog.=) $2
      LEFT JOIN pg_catalog.pg_index AS x ON x.indexrelid OPERATOR(pg_catalog.=) c.oid
      WHERE t.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid
      """, [.text(table), .text(build.name)])
    guard let row = result.first else { return .missing }
    guard row["is_tables"] == "t", let definition = row["definition"] else {
      return .taken(row["what"] ?? "")
    }
    guard row["is_valid"] == "t" else {
      return .invalid(builder: row["builder"].flatMap { Int($0) })
    }
    guard compares else { return .valid(existing: "", wanted: "") }
    return .valid(
      existing: essence(definition), wanted: try await wanted(build, table, connection))
  }

  /// Where the table lies, and so its indexes.
  static func schema(of build: IndexBuild, _ connection: PostgresConnection) async throws -> String
  {
    let result = try await connection.query(
      """
      SELECT n.nspname FROM pg_catalog.pg_class AS t
      JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) t.relnamespace
      WHERE t.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid
      """, [.text(quoted(build.table))])
    guard let schema = result.first?["nspname"] else {
      throw PostgresError(kind: .usage, message: "no table \(quoted(build.table)) any more")
    }
    return schema
  }

  /// The indexes that a REINDEX CONCURRENTLY has left, by the names that PostgreSQL gives them, and that
  /// nobody works on; separated by commas.
  /// - Returns: `nil` if there are none.
  static func leftByReindex(_ connection: PostgresConnection) async throws -> String? {
    let result = try await connection.query(
      """
      SELECT pg_catalog.string_agg(c.oid::pg_catalog.regclass::pg_catalog.text, ', ' ORDER BY c.oid) AS names
      FROM pg_catalog.pg_index AS x
      JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) x.indexrelid
      WHERE NOT x.indisvalid AND c.relname OPERATOR(pg_catalog.~) '_cc(new|old)[0-9]*$'
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index AS p
            WHERE coalesce(p.relid, x.indrelid) OPERATOR(pg_catalog.=) x.indrelid
              AND p.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid())
      """)
    return result.first?["names"]
  }

  /// The partition that a DETACH PARTITION CONCURRENTLY has left half detached; a table has one at most.
  /// - Returns: `nil` if there is none.
  static func pendingDetach(
    from table: [String], _ connection: PostgresConnection
  ) async throws -> String? {
    let result = try await connection.query(
      """
      SELECT i.inhrelid::pg_catalog.regclass::pg_catalog.text AS name FROM pg_catalog.pg_inherits AS i
      WHERE i.inhdetachpending
        AND i.inhparent OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)::pg_catalog.oid
      """, [.text(quoted(table))])
    return result.first?["name"]
  }

  /// What PostgreSQL itself makes of the statement: built on an empty copy of the table, of the same name,
  /// by which the definition may call it.
  private static func wanted(
    _ build: IndexBuild, _ table: String, _ connection: PostgresConnection
  ) async throws -> String {
    let probe = "pg_temp.\(quoted(build.table.suffix(1)))"
    return try await connection.transaction { connection in
      try await connection.execute(
        """
        SELECT pg_catalog.set_config('temp_tablespaces',
            CASE pg_catalog.current_setting('default_tablespace') WHEN '' THEN ''
            ELSE pg_catalog.quote_ident(pg_catalog.current_setting('default_tablespace')) END, true);
        CREATE TABLE \(probe) (LIKE \(table));
        CREATE \(build.isUnique ? "UNIQUE " : "")INDEX migrate_probe_index
            ON \(probe) \(build.definition)
        """)
      let result = try await connection.query(
        """
        SELECT \(definition(of: "c.oid")) AS definition FROM pg_catalog.pg_class AS c
        WHERE c.oid OPERATOR(pg_catalog.=) 'pg_temp.migrate_probe_index'::pg_catalog.regclass
        """)
      try await connection.execute("DROP TABLE \(probe)")
      return essence(result[0]["definition"] ?? "")
    }
  }

  /// What PostgreSQL prints, and what it leaves out: the tablespace, if it is not the database's own, and that it
  /// is the index of a constraint that is checked late, by which neither ON CONFLICT nor a foreign key goes. An
  /// expression, where `c` is the index in pg_class.
  private static func definition(of index: String) -> String {
    """
    pg_catalog.concat(pg_catalog.pg_get_indexdef(\(index)), (
        SELECT pg_catalog.concat(' TABLESPACE ', pg_catalog.quote_ident(s.spcname))
        FROM pg_catalog.pg_tablespace AS s WHERE s.oid OPERATOR(pg_catalog.=) c.reltablespace), (
        SELECT ' DEFERRABLE' FROM pg_catalog.pg_index AS y
        WHERE y.indexrelid OPERATOR(pg_catalog.=) \(index) AND NOT y.indimmediate))
    """
  }

  /// `CREATE UNIQUE INDEX name ON schema.table USING …` without the names.
  private static func essence(_ definition: String) -> String {
    guard let start = definition.firstRange(of: " USING ")?.lowerBound else { return definition }
    return (definition.hasPrefix("CREATE UNIQUE ") ? "UNIQUE" : "INDEX") + definition[start...]
  }

  static func quoted(_ parts: [String]) -> String {
    parts.map { part in
      "\""
        + part.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        + "\""
    }.joined(separator: ".")
  }
}

internal import Postgres

/// The functions, views, triggers and policies of the database, and what the ledger knows of them.
struct ObjectCatalog: Sendable {
  let connection: PostgresConnection

  /// Those that somebody has made: not the server's, not an extension's, not the ledger's. Asked where the
  /// database's search_path holds, so operators and types are named with their schema; so below.
  private static let candidates = """
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid AS class, p.oid, p.proname AS name,
        p.xmin::pg_catalog.text AS writer, p.cmin::pg_catalog.text AS command
    FROM pg_catalog.pg_proc AS p
    WHERE p.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid AND \(isNotLedgers("p.pronamespace"))
    UNION ALL
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, c.oid, c.relname,
        r.xmin::pg_catalog.text, r.cmin::pg_catalog.text
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_rewrite AS r ON r.ev_class OPERATOR(pg_catalog.=) c.oid
    WHERE c.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid
      AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['v', 'm']::pg_catalog."char"[])
      AND r.rulename OPERATOR(pg_catalog.=) '_RETURN'
    UNION ALL
    SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass::pg_catalog.oid, t.oid, t.tgname,
        t.xmin::pg_catalog.text, t.cmin::pg_catalog.text
    FROM pg_catalog.pg_trigger AS t
    JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) t.tgrelid
    WHERE t.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid AND NOT t.tgisinternal
      AND t.tgparentid OPERATOR(pg_catalog.=) 0::pg_catalog.oid AND \(isNotLedgers("c.relnamespace"))
    UNION ALL
    SELECT 'pg_catalog.pg_policy'::pg_catalog.regclass::pg_catalog.oid, p.oid, p.polname,
        p.xmin::pg_catalog.text, p.cmin::pg_catalog.text
    FROM pg_catalog.pg_policy AS p
    WHERE p.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid
    """

  /// A condition: a schema is not the ledger's, also when there is no ledger.
  private static func isNotLedgers(_ schema: String) -> String {
    "coalesce(\(schema) OPERATOR(pg_catalog.<>) pg_catalog.to_regnamespace('migrate')::pg_catalog.oid, true)"
  }

  /// Which version of each there is.
  func stamps() async throws -> [DatabaseObject.Key: DatabaseObject.Stamp] {
    var stamps: [DatabaseObject.Key: DatabaseObject.Stamp] = [:]
    for row in try await connection.query(Self.candidates) {
      let key = DatabaseObject.Key(
        table: try row.decode("class", as: Int.self), id: try row.decode("oid", as: Int.self))
      stamps[key] = DatabaseObject.Stamp(
        transaction: row["writer"] ?? "", command: row["command"].flatMap { Int($0) } ?? 0)
    }
    return stamps
  }

  /// What was written since.
  func changed(
    since before: [DatabaseObject.Key: DatabaseObject.Stamp]
  ) async throws -> [ObjectOwners.Changed] {
    let now = try await stamps().filter { $0.value != before[$0.key] }
    guard !now.isEmpty else { return [] }
    let keys = Array(now.keys)
    func list(_ values: [Int]) -> PostgresParameter {
      .text("{\(values.map { String($0) }.joined(separator: ","))}")
    }
    let rows = try await connection.query(
      """
      SELECT k.class, k.oid, i.type, i.identity, coalesce(c.name, '') AS name
      FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.oid[]))
          AS k (class, oid)
      JOIN (\(Self.candidates)) AS c
          ON c.class OPERATOR(pg_catalog.=) k.class AND c.oid OPERATOR(pg_catalog.=) k.oid
      CROSS JOIN LATERAL pg_catalog.pg_identify_object(k.class, k.oid, 0) AS i
      WHERE NOT EXISTS (
          SELECT FROM pg_catalog.pg_depend AS d
          WHERE d.classid OPERATOR(pg_catalog.=) k.class AND d.objid OPERATOR(pg_catalog.=) k.oid
            AND d.deptype OPERATOR(pg_catalog.=) 'e')
      ORDER BY i.type, i.identity
      """, [list(keys.map(\.table)), list(keys.map(\.id))])
    return try rows.map { row in
      let key = DatabaseObject.Key(
        table: try row.decode("class", as: Int.self), id: try row.decode("oid", as: Int.self))
      return ObjectOwners.Changed(
        object: DatabaseObject(
          type: try row.decode("type", as: String.self),
          identity: try row.decode("identity", as: String.self)),
        name: row["name"] ?? "", command: now[key]?.command ?? 0,
        isNew: before[key] == nil)
    }
  }

  /// Whose each object is, by what the files made when they were applied last.
  func owners(among paths: [String]) async throws -> [DatabaseObject: String] {
    var owners: [DatabaseObject: String] = [:]
    for row in try await connection.query(
      """
      SELECT o.type, o.identity, l.path
      FROM (\(Self.latest)) AS l
      JOIN migrate.objects AS o ON o.entry_id OPERATOR(pg_catalog.=) l.entry_id
      WHERE l.path OPERATOR(pg_catalog.=) ANY ($1)
      """, [.textArray(paths)])
    {
      owners[try object(row)] = row["path"]
    }
    return owners
  }

  private static let latest = """
    SELECT DISTINCT ON (path) path, entry_id FROM migrate.ledger
    WHERE version IS NULL AND event OPERATOR(pg_catalog.=) 'applied' ORDER BY path, entry_id DESC
    """

  /// Writes down what a file has made.
  func record(_ objects: [(entry: Int, object: DatabaseObject)]) async throws {
    guard !objects.isEmpty else { return }
    try await connection.query(
      """
      INSERT INTO migrate.objects (entry_id, type, identity)
      SELECT * FROM ROWS FROM (pg_catalog.unnest($1::bigint[]), pg_catalog.unnest($2::pg_catalog.text[]),
          pg_catalog.unnest($3::pg_catalog.text[])) AS o
      """,
      [
        .text("{\(objects.map { String($0.entry) }.joined(separator: ","))}"),
        .textArray(objects.map(\.object.type)), .textArray(objects.map(\.object.identity)),
      ])
  }

  /// What a file made once, is still there, and no file makes any more.
  struct Stale: Sendable {
    var object: DatabaseObject
    /// Its name without schema and arguments.
    var name: String
    /// The file.
    var path: String
    /// When the file made it last: a row of the ledger.
    var entry: Int
  }

  func stale(among paths: [String]) async throws -> [Stale] {
    let gone = try await connection.query(
      """
      SELECT o.type, o.identity, pg_catalog.max(l.path) AS path, pg_catalog.max(l.entry_id) AS entry
      FROM migrate.objects AS o
      JOIN migrate.ledger AS l ON l.entry_id OPERATOR(pg_catalog.=) o.entry_id
      WHERE NOT EXISTS (
          SELECT FROM (\(Self.latest)) AS n
          JOIN migrate.objects AS m ON m.entry_id OPERATOR(pg_catalog.=) n.entry_id
          WHERE n.path OPERATOR(pg_catalog.=) ANY ($1) AND m.type OPERATOR(pg_catalog.=) o.type
            AND m.identity OPERATOR(pg_catalog.=) o.identity)
        AND l.entry_id OPERATOR(pg_catalog.>) coalesce((
            SELECT pg_catalog.max(p.entry_id) FROM migrate.ledger AS p
            WHERE p.event OPERATOR(pg_catalog.=) 'pruned' AND p.path OPERATOR(pg_catalog.=) l.path), 0)
      GROUP BY o.type, o.identity
      """, [.textArray(paths)])
    guard !gone.isEmpty else { return [] }
    let there = try await connection.query(
      """
      SELECT i.type, i.identity, g.path, g.entry, coalesce(c.name, '') AS name
      FROM (\(Self.candidates)) AS c
      CROSS JOIN LATERAL pg_catalog.pg_identify_object(c.class, c.oid, 0) AS i
      JOIN ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]),
          pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::bigint[]))
              AS g (type, identity, path, entry)
          ON g.type OPERATOR(pg_catalog.=) i.type AND g.identity OPERATOR(pg_catalog.=) i.identity
      ORDER BY g.path, i.type, i.identity
      """,
      [
        .textArray(gone.map { $0["type"] ?? "" }), .textArray(gone.map { $0["identity"] ?? "" }),
        .textArray(gone.map { $0["path"] ?? "" }), .textArray(gone.map { $0["entry"] ?? "0" }),
      ])
    return try there.map { row in
      Stale(
        object: try object(row), name: row["name"] ?? "", path: row["path"] ?? "",
        entry: row["entry"].flatMap { Int($0) } ?? 0)
    }
  }

  private func object(_ row: PostgresRow) throws -> DatabaseObject {
    DatabaseObject(
      type: try row.decode("type", as: String.self),
      identity: try row.decode("identity", as: String.self))
  }
}

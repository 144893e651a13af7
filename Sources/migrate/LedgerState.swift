internal import Postgres

/// Whose the ledger is, and of which version. Whoever owns it can have the runner carry out anything: by a
/// trigger, with the runner's rights.
struct LedgerState: Sendable, Equatable {
  var hasSchema = false
  /// Whether there is a ledger.
  var exists = false
  /// Whether it is as this version of the tool makes it.
  var isCurrent = false
  /// Owner of the schema or the table that is none to be trusted.
  var stranger: String?
  /// Whether everybody may create in the schema.
  var isPublic = false
  /// The role that asks.
  var role = ""

  static func read(_ connection: PostgresConnection) async throws -> LedgerState {
    // Trusted: the role itself, a superuser, and a role that it was made a member of.
    let result = try await connection.query(
      """
      WITH RECURSIVE mine (role) AS (
          SELECT r.oid FROM pg_catalog.pg_roles AS r
          WHERE r.rolname IN (current_user, session_user)
          UNION
          SELECT m.roleid FROM pg_catalog.pg_auth_members AS m JOIN mine ON m.member = mine.role
      ), owner (role) AS (
          SELECT n.nspowner FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'migrate'
          UNION
          SELECT c.relowner FROM pg_catalog.pg_class AS c
          JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
          WHERE n.nspname = 'migrate'
          UNION
          SELECT p.proowner FROM pg_catalog.pg_proc AS p
          JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
          WHERE n.nspname = 'migrate'
      )
      SELECT current_user AS role, n.oid IS NOT NULL AS has_schema, c.oid IS NOT NULL AS exists,
          EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                  WHERE a.attrelid = c.oid AND a.attname = 'event' AND NOT a.attisdropped) AS is_current,
          (SELECT pg_catalog.string_agg(DISTINCT r.rolname::text, ', ') FROM owner AS o
           JOIN pg_catalog.pg_roles AS r ON r.oid = o.role
           WHERE NOT r.rolsuper AND o.role NOT IN (SELECT role FROM mine)) AS stranger,
          EXISTS (SELECT FROM pg_catalog.aclexplode(n.nspacl) AS g
                  WHERE g.grantee = 0 AND g.privilege_type = 'CREATE') AS is_public
      FROM (VALUES (1)) AS one
      LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'migrate'
      LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = 'ledger'
          AND c.relkind = 'r'
      """)
    let row = result[0]
    return LedgerState(
      hasSchema: row["has_schema"] == "t", exists: row["exists"] == "t",
      isCurrent: row["is_current"] == "t", stranger: row["stranger"],
      isPublic: row["is_public"] == "t", role: row["role"] ?? "")
  }

  /// - Throws: `MigrateFailure` of code `history`.
  func check() throws {
    if let stranger {
      throw MigrateFailure(
        code: .history,
        message: "the schema migrate, or something in it, belongs to \(stranger), not to \(role)",
        lines: [
          "HINT: run migrate as that role; or, if it is yours, give schema and tables to a role that \(role) is a member of."
        ])
    }
    if isPublic {
      throw MigrateFailure(
        code: .history, message: "everybody may create in the schema migrate",
        lines: [
          "HINT: see what is in it, then REVOKE CREATE ON SCHEMA migrate FROM PUBLIC; and run migrate again."
        ])
    }
  }
}

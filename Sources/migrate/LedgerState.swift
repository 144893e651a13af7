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
    // The database's search_path may put another schema before pg_catalog: operators are named with theirs, or
    // somebody else's would run with this role's rights. So wherever the tool asks.
    // Trusted: the role itself, a superuser, and a role that it was made a member of.
    let result = try await connection.query(
      """
      WITH RECURSIVE mine (role) AS (
          SELECT r.oid FROM pg_catalog.pg_roles AS r
          WHERE r.rolname OPERATOR(pg_catalog.=) ANY (ARRAY[current_user, session_user])
          UNION
          SELECT m.roleid FROM pg_catalog.pg_auth_members AS m
          JOIN mine ON m.member OPERATOR(pg_catalog.=) mine.role
      ), owner (role) AS (
          SELECT n.nspowner FROM pg_catalog.pg_namespace AS n
          WHERE n.nspname OPERATOR(pg_catalog.=) 'migrate'
          UNION
          -- Of whatever kind; what belongs to the first superuser is not listed there.
          SELECT o.refobjid FROM pg_catalog.pg_namespace AS n
          JOIN pg_catalog.pg_depend AS d ON d.refobjid OPERATOR(pg_catalog.=) n.oid
              AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
          JOIN pg_catalog.pg_shdepend AS o ON o.classid OPERATOR(pg_catalog.=) d.classid
              AND o.objid OPERATOR(pg_catalog.=) d.objid
              AND o.deptype OPERATOR(pg_catalog.=) 'o'
              AND o.dbid OPERATOR(pg_catalog.=) (
                  SELECT b.oid FROM pg_catalog.pg_database AS b
                  WHERE b.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
          WHERE n.nspname OPERATOR(pg_catalog.=) 'migrate'
      )
      SELECT current_user AS role, n.oid IS NOT NULL AS has_schema, c.oid IS NOT NULL AS exists,
          EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                  WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid
                    AND a.attname OPERATOR(pg_catalog.=) 'event' AND NOT a.attisdropped) AS is_current,
          (SELECT pg_catalog.string_agg(DISTINCT r.rolname::pg_catalog.text, ', ') FROM owner AS o
           JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) o.role
           WHERE NOT r.rolsuper
             AND NOT EXISTS (SELECT FROM mine WHERE mine.role OPERATOR(pg_catalog.=) o.role)) AS stranger,
          EXISTS (SELECT FROM pg_catalog.aclexplode(n.nspacl) AS g
                  WHERE g.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid
                    AND g.privilege_type OPERATOR(pg_catalog.=) 'CREATE') AS is_public
      FROM (VALUES (1)) AS one
      LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname OPERATOR(pg_catalog.=) 'migrate'
      LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace OPERATOR(pg_catalog.=) n.oid
          AND c.relname OPERATOR(pg_catalog.=) 'ledger' AND c.relkind OPERATOR(pg_catalog.=) 'r'
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

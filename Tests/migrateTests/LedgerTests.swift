internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// The ledger: whose it is, what it tells, and the one of the first version.
@Suite(.timeLimit(.minutes(3))) struct LedgerTests {
  /// As version 0.1.0 made it.
  private static let first = """
    CREATE SCHEMA migrate;
    CREATE TABLE migrate.ledger (
        entry_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        version      integer UNIQUE,
        path         text NOT NULL,
        hash         text NOT NULL,
        raw_hash     text NOT NULL,
        applied_as   name NOT NULL DEFAULT current_user,
        login        name NOT NULL DEFAULT session_user,
        client       inet DEFAULT inet_client_addr(),
        tool_version text NOT NULL,
        started_at   timestamptz NOT NULL,
        milliseconds numeric(14, 3) NOT NULL
    );
    CREATE FUNCTION migrate.tg_ledger__append_only() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'append-only' USING ERRCODE = '42501'; END $$;
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON migrate.ledger
        FOR EACH STATEMENT EXECUTE FUNCTION migrate.tg_ledger__append_only();
    ALTER TABLE migrate.ledger ENABLE ALWAYS TRIGGER append_only;
    CREATE TABLE a (n int);
    INSERT INTO migrate.ledger (version, path, hash, raw_hash, tool_version, started_at, milliseconds)
    SELECT 1, 'migrations/0001_create_a.sql', encode(sha256('CREATE TABLE a (n int);'), 'hex'), '',
        '0.1.0', now(), 1
    UNION ALL
    SELECT NULL, 'v/v.sql', encode(sha256('SELECT 1;'), 'hex'), '', '0.1.0', now(), 1;
    """

  private static let shape = """
    SELECT string_agg(concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)), E'\\n'
        ORDER BY c.relname, a.attnum)
      || (SELECT string_agg(pg_get_indexdef(i.indexrelid), E'\\n' ORDER BY i.indexrelid::regclass::text) FROM pg_index AS i
          JOIN pg_class AS t ON t.oid = i.indrelid WHERE t.relnamespace = 'migrate'::regnamespace)
      || (SELECT string_agg(pg_get_triggerdef(t.oid), E'\\n' ORDER BY t.tgrelid::regclass::text) FROM pg_trigger AS t
          JOIN pg_class AS r ON r.oid = t.tgrelid WHERE r.relnamespace = 'migrate'::regnamespace)
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'migrate'::regnamespace AND c.relkind = 'r'
    """

  @Test func theFirstVersionsLedgerIsUpgraded() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);\n", "v/v.sql": "SELECT 1;\n",
      "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(Self.first)
      // Looking at it, and doing nothing, leaves it as it is.
      #expect(try await folder.migrate("status", database, "--check").status == 0)
      #expect(try await folder.migrate("up", database).output.hasPrefix("nothing to do"))
      #expect(
        try await folder.migrate("history", database).output.split(separator: "\n").count == 2)
      #expect(try await connection.value("SELECT count(*) FROM migrate.ledger") == "2")
      try folder.write("migrations/0002_create_b.sql", "CREATE TABLE b (n int);")
      let result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
      #expect(
        try await connection.value(
          "SELECT string_agg(event, ' ' ORDER BY entry_id) FROM migrate.ledger")
          == "applied applied applied")
      let upgraded = try await connection.value(Self.shape)
      await connection.close()
      // It is now like one that was made anew.
      try await TestDatabase.with(.empty) { other in
        #expect(try await folder.migrate("up", other).status == 0)
        let connection = try await other.connect()
        #expect(try await connection.value(Self.shape) == upgraded)
        await connection.close()
      }
    }
  }

  /// It is read row by row: what the last one says holds.
  @Test func aLongHistoryIsReadToItsEnd() async throws {
    let folder = try SQLFolder(["v/v.sql": "SELECT 1;", "MANIFEST": "v"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      let connection = try await database.connect()
      for (rows, hash, state) in [
        (1999, "sha256('')", "changed"), (1, "sha256('SELECT 1;')", "applied"),
        (500, "sha256('')", "changed"), (1, "sha256('SELECT 1;')", "applied"),
      ] {
        try await connection.query(
          """
          INSERT INTO migrate.ledger (path, hash, raw_hash, tool_version, started_at, milliseconds)
          SELECT 'v/v.sql', encode(\(hash), 'hex'), '', '0.1.0', now(), 0 FROM generate_series(1, \(rows))
          """)
        #expect(try await folder.migrate("status", database).output == "\(state)  v/v.sql\n")
      }
      await connection.close()
    }
  }

  @Test func rowsSayWhoAndWhere() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1;"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      let connection = try await database.connect()
      let row = try await connection.query("SELECT * FROM migrate.ledger")[0]
      #expect(row["applied_as"] == "postgres" && row["login"] == "postgres")
      let name = try await Tool.run("/usr/bin/env", ["uname", "-n"])
      #expect("\(row["host"] ?? "")\n" == name.output && row["client"] == nil)
      #expect(row["tool_version"] == "0.1.0" && row["event"] == "applied")
      for hash in ["hash", "raw_hash", "code_hash"] { #expect(row[hash]?.count == 64) }
      for sql in ["DELETE FROM migrate.objects", "TRUNCATE migrate.objects"] {
        #expect(await sqlState { try await connection.query(sql) } == "42501")
      }
      let history = try await folder.migrate("history", database)
      #expect(
        history.output.contains(
          "Z  applied  migrations/0001_create_a.sql"), "\(history.output)")
      #expect(history.output.contains("by postgres on \(row["host"]!), migrate 0.1.0"))
      await connection.close()
    }
  }

  /// Whoever owns the ledger has the runner's rights, by a trigger.
  @Test(arguments: [
    "CREATE SCHEMA migrate AUTHORIZATION test_migrate_stranger",
    "CREATE SCHEMA migrate;CREATE TABLE migrate.ledger (n int);ALTER TABLE migrate.ledger OWNER TO test_migrate_stranger",
    "CREATE SCHEMA migrate;CREATE DOMAIN migrate.d AS int;ALTER DOMAIN migrate.d OWNER TO test_migrate_stranger",
    "CREATE SCHEMA migrate;CREATE OPERATOR migrate.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);ALTER OPERATOR migrate.=== (int, int) OWNER TO test_migrate_stranger",
    "CREATE SCHEMA migrate;CREATE FUNCTION migrate.f() RETURNS int LANGUAGE sql AS 'SELECT 1';ALTER FUNCTION migrate.f() OWNER TO test_migrate_stranger",
  ])
  func aStrangersLedgerIsRefused(preparation: String) async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        "DO $$ BEGIN CREATE ROLE test_migrate_stranger; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$"
      )
      for each in preparation.split(separator: ";") { try await connection.query(String(each)) }
      for command in ["up", "status"] {
        let result = try await folder.migrate(command, database)
        #expect(result.status == 6)
        let now = command == "up" ? "NOW: nothing was applied.\n" : ""
        #expect(
          result.error.hasPrefix(
            "migrate: error: the schema migrate, or something in it, belongs to test_migrate_stranger, not to postgres\n\(now)HINT: "
          ), "\(result.error)")
      }
      #expect(try await connection.value("SELECT to_regclass('a')") == nil)
      await connection.close()
    }
  }

  @Test func aSchemaForEverybodyIsRefused() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        "CREATE SCHEMA migrate; GRANT CREATE ON SCHEMA migrate TO PUBLIC")
      let refused = try await folder.migrate("up", database)
      #expect(refused.status == 6)
      #expect(refused.error.hasPrefix("migrate: error: everybody may create in the schema migrate"))
      try await connection.execute("REVOKE CREATE ON SCHEMA migrate FROM PUBLIC")
      #expect(try await folder.migrate("up", database).status == 0)
      await connection.close()
    }
  }

  /// A login that is a member of the owner, and no superuser, migrates as well.
  @Test func aMemberOfTheOwnerMigrates() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE public.a (n int);"])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        """
        DO $$ BEGIN
            CREATE ROLE test_migrate_group; CREATE ROLE test_migrate_login LOGIN IN ROLE test_migrate_group;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;
        CREATE SCHEMA migrate AUTHORIZATION test_migrate_group;
        GRANT CREATE ON SCHEMA public TO test_migrate_login;
        """)
      let result = try await Tool.run(
        Tool.product("migrate"),
        ["up", "-d", database.conninfo(user: "test_migrate_login"), "--sql-dir", folder.path])
      #expect(result.status == 0, "\(result.error)")
      #expect(
        try await connection.value("SELECT login FROM migrate.ledger") == "test_migrate_login")
      await connection.close()
    }
  }

  /// A superuser's ledger is trusted: he has everybody's rights anyway.
  @Test func aSuperusersLedgerIsWrittenByWhoMay() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "CREATE TABLE public.a (n int);"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0002_create_b.sql", "CREATE TABLE public.b (n int);")
      let connection = try await database.connect()
      let login = "test_" + UUID().uuidString.lowercased().prefix(8)
      try await connection.execute(
        """
        CREATE ROLE \(login) LOGIN;
        GRANT CREATE ON SCHEMA public TO \(login);
        GRANT USAGE ON SCHEMA migrate TO \(login);
        GRANT SELECT ON ALL TABLES IN SCHEMA migrate TO \(login);
        """)
      func up() async throws -> Tool.Result {
        try await Tool.run(
          Tool.product("migrate"),
          ["up", "-d", database.conninfo(user: login), "--sql-dir", folder.path])
      }
      let denied = try await up()
      #expect(denied.status == 3)
      #expect(denied.error.contains("permission denied for table ledger"), "\(denied.error)")
      #expect(try await connection.value("SELECT to_regclass('b')") == nil)
      try await connection.query("GRANT INSERT ON migrate.ledger TO \(login)")
      let result = try await up()
      #expect(result.status == 0, "\(result.error)")
      #expect(
        try await connection.value(
          "SELECT login FROM migrate.ledger ORDER BY entry_id DESC LIMIT 1")
          == "\(login)")
      try await connection.execute("DROP OWNED BY \(login); DROP ROLE \(login)")
      await connection.close()
    }
  }
}

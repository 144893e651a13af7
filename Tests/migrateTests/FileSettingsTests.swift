internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// What a file sets ends with it; what every file starts with.
@Suite(.timeLimit(.minutes(3))) struct FileSettingsTests {
  @Test func whatAFileSetsEndsWithIt() async throws {
    let probe = "INSERT INTO seen SELECT current_user, current_setting('search_path');"
    let folder = try SQLFolder([
      "migrations/0001_create_role.sql": """
      DO $$ BEGIN CREATE ROLE test_migrate_other; EXCEPTION WHEN duplicate_object THEN END $$;
      CREATE TABLE seen (role name, path text);
      SET search_path = nowhere;
      SET LOCAL ROLE test_migrate_other;
      """,
      "migrations/0002_insert_seen.sql": probe,
      "views/a.sql": "SET LOCAL ROLE test_migrate_other; SET LOCAL search_path = nowhere;",
      "views/b.sql": probe,
      "views/c.sql": "SET SESSION AUTHORIZATION test_migrate_other;",
      "views/d.sql": probe,
      "MANIFEST": "views",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
      let connection = try await database.connect()
      #expect(
        try await connection.value(
          "SELECT string_agg(role || ' ' || path, '; ') FROM seen")
          == Array(repeating: "postgres \"$user\", public", count: 3).joined(separator: "; "))
      await connection.close()
    }
  }

  /// A session may begin with another role than its login: each file does, too.
  @Test(arguments: ["", "-- migrate: no-transaction\n"])
  func theRoleThatASessionBeginsWithComesBack(header: String) async throws {
    let probe = "INSERT INTO seen VALUES (session_user, current_user);"
    let folder = try SQLFolder([
      "migrations/0001_create_seen.sql":
        "\(header)CREATE TABLE seen (login name, role name);\n\(probe)\nSET ROLE none;\n\(probe)\n",
      "migrations/0002_insert_seen.sql": "\(header)\(probe)", "views/a.sql": probe,
      "MANIFEST": "views",
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(
        """
        DO $$ BEGIN CREATE ROLE test_migrate_default; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;
        GRANT CREATE ON SCHEMA public TO test_migrate_default;
        GRANT CREATE ON DATABASE \(database.name) TO test_migrate_default;
        ALTER DATABASE \(database.name) SET role = test_migrate_default;
        """)
      let result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
      #expect(
        try await connection.value(
          "SELECT string_agg(n || ' times ' || login || ' as ' || role, ', ' ORDER BY n) FROM (SELECT login, role, count(*) AS n FROM seen GROUP BY login, role) AS s"
        ) == "1 times postgres as postgres, 3 times postgres as test_migrate_default")
      await connection.close()
    }
  }

  /// A millisecond is less than any of it takes.
  @Test(arguments: [
    "-c row_security=on -c lock_timeout=0 -c statement_timeout=1 -c idle_session_timeout=1",
    "--row-security=on --lock_timeout=0 -cstatement_timeout=1 --idle-session-timeout=1",
  ])
  func settingsOfTheEnvironmentDoNotWin(options: String) async throws {
    let probe = """
      INSERT INTO seen SELECT concat_ws(' ', current_setting('row_security'),
          current_setting('lock_timeout'), current_setting('statement_timeout'),
          current_setting('idle_session_timeout')) FROM pg_sleep(0.01);
      """
    let folder = try SQLFolder([
      "migrations/0001_create_seen.sql": "CREATE TABLE seen (settings text);\nRESET ALL;\n\(probe)",
      "migrations/0002_insert_seen.sql":
        "-- migrate: no-transaction\n\(probe)\nRESET ALL;\n\(probe)",
      "migrations/0003_insert_seen.sql": "-- migrate: lock_timeout=10s\n\(probe)",
      "views/a.sql": probe, "MANIFEST": "views",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await Tool.run(
        Tool.product("migrate"), folder.arguments("up", database),
        environment: ["PGOPTIONS": options])
      #expect(result.status == 0, "\(result.error)")
      let connection = try await database.connect()
      #expect(
        try await connection.value(
          "SELECT string_agg(n || ' times ' || settings, '; ' ORDER BY settings) FROM (SELECT settings, count(*) AS n FROM seen GROUP BY settings) AS s"
        ) == "1 times off 10s 0 0; 4 times off 3s 0 0")
      await connection.close()
    }
  }

  @Test func rowLevelSecurityNeverFiltersAMigration() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": """
      DO $$ BEGIN CREATE ROLE test_migrate_owner; EXCEPTION WHEN duplicate_object THEN END $$;
      GRANT CREATE ON SCHEMA public TO test_migrate_owner;
      SET LOCAL ROLE test_migrate_owner;
      CREATE TABLE a (n int);
      INSERT INTO a VALUES (1);
      ALTER TABLE a ENABLE ROW LEVEL SECURITY;
      ALTER TABLE a FORCE ROW LEVEL SECURITY;
      """,
      "migrations/0002_update_a.sql": "SET LOCAL ROLE test_migrate_owner;\nUPDATE a SET n = 2;\n",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 3)
      #expect(result.error.contains("query would be affected by row-level security policy"))
    }
  }

  /// A trigger that is deferred has the role and the path of the file that has caused it, and no more rights.
  @Test(arguments: ["", "-- migrate: no-transaction\n"])
  func whatIsDeferredRunsAsTheFile(header: String) async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": """
      DO $$ BEGIN CREATE ROLE test_migrate_deferred; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;
      CREATE TABLE seen (role name, path text);
      CREATE TABLE a (n int);
      GRANT INSERT ON a, seen TO test_migrate_deferred;
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
          INSERT INTO public.seen VALUES (current_user, current_setting('search_path'));
          RETURN NULL;
      END $$;
      CREATE CONSTRAINT TRIGGER note AFTER INSERT ON a DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION note();
      """,
      "migrations/0002_insert_a.sql":
        "\(header)SET ROLE test_migrate_deferred;\nSET search_path = nowhere;\nINSERT INTO public.a VALUES (1);\n",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
      let connection = try await database.connect()
      #expect(
        try await connection.value("SELECT string_agg(role || ' ' || path, '; ') FROM seen")
          == "test_migrate_deferred nowhere")
      await connection.close()
    }
  }

  /// Behind every kind of file the next one finds nothing but the lock, and the mark beside it.
  @Test(arguments: ["", "-- migrate: no-transaction\n"])
  func nothingButTheLockIsLeft(header: String) async throws {
    let leave = """
      PREPARE p AS SELECT 1;
      DECLARE c CURSOR WITH HOLD FOR SELECT 1;
      CREATE TEMPORARY TABLE t (n int);
      LISTEN x;
      SET work_mem = '77MB';
      """
    let probe = """
      INSERT INTO seen SELECT concat_ws(' ', (SELECT count(*) FROM pg_prepared_statements),
          (SELECT count(*) FROM pg_cursors WHERE name = 'c'), (SELECT count(*) FROM pg_listening_channels()),
          to_regclass('pg_temp.t') IS NULL, current_setting('work_mem') <> '77MB',
          (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()));
      """
    let folder = try SQLFolder([
      "migrations/0001_create_seen.sql": "CREATE TABLE seen (what text);",
      "migrations/0002_leave_all.sql": header + leave, "migrations/0003_insert_seen.sql": probe,
      "v/a.sql": leave, "v/b.sql": probe, "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
      let connection = try await database.connect()
      #expect(
        try await connection.value("SELECT string_agg(what, ', ') FROM seen")
          == "0 0 0 t t 2, 0 0 0 t t 2")
      await connection.close()
    }
  }

  @Test func theHeadersTimeoutHoldsForItsFile() async throws {
    let table = "AS SELECT current_setting('lock_timeout') AS t;"
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "-- migrate: lock_timeout=1234ms\nCREATE TABLE a \(table)",
      "migrations/0002_create_b.sql":
        "-- migrate: no-transaction, lock_timeout=5s\nCREATE TABLE b \(table)",
      "migrations/0003_create_c.sql": "CREATE TABLE c \(table)",
      "v/d.sql": "-- migrate: lock_timeout=7s\nCREATE TABLE d \(table)",
      "v/e.sql": "CREATE TABLE e \(table)", "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
      let connection = try await database.connect()
      #expect(
        try await connection.value(
          "SELECT concat_ws(' ', a.t, b.t, c.t, d.t, e.t) FROM a, b, c, d, e")
          == "1234ms 5s 3s 7s 3s")
      await connection.close()
    }
  }
}

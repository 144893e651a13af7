internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// A database whose search_path puts another schema before pg_catalog: whoever may create operators, functions
/// or types in it must not run code with the runner's rights. The files see the search_path as it is.
@Suite(.timeLimit(.minutes(3))) struct SearchPathTests {
  /// Shadows each operator, and each aggregate, of types that the catalog has, and warns when it is called.
  private static let traps = """
    CREATE SCHEMA trap;
    DO $do$
    DECLARE
        v record;
    BEGIN
        FOR v IN
            SELECT o.oid, o.oprname, o.oprleft::regtype AS l, o.oprright::regtype AS r, o.oprresult::regtype AS res
            FROM pg_operator AS o
            WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprkind = 'b' AND o.oprcode <> 0
              AND o.oprname IN ('=', '<>', '<', '>', '<=', '>=', '-', '+', '|', '||', '<<', '~')
              AND NOT EXISTS (SELECT FROM pg_type AS t
                  WHERE t.oid IN (o.oprleft, o.oprright, o.oprresult) AND t.typtype = 'p')
              AND EXISTS (SELECT FROM pg_type AS t
                  WHERE t.oid = o.oprleft AND t.typname IN ('name', 'text', 'oid', 'int2', 'int4', 'int8', 'bool',
                      'char', 'timestamptz', 'interval', 'numeric', 'xid', 'regclass', 'regnamespace'))
        LOOP
            EXECUTE format(
                'CREATE FUNCTION trap.f%s(l %s, r %s) RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN
                     RAISE WARNING ''trapped: operator %s of %s'';
                     RETURN l OPERATOR(pg_catalog.%s) r;
                 END $f$', v.oid, v.l, v.r, v.res, v.oprname, v.l, v.oprname);
            EXECUTE format('CREATE OPERATOR trap.%s (FUNCTION = trap.f%s, LEFTARG = %s, RIGHTARG = %s)',
                v.oprname, v.oid, v.l, v.r);
        END LOOP;
        FOR v IN
            SELECT p.proname, p.proargtypes[0]::regtype AS arg, p.prorettype::regtype AS res
            FROM pg_proc AS p
            WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'a' AND p.pronargs = 1
              AND p.proname IN ('max', 'min', 'sum')
              AND p.proargtypes[0]::regtype::text IN ('text', 'bigint', 'integer', 'timestamp with time zone')
        LOOP
            EXECUTE format(
                'CREATE FUNCTION trap.s_%1$s(s %3$s, v %2$s) RETURNS %3$s LANGUAGE plpgsql AS $f$ BEGIN
                     RAISE WARNING ''trapped: aggregate %1$s of %2$s'';
                     RETURN v;
                 END $f$', v.proname, v.arg, v.res);
            EXECUTE format('CREATE AGGREGATE trap.%s(%s) (SFUNC = trap.s_%s, STYPE = %s)',
                v.proname, v.arg, v.proname, v.res);
        END LOOP;
        FOR v IN SELECT unnest(ARRAY['text', 'oid', 'name', 'regclass', 'timestamptz', 'inet', 'jsonb']) AS name LOOP
            EXECUTE format(
                'CREATE FUNCTION trap.d_%1$s(v pg_catalog.%1$s) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN
                     RAISE WARNING ''trapped: type %1$s'';
                     RETURN true;
                 END $f$', v.name);
            EXECUTE format('CREATE DOMAIN trap.%1$I AS pg_catalog.%1$I CHECK (trap.d_%1$s(VALUE))', v.name);
        END LOOP;
    END $do$;
    """

  @Test func whatStandsBeforePgCatalogIsNotCalled() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql":
        "CREATE TABLE public.a (n int);\nCREATE TABLE path AS SELECT pg_catalog.current_setting('search_path') AS s;\n",
      "migrations/0002_index_a.sql":
        "-- migrate: no-transaction\nCREATE INDEX CONCURRENTLY a_n ON public.a (n);\nVACUUM public.a;\n",
      "migrations/0003_call_a.sql": "-- migrate: no-transaction\nSELECT 1;\nSELECT nn;\n",
      "v/v.sql": "CREATE OR REPLACE VIEW public.v AS SELECT n FROM public.a;",
      "v/w.sql": "CREATE OR REPLACE VIEW public.w AS SELECT n FROM public.v;", "MANIFEST": "v",
      "checks.sql":
        "SELECT 'warning' AS severity, 'c' AS check, 'o' AS object, 'f' AS fix WHERE false",
    ])
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute(Self.traps)
      try await connection.execute(
        "ALTER DATABASE \(database.name) SET search_path = trap, pg_catalog, public")
      func run(_ command: String..., status: Int32 = 0, isFiles: Bool = false) async throws {
        let result = try await Tool.run(
          Tool.product("migrate"),
          command + ["-d", database.conninfo(), "--sql-dir", folder.path])
        #expect(result.status == status, "\(command): \(result.error)")
        let trapped = result.error.split(separator: "\n").filter { $0.contains("trapped") }
        // What a file itself calls is looked up as the database has it.
        #expect(
          isFiles ? trapped == ["WARNING: trapped: operator = of integer"] : trapped.isEmpty,
          "\(command): \(Set(trapped))")
      }
      try await run("plan")
      try await run("up", "--rehearse", "--to", "1")
      try await run("up", "--to", "2")
      try await run("up", status: 10)
      try await run("status")
      try await run("plan", status: 10)
      try folder.write(
        "migrations/0003_call_a.sql", "-- migrate: no-transaction\nSELECT 1;\nSELECT 1 = 2;\n")
      try await run("resume", isFiles: true)
      try await run("history")
      try await run("show", "v/v.sql")
      try folder.remove("v/w.sql")
      try folder.write(
        "v/v.sql", "CREATE OR REPLACE VIEW public.v AS SELECT n, 1 AS m FROM public.a;")
      try folder.write("migrations/0004_wait_a.sql", "SELECT pg_catalog.pg_sleep(1);\n")
      try await run("plan", "--out", "\(folder.path)/plan.json")
      try await run("up", "--plan", "\(folder.path)/plan.json")
      try await run("up", "--prune")
      try folder.write("migrations/0004_wait_a.sql", "SELECT pg_catalog.pg_sleep(2);\n")
      try await run("repair", "4", "--reason", "x")
      try await run("renumber", "4", status: 6)
      try await connection.query(
        "SELECT pg_catalog.pg_advisory_lock(pg_catalog.int8 '30796665482998885')")
      try await run("unlock", status: 5)
      try await run("up", "--lock-timeout", "0", status: 5)
      #expect(try await connection.value("SELECT s FROM trap.path") == "trap, pg_catalog, public")
      await connection.close()
    }
  }
}

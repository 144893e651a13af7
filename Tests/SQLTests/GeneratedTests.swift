internal import Postgres
internal import TestSupport
internal import Testing

/// What is generated from the database and committed.
@Suite(.timeLimit(.minutes(2))) struct GeneratedTests {
  @Test func theManualAndTheSchemaAreCurrent() async throws {
    let result = try await Tool.run(
      "/bin/bash", ["\(Stack.root)/scripts/docs", "--inside", "--check"])
    #expect(result.status == 0, "\(result.output)\(result.error)")
  }

  @Test func everyFunctionThatPeopleCallHasAnExample() async throws {
    try await TestDatabase.with(.migrated) { database in
      let owner = try await database.connect()
      let without = try await owner.query(
        """
        SELECT p.oid::regprocedure::text AS name FROM pg_proc AS p
        WHERE p.pronamespace IN ('api'::regnamespace, 'admin'::regnamespace)
          AND p.prorettype <> 'trigger'::regtype
          AND obj_description(p.oid, 'pg_proc') NOT LIKE '%Example: %'
        """)
      #expect(without.isEmpty, "\(without.map { $0["name"] ?? "" })")
      let silent = try await owner.query(
        """
        SELECT c.oid::regclass::text || '.' || a.attname AS name
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum >= 0 AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
          AND c.relnamespace::regnamespace::text IN
            ('core', 'config', 'auth', 'provisioning', 'finops', 'api', 'admin')
          -- A view's columns are its function's.
          AND (c.relkind <> 'v' AND col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)
        UNION ALL
        SELECT p.oid::regprocedure::text FROM pg_proc AS p
        WHERE p.pronamespace::regnamespace::text IN
            ('core', 'config', 'auth', 'provisioning', 'finops', 'api', 'admin')
          AND obj_description(p.oid, 'pg_proc') IS NULL
          -- An extension's are not ours to describe.
          AND NOT EXISTS (
            SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
        """)
      #expect(silent.isEmpty, "\(silent.map { $0["name"] ?? "" })")
      await owner.close()
    }
  }

  @Test func everyShortNameOfPsqlWorks() async throws {
    try await TestDatabase.with(.migrated) { database in
      let result = try await Tool.run(
        "/bin/bash",
        [
          "-c",
          """
          names=$(sed -n "s/^[\\\\]set \\([a-z]*\\) 'SELECT.*/\\1/p" sql/psqlrc | grep -vxE 'retry|cancel|redrive')
          [ "$(wc -w <<<"$names")" -ge 10 ] || { echo "names: $names"; exit 1; }
          for name in $names; do printf '\\\\echo %s\\n:%s\\n' "$name" "$name"; done |
            PSQLRC=sql/psqlrc exec \(Stack.current.postgresBin)/psql -v ON_ERROR_STOP=1 -d '\(database.conninfo(user: "dba"))'
          """,
        ], folder: Stack.root)
      #expect(result.status == 0, "\(result.output)\(result.error)")
    }
  }

  /// Those that do something, with the variables that they take.
  @Test func theShortNamesForJobsTakeVariables() async throws {
    try await TestDatabase.with(.migrated) { database in
      let result = try await Tool.run(
        "/bin/bash",
        [
          "-c",
          """
          PSQLRC=sql/psqlrc exec \(Stack.current.postgresBin)/psql -v ON_ERROR_STOP=1 -d '\(database.conninfo(user: "dba"))' <<'END'
          SELECT id, slug AS org FROM api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example') \\gset
          SELECT job_id AS job FROM admin.jobs(:'org') \\gset
          \\set why 'ordered by mistake'
          :cancel
          :retry
          :redrive
          :steps
          :who
          :explain
          :help
          END
          """,
        ], folder: Stack.root)
      #expect(result.status == 0, "\(result.error)")
      for word in [
        "undo", "ordered by mistake", "quota.cpu v1", "organisation 1", "variables job, why",
      ] {
        #expect(result.output.contains(word), "\(word): \(result.output)")
      }
    }
  }
}

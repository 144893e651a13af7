internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// A database that has run for years before its history was partitioned.
extension HistoryTests {
  @Suite struct HistoryMigrationTests {
    private func migrate(_ database: TestDatabase, _ folder: String) async throws {
      let result = try await Tool.run(
        Tool.product("migrate"), ["up", "-q", "-d", database.conninfo(), "--sql-dir", folder])
      try #require(result.status == 0, "\(result.error)")
    }

    @Test func aPopulatedHistoryIsCarriedOver() async throws {
      let disk = FileManager.default
      let folder = disk.temporaryDirectory.appendingPathComponent("ark-sql-\(UUID().uuidString)")
        .path
      try disk.createDirectory(atPath: "\(folder)/migrations", withIntermediateDirectories: true)
      defer { try? disk.removeItem(atPath: folder) }
      let sql = "\(Stack.root)/sql"
      let migrations = try disk.contentsOfDirectory(atPath: "\(sql)/migrations").sorted()
      let partition = try #require(
        migrations.first { $0.hasSuffix("_partition_config_history.sql") })
      for name in migrations where name < partition {
        try disk.copyItem(
          atPath: "\(sql)/migrations/\(name)", toPath: "\(folder)/migrations/\(name)")
      }

      try await HistoryTests.withDatabase(.empty) { database in
        try await migrate(database, folder)
        let owner = try await database.connect()
        try await owner.execute(Self.past)
        let rows =
          "SELECT string_agg(h::text, E'\\n' ORDER BY h.history_id) FROM config.config_history AS h WHERE reason = 'before'"
        let old = try await owner.value(rows)
        try #require(old?.split(separator: "\n").count == 40)

        // The migration alone: from its commit on nothing is open, before the repeatable files have run.
        try disk.copyItem(
          atPath: "\(sql)/migrations/\(partition)", toPath: "\(folder)/migrations/\(partition)")
        try await migrate(database, folder)
        #expect(try await owner.value(rows) == old)
        #expect(try await owner.value("SELECT count(*) FROM config.config_history_default") == "0")
        let open = try await owner.query(
          """
          SELECT c.relname FROM pg_class AS c
          WHERE c.oid IN (SELECT p.relid FROM pg_partition_tree('config.config_history') AS p)
            AND NOT (c.relrowsecurity AND c.relforcerowsecurity
              AND EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polname = 'of_before')
              AND EXISTS (SELECT FROM pg_trigger AS t
                          WHERE t.tgrelid = c.oid AND t.tgname = 'append_only' AND t.tgenabled = 'A'))
          """)
        #expect(open.isEmpty)
        // A right that a later migration had granted.
        let mayRead = try await owner.value(
          "SELECT has_table_privilege('ark_app_strict', 'config.config_history', 'SELECT')")
        #expect(mayRead == "t")

        try await owner.execute("DROP POLICY of_before ON config.config_history")
        try await migrate(database, sql)
        #expect(try await owner.value(rows) == old)
        try await goesOn(owner)
        await owner.close()
      }
    }

    /// 40 changes of two keys, from three years ago on, at the edges of months; and what repeatable files
    /// had made by then.
    private static let past = """
      INSERT INTO core.organizations (name, slug, owner_email, plan, operation_id, request_hash)
      VALUES ('Old', 'old', 'a@old.example', 'standard', gen_random_uuid(), '');
      INSERT INTO config.service_configs (org_id, service, key, value, version)
      SELECT id, 'features', k, 'true', 20 FROM core.organizations, unnest(ARRAY['a', 'b']) AS k;
      INSERT INTO config.config_history
          (org_id, config_id, service, key, version, new_value, changed_by, login, changed_at, reason, xid)
      SELECT c.org_id, c.config_id, c.service, c.key, n, 'true', 'ann', 'app',
             (date_trunc('month', now() AT TIME ZONE 'UTC') - interval '3 years' + n * interval '1 month')
                 AT TIME ZONE 'UTC' - (n % 2) * interval '1 microsecond',
             'before', pg_current_xact_id()
      FROM config.service_configs AS c, generate_series(1, 20) AS n;
      CREATE POLICY of_before ON config.config_history FOR SELECT TO ark_app USING (org_id > 0);
      CREATE FUNCTION core.tg_append_only() RETURNS trigger LANGUAGE plpgsql
          AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '42501'; END $$;
      ALTER FUNCTION core.tg_append_only() OWNER TO ark_owner;
      """

    /// The next version, the next number, the keys, and a chain over old and new.
    private func goesOn(_ owner: PostgresConnection) async throws {
      try await owner.execute(
        "UPDATE config.service_configs SET value = 'false' WHERE key = 'a' AND org_id > 0")
      let next = try await owner.query(
        """
        SELECT version, history_id > 40 AS later FROM config.config_history
        WHERE org_id > 0 ORDER BY history_id DESC LIMIT 1
        """)[0]
      #expect(next["version"] == "21" && next["later"] == "t")
      for (state, config) in [("23503", "4711"), ("23505", "config_id")] {
        await expectRefused(state) {
          try await owner.query(
            """
            INSERT INTO config.config_history
                (org_id, config_id, service, key, version, changed_by, login, changed_at, reason, xid)
            SELECT org_id, \(config), service, key, version, 'x', 'x', now(), 'x', xid
            FROM config.config_history WHERE reason = 'before' LIMIT 1
            """)
        }
      }
      try await eventually(within: .seconds(150)) {
        _ = try await owner.query("SELECT config.seal_history()")
        return try await owner.value("SELECT unsealed FROM admin.history_health()") == "0"
      }
      #expect(try await owner.query("SELECT * FROM admin.verify_chain()").isEmpty)
    }
  }
}

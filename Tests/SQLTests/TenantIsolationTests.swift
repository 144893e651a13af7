internal import Postgres
internal import TestSupport
internal import Testing

@Suite(.timeLimit(.minutes(2))) struct TenantIsolationTests {
  /// Two organisations with a configuration value each.
  private func twoTenants(_ database: TestDatabase) async throws -> (Int64, Int64) {
    let app = try await database.connect(as: "app")
    let one = try await app.createOrganization("one")
    let two = try await app.createOrganization("two")
    for (org, value) in [(one, "0.1"), (two, "0.2")] {
      try await app.query("SELECT set_config('app.current_org', $1, false)", [.text("\(org)")])
      try await app.query("SELECT api.set_config('ai', 'threshold', $1, 'test')", [.text(value)])
    }
    await app.close()
    return (one, two)
  }

  @Test(arguments: ["app", "app_ro", "dba"])
  func aLoginSeesTheRowsOfOneOrganization(login: String) async throws {
    try await TestDatabase.with(.migrated) { database in
      let (one, two) = try await twoTenants(database)
      let connection = try await database.connect(as: login)
      for table in ["organizations", "service_configs", "config_history", "quota_changes"] {
        let column = table == "organizations" ? "id" : "org_id"
        for org in [one, two] {
          try await connection.execute("SET app.current_org = \(org)")
          let rows = try await connection.query("SELECT \(column) AS org FROM \(table)")
          #expect(!rows.isEmpty && rows.allSatisfy { $0["org"] == "\(org)" }, "\(login) \(table)")
        }
      }
      await connection.close()
    }
  }

  @Test(arguments: ["app", "app_ro", "dba"])
  func withoutTheSettingNothingIsVisible(login: String) async throws {
    try await TestDatabase.with(.migrated) { database in
      _ = try await twoTenants(database)
      let connection = try await database.connect(as: login)
      for setting in [
        "", "SET app.current_org = ''", "SET app.current_org = 1; RESET app.current_org",
        "SET app.current_org = 999999",
      ] {
        try await connection.execute(setting.isEmpty ? "SELECT 1" : setting)
        for table in ["organizations", "service_configs", "config_history", "quota_changes"] {
          #expect(
            try await connection.value("SELECT count(*) FROM \(table)") == "0",
            "\(setting) \(table)")
        }
      }
      try await connection.execute("SET app.current_org = 'one'")
      await expectRefused("22023") { try await connection.query("SELECT FROM organizations") }
      await connection.close()
    }
  }

  @Test func anotherOrganizationsRowsCannotBeWritten() async throws {
    try await TestDatabase.with(.migrated) { database in
      let (one, two) = try await twoTenants(database)
      let app = try await database.connect(as: "app")
      try await app.execute("SET app.current_org = \(one)")
      let update = try await app.query(
        "UPDATE service_configs SET value = '0.9' WHERE org_id = \(two)")
      #expect(update.affectedRows == 0)
      let insert = await sqlState {
        try await app.query(
          "INSERT INTO service_configs (org_id, service, key, value) VALUES (\(two), 'email', 'max_retries', '5')"
        )
      }
      #expect(insert == "42501")
      await app.close()
    }
  }

  @Test(arguments: ["app", "app_ro", "dba", "monitor", "bridge", "provisioner", "pod_ai"])
  func historyCannotBeChangedByAnyLogin(login: String) async throws {
    try await TestDatabase.with(.migrated) { database in
      let (one, _) = try await twoTenants(database)
      let connection = try await database.connect(as: login)
      try await connection.execute("SET app.current_org = \(one)")
      for table in ["config.config_history", "finops.quota_changes"] {
        for statement in [
          "UPDATE \(table) SET reason = 'x'", "DELETE FROM \(table)", "TRUNCATE \(table)",
        ] {
          await expectRefused("42501", "\(statement)") { try await connection.query(statement) }
        }
      }
      await connection.close()
    }
  }

  /// Every login that there is, those of a later file included: none has the right, by its groups either.
  @Test func noLoginHasARightToChangeHistory() async throws {
    try await TestDatabase.with(.migrated) { database in
      let owner = try await database.connect()
      let logins = try await owner.query(
        "SELECT rolname FROM pg_roles WHERE rolcanlogin AND NOT rolsuper")
      #expect(logins.count >= 14)
      let able = try await owner.query(
        """
        SELECT r.rolname, t.name, p.privilege
        FROM pg_roles AS r, unnest(ARRAY['config.config_history', 'finops.quota_changes']) AS t (name),
             unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
        WHERE r.rolcanlogin AND NOT r.rolsuper AND has_table_privilege(r.oid, t.name, p.privilege)
        """)
      #expect(able.isEmpty, "\(able)")
      await owner.close()
    }
  }

  @Test func notEvenASuperuserChangesHistoryByMistake() async throws {
    try await TestDatabase.with(.migrated) { database in
      _ = try await twoTenants(database)
      let owner = try await database.connect()
      // A replication session passes over ordinary triggers; these are ENABLE ALWAYS.
      for setting in ["origin", "replica"] {
        try await owner.execute("SET session_replication_role = \(setting)")
        for statement in ["UPDATE", "DELETE FROM", "TRUNCATE"] {
          let tail = statement == "UPDATE" ? " SET reason = 'x'" : ""
          let refused = await sqlState {
            try await owner.query("\(statement) config.config_history\(tail)")
          }
          #expect(refused == "42501", "\(statement) as \(setting)")
        }
      }
      await owner.close()
    }
  }

  @Test func podsAndDaemonsSeeNoTable() async throws {
    try await TestDatabase.with(.migrated) { database in
      _ = try await twoTenants(database)
      for login in ["pod_ai", "bridge", "provisioner", "monitor"] {
        let connection = try await database.connect(as: login)
        for table in ["core.organizations", "config.service_configs", "provisioning.jobs"] {
          await expectRefused("42501") { try await connection.query("SELECT FROM \(table)") }
        }
        await connection.close()
      }
    }
  }
}

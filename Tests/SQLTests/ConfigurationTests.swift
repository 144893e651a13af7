internal import Postgres
internal import TestSupport
internal import Testing

@Suite(.timeLimit(.minutes(2))) struct ConfigurationTests {
  /// A database with one organisation, and a connection of an application that has chosen it.
  private func withTenant(
    _ body: (PostgresConnection, TestDatabase) async throws -> Void
  ) async throws {
    try await TestDatabase.with(.migrated) { database in
      let app = try await database.connect(as: "app")
      let org = try await app.createOrganization("acme")
      try await app.execute("SET app.current_org = \(org)")
      try await body(app, database)
      await app.close()
    }
  }

  private func set(
    _ app: PostgresConnection, _ key: String, _ value: String?, version: Int64? = nil,
    reason: String = "test"
  ) async throws -> PostgresRow {
    let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
    return try await app.query(
      "SELECT * FROM api.set_config($1, $2, $3, $4, $5)",
      [.text(parts[0]), .text(parts[1]), .text(value), .text(reason), .int(version)])[0]
  }

  @Test func aPlainUpdateKeepsVersionAndHistory() async throws {
    try await withTenant { app, _ in
      try await app.query(
        "INSERT INTO service_configs (service, key, value) VALUES ('ai', 'threshold', '0.75')")
      try await app.execute(
        "SET app.reason = 'by hand'; SET app.actor = 'ann'; UPDATE service_configs SET value = '0.90' WHERE key = 'threshold'"
      )
      let row = try await app.query(
        "SELECT value, version FROM service_configs WHERE service = 'ai'")[0]
      #expect(row["value"] == "0.90" && row["version"] == "2")
      let history = try await app.query(
        "SELECT * FROM config_history WHERE service = 'ai' ORDER BY history_id")
      #expect(history.map { $0["version"] } == ["1", "2"])
      #expect(history[0]["reason"] == "no reason given" && history[0]["changed_by"] == "app")
      #expect(history[1]["old_value"] == "0.75" && history[1]["new_value"] == "0.90")
      #expect(history[1]["reason"] == "by hand" && history[1]["changed_by"] == "ann")
      #expect(history[1]["login"] == "app")
    }
  }

  @Test func aReasonHoldsForOneCallOnly() async throws {
    try await withTenant { app, _ in
      try await app.execute("BEGIN")
      _ = try await set(app, "ai.threshold", "0.1", reason: "first")
      try await app.query("UPDATE service_configs SET value = '0.2' WHERE service = 'ai'")
      try await app.execute("COMMIT")
      let reasons = try await app.query(
        "SELECT reason FROM config_history WHERE service = 'ai' ORDER BY history_id")
      #expect(reasons.map { $0["reason"] } == ["first", "no reason given"])
    }
  }

  @Test func versionConflictsAreRefused() async throws {
    try await withTenant { app, _ in
      let first = try await set(app, "ai.threshold", "0.1", version: 0)
      #expect(first["version"] == "1")
      #expect(try await set(app, "ai.threshold", "0.2", version: 1)["version"] == "2")
      await expectRefused("AR409") { _ = try await set(app, "ai.threshold", "0.3", version: 1) }
      await expectRefused("AR409") { _ = try await set(app, "ai.threshold", "0.3", version: 0) }
      await expectRefused("AR409") { _ = try await set(app, "email.max_retries", "3", version: 7) }
      #expect(
        try await app.value("SELECT value FROM service_configs WHERE service = 'ai'") == "0.2")
    }
  }

  @Test func theSameValueIsNoChange() async throws {
    try await withTenant { app, _ in
      _ = try await set(app, "ai.threshold", "0.1")
      #expect(try await set(app, "ai.threshold", "0.1")["version"] == "1")
      #expect(
        try await app.value("SELECT count(*) FROM config_history WHERE service = 'ai'") == "1")
    }
  }

  @Test(arguments: [
    ("ai.threshold", "high", "22023"), ("ai.threshold", "1.5", "22023"),
    ("ai.threshold", "-0.1", "22023"), ("ai.threshold", "NaN", "22023"),
    ("ai.threshold", "1e-1", "22023"), ("email.max_retries", "2.5", "22023"),
    ("email.max_retries", "", "22023"), ("features.dark_mode", "yes", "22023"),
    ("webhook.url", "ftp://example.com", "22023"), ("webhook.nothing", "x", "22023"),
    ("ai._hb", "1", "22023"),
    ("webhook.url", "https://user:hunter2@example.com/hook", "AR422"),
    ("webhook.url", "https://example.com/?token=abcdef0123456789", "AR422"),
    ("features.api_key", "true", "AR422"),
  ])
  func whatDoesNotFitIsRefusedAndNothingIsStored(
    key: String, value: String, state: String
  ) async throws {
    try await withTenant { app, _ in
      await expectRefused(state) { _ = try await set(app, key, value) }
      let parts = key.split(separator: ".", maxSplits: 1)
      let plain = await sqlState {
        try await app.query(
          "INSERT INTO service_configs (service, key, value) VALUES ($1, $2, $3)",
          [.text(String(parts[0])), .text(String(parts[1])), .text(value)])
      }
      #expect(plain == state)
      let stored = try await app.value(
        "SELECT count(*) FROM service_configs WHERE service <> 'quota'")
      #expect(stored == "0")
      #expect(
        try await app.value("SELECT count(*) FROM config_history WHERE service <> 'quota'") == "0")
    }
  }

  @Test func whatFitsIsStored() async throws {
    try await withTenant { app, _ in
      for (key, value) in [
        ("ai.threshold", "0.90"), ("email.max_retries", "5"), ("features.dark_mode", "true"),
        ("webhook.url", "https://new.example/hook"), ("api.rate_limit", "1000"),
      ] {
        #expect(try await set(app, key, value)["value"] == value)
      }
      let configs = try await app.query(
        "SELECT * FROM api.get_configs('ai') WHERE key = 'threshold'")
      #expect(configs[0]["value"] == "0.90" && configs[0]["type"] == "number")
    }
  }

  @Test func aDeletedKeyGoesOnInVersion() async throws {
    try await withTenant { app, database in
      _ = try await set(app, "ai.threshold", "0.1")
      #expect(try await set(app, "ai.threshold", nil)["version"] == "2")
      #expect(
        try await app.value("SELECT value FROM api.get_configs('ai') WHERE key = 'threshold'")
          == "0.75")
      #expect(try await set(app, "ai.threshold", "0.1")["version"] == "3")
      let owner = try await database.connect()
      await expectRefused("55000") { try await owner.query("DELETE FROM config.service_configs") }
      await expectRefused("55000") {
        try await owner.query("TRUNCATE config.service_configs CASCADE")
      }
      await expectRefused("55000") {
        try await owner.query("UPDATE config.service_configs SET key = 'x'")
      }
      await owner.close()
    }
  }

  @Test func aReasonAndAnOrganizationAreNeeded() async throws {
    try await withTenant { app, _ in
      await expectRefused("22023") { _ = try await set(app, "ai.threshold", "0.1", reason: " ") }
      try await app.execute("RESET app.current_org")
      await expectRefused("55000") { _ = try await set(app, "ai.threshold", "0.1") }
    }
  }

  @Test func versionsRiseByOneUnderConcurrency() async throws {
    try await withTenant { app, database in
      let org = try await app.value("SELECT id FROM organizations")!
      try await withThrowingTaskGroup { group in
        for writer in 0..<8 {
          group.addTask {
            let connection = try await database.connect(as: "app")
            try await connection.execute("SET app.current_org = \(org)")
            for round in 0..<10 {
              try await connection.query(
                "SELECT api.set_config('email', 'max_retries', $1, 'race')",
                [.text("\(writer * 10 + round + 1)")])
            }
            await connection.close()
          }
        }
        try await group.waitForAll()
      }
      let versions = try await app.query(
        "SELECT version, old_value, new_value FROM config_history WHERE service = 'email' ORDER BY version"
      )
      #expect(versions.map { $0["version"] } == (1...80).map { "\($0)" })
      // Each change starts from what the one before has made.
      for (before, after) in zip(versions, versions.dropFirst()) {
        #expect(before["new_value"] == after["old_value"])
      }
    }
  }

  @Test func podsLoadWhatTheyAreBoundTo() async throws {
    try await withTenant { app, database in
      _ = try await set(app, "ai.threshold", "0.9")
      let pod = try await database.connect(as: "pod_ai")
      let load = try await pod.query("SELECT * FROM api.pod_configs('ai') WHERE org_id > 0")
      #expect(
        load[0]["key"] == "threshold" && load[0]["value"] == "0.9" && load[0]["type"] == "number")
      await expectRefused("42501") { try await pod.query("SELECT * FROM api.pod_configs('email')") }
      await pod.close()
    }
  }
}

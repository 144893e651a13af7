internal import Postgres
internal import TestSupport
internal import Testing

@Suite(.timeLimit(.minutes(2))) struct OrganizationTests {
  static let operation = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

  @Test func createReturnsTheWholeRowAndQueuesTheJob() async throws {
    try await TestDatabase.with(.migrated) { database in
      let app = try await database.connect(as: "app")
      let rows = try await app.query(
        "SELECT * FROM api.create_organization($1, 'ACME Corp', 'admin@acme.com', 'acme')",
        [.text(Self.operation)])
      #expect(rows[0]["status"] == "PENDING")
      #expect(rows[0]["namespace"] == "org-acme")
      #expect(rows[0]["operation_id"] == Self.operation)
      await app.close()

      let owner = try await database.connect()
      #expect(try await owner.value("SELECT state FROM provisioning.jobs") == "queued")
      let quota = try await owner.query("SELECT * FROM finops.quota_changes")
      #expect(
        quota[0]["cpu"] == "10" && quota[0]["memory"] == "20Gi" && quota[0]["storage"] == "10Gi")
      let mirror = try await owner.query(
        "SELECT key, value FROM config.service_configs WHERE service = 'quota' ORDER BY key")
      #expect(mirror.map { $0["value"] } == ["10", "20Gi", "10Gi"])
      await owner.close()
    }
  }

  @Test func theSameOperationIsTheSameOrganization() async throws {
    try await TestDatabase.with(.migrated) { database in
      let app = try await database.connect(as: "app")
      let first = try await app.createOrganization("acme", operation: Self.operation)
      let second = try await app.createOrganization("acme", operation: Self.operation)
      #expect(first == second)
      let state = await sqlState {
        _ = try await app.createOrganization("other", operation: Self.operation)
      }
      #expect(state == "AR409")
      await app.close()
      let owner = try await database.connect()
      #expect(try await owner.value("SELECT count(*) FROM core.organizations WHERE id > 0") == "1")
      #expect(try await owner.value("SELECT count(*) FROM provisioning.jobs") == "1")
      await owner.close()
    }
  }

  @Test func concurrentRepetitionsAreOneOrganization() async throws {
    try await TestDatabase.with(.migrated) { database in
      let ids = try await withThrowingTaskGroup(of: Int64.self) { group in
        for _ in 0..<8 {
          group.addTask {
            let app = try await database.connect(as: "app")
            let id = try await app.createOrganization("acme", operation: Self.operation)
            await app.close()
            return id
          }
        }
        var ids: Set<Int64> = []
        for try await id in group { ids.insert(id) }
        return ids
      }
      #expect(ids.count == 1)
    }
  }

  @Test(arguments: [
    ("Łódź?!", "łódź", "o@x.example", "22023"),
    ("???", nil, "o@x.example", "22023"),
    ("Fine", "Not-Fine", "o@x.example", "22023"),
    ("Fine", "-a", "o@x.example", "22023"),
    ("Fine", String(repeating: "a", count: 60), "o@x.example", "22023"),
    ("Two\nlines", "fine", "o@x.example", "22023"),
    ("", "fine", "o@x.example", "22023"),
    ("Fine", "fine", "nobody", "22023"),
  ])
  func whatMakesNoNamespaceIsRefusedAndNothingIsStored(
    name: String, slug: String?, email: String, state: String
  ) async throws {
    try await TestDatabase.with(.migrated) { database in
      let app = try await database.connect(as: "app")
      let refused = await sqlState {
        try await app.query(
          "SELECT api.create_organization(gen_random_uuid(), $1, $2, $3)",
          [.text(name), .text(email), .text(slug)])
      }
      #expect(refused == state)
      await app.close()
      let owner = try await database.connect()
      #expect(try await owner.value("SELECT count(*) FROM core.organizations WHERE id > 0") == "0")
      #expect(try await owner.value("SELECT count(*) FROM provisioning.jobs") == "0")
      await owner.close()
    }
  }

  @Test func aTakenSlugIsRefusedUntilItsOwnerHasFailed() async throws {
    try await TestDatabase.with(.migrated) { database in
      let app = try await database.connect(as: "app")
      _ = try await app.createOrganization("acme")
      await expectRefused("23505") { _ = try await app.createOrganization("acme") }
      let owner = try await database.connect()
      try await owner.query("UPDATE core.organizations SET status = 'FAILED' WHERE id > 0")
      _ = try await app.createOrganization("acme")
      await app.close()
      await owner.close()
    }
  }
}

internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@Suite(.timeLimit(.minutes(2))) struct QueueTests {
  /// What every step's report looks like when it went well.
  static let allSteps = """
    (SELECT jsonb_agg(jsonb_build_object('step', s, 'outcome', 'created', 'http_status', 201, \
    'milliseconds', 1)) FROM unnest(ARRAY['namespace', 'resource-quota', 'quota-status', 'limit-range', \
    'network-policy', 'owner-role-binding', 'service-account', 'gate']) AS s)
    """

  @Test func eightWorkersOnFiveHundredJobsOfFiftyOrganizations() async throws {
    try await TestDatabase.with(.migrated) { database in
      let owner = try await database.connect()
      for number in 0..<50 { _ = try await owner.createOrganization("org\(number)") }
      // Nine more jobs for each: 500 in all.
      try await owner.query(
        "SELECT provisioning.enqueue(o.id, 'quota') FROM core.organizations AS o, generate_series(1, 9) WHERE o.id > 0"
      )

      let tally = Tally()
      try await withThrowingTaskGroup { group in
        for worker in 0..<8 {
          group.addTask {
            let connection = try await database.connect(as: "provisioner")
            while true {
              let claimed = try await connection.query(
                "SELECT org_id, job_id, fence, steps FROM provisioning.claim($1, '1 minute')",
                [.text("worker \(worker)")])
              guard let job = claimed.first else {
                // Nothing due: either all is done, or the others hold it.
                let due = try await connection.value("SELECT provisioning.next_due()")
                if due == nil { break }
                try await Task.sleep(for: .milliseconds(5))
                continue
              }
              let (org, id) = (job["org_id"]!, job["job_id"]!)
              tally.begin(org: org)
              try await Task.sleep(for: .milliseconds(Int.random(in: 0...3)))
              tally.end(org: org, job: id)
              try await connection.query(
                """
                SELECT provisioning.complete($1, $2, $3, 'uid', jsonb_agg(jsonb_build_object(
                    'step', s ->> 'step', 'outcome', 'created', 'http_status', 201, 'milliseconds', 1)))
                FROM jsonb_array_elements($4::jsonb) AS s
                """, [.text(org), .text(id), .text(job["fence"]), .text(job["steps"])])
            }
            await connection.close()
          }
        }
        try await group.waitForAll()
      }
      #expect(tally.overlaps == 0)
      #expect(tally.done.count == 500)
      #expect(tally.done.values.allSatisfy { $0 == 1 })
      #expect(
        try await owner.value("SELECT count(*) FROM provisioning.jobs WHERE state = 'done'")
          == "500")
      await owner.close()
    }
  }

  @Test func anExpiredLeaseIsTakenOverAndTheOldHolderCanDoNothing() async throws {
    try await TestDatabase.with(.migrated) { database in
      let one = try await database.connect(as: "provisioner")
      let two = try await database.connect(as: "provisioner")
      let owner = try await database.connect()
      let org = try await owner.createOrganization("acme")
      let first = try await one.query("SELECT * FROM provisioning.claim('one', '1 minute')")[0]
      #expect(try await two.query("SELECT * FROM provisioning.claim('two', '1 minute')").isEmpty)
      try await owner.execute(
        """
        UPDATE provisioning.jobs SET lease_until = clock_timestamp() - interval '1 s';
        UPDATE provisioning.lanes SET next_at = clock_timestamp();
        """)
      let second = try await two.query("SELECT * FROM provisioning.claim('two', '1 minute')").first
      #expect(second?["job_id"] == first["job_id"])
      #expect(second?["fence"] == "2" && first["fence"] == "1")
      for call in [
        "provisioning.heartbeat(\(org), \(first["job_id"]!), 1, '1 minute')",
        "provisioning.complete(\(org), \(first["job_id"]!), 1, 'uid', \(Self.allSteps))",
        "provisioning.fail(\(org), \(first["job_id"]!), 1, 'internal', 'x', NULL, '[]')",
        "provisioning.record_steps(\(org), \(first["job_id"]!), 1, \(Self.allSteps))",
        "provisioning.release(\(org), \(first["job_id"]!), 1)",
      ] {
        await expectRefused("AR410", "\(call)") { try await one.query("SELECT \(call)") }
      }
      #expect(
        try await owner.value("SELECT status FROM core.organizations WHERE id > 0") == "PENDING")
      try await two.query(
        "SELECT provisioning.complete(\(org), \(first["job_id"]!), 2, 'uid', \(Self.allSteps))")
      #expect(
        try await owner.value("SELECT status FROM core.organizations WHERE id > 0") == "COMMITTED")
      for connection in [one, two, owner] { await connection.close() }
    }
  }

  @Test func aJobIsDoneOnlyWhenEveryStepIs() async throws {
    try await TestDatabase.with(.migrated) { database in
      let worker = try await database.connect(as: "provisioner")
      let owner = try await database.connect()
      let org = try await owner.createOrganization("acme")
      let job = try await worker.query("SELECT * FROM provisioning.claim('w', '1 minute')")[0]
      let state = await sqlState {
        try await worker.query(
          "SELECT provisioning.complete(\(org), \(job["job_id"]!), 1, 'uid', '[]')")
      }
      #expect(state == "55000")
      #expect(
        try await owner.value("SELECT status FROM core.organizations WHERE id > 0") == "PENDING")
      await worker.close()
      await owner.close()
    }
  }

  @Test func failuresAreRetriedOrUndoneAsTheCodeSays() async throws {
    try await TestDatabase.with(.migrated) { database in
      let worker = try await database.connect(as: "provisioner")
      let owner = try await database.connect()
      let org = try await owner.createOrganization("acme")
      func claim() async throws -> PostgresRow {
        var row: PostgresRow?
        try await eventually {
          row = try await worker.query("SELECT * FROM provisioning.claim('w', '1 minute')").first
          return row != nil
        }
        return row!
      }
      func fail(_ job: PostgresRow, _ code: String) async throws -> String? {
        try await worker.value(
          "SELECT next FROM provisioning.fail($1, $2, $3, $4, 'because', NULL, '[]')",
          [.int(org), .text(job["job_id"]), .text(job["fence"]), .text(code)])
      }
      #expect(try await fail(try await claim(), "conflict") == "retry")
      let second = try await claim()
      #expect(second["undo"] == "f")
      #expect(try await fail(second, "invalid") == "undo")
      let third = try await claim()
      // One-way: a successor goes on taking back, whatever happens.
      #expect(third["undo"] == "t")
      #expect(try await fail(third, "conflict") == "undo")
      let fourth = try await claim()
      #expect(fourth["undo"] == "t")
      let status = try await worker.value(
        """
        SELECT provisioning.complete($1, $2, $3, NULL, jsonb_agg(
            jsonb_build_object('step', s ->> 'step', 'outcome', 'deleted', 'milliseconds', 1)))
        FROM jsonb_array_elements($4::jsonb) AS s
        """,
        [
          .int(org), .text(fourth["job_id"]), .text(fourth["fence"]), .text(fourth["steps"]),
        ])
      #expect(status == "FAILED")
      #expect(
        try await owner.value("SELECT failure FROM core.organizations WHERE id > 0") == "because")
      #expect(try await worker.query("SELECT * FROM provisioning.claim('w', '1 minute')").isEmpty)
      await worker.close()
      await owner.close()
    }
  }

  @Test func nothingIsDueWhereNothingWaits() async throws {
    try await TestDatabase.with(.migrated) { database in
      let worker = try await database.connect(as: "provisioner")
      let due = try await worker.value("SELECT provisioning.next_due()")
      #expect(due == nil)
      await worker.close()
    }
  }

  @Test func aBlueprintThatCannotBeComputedStopsNobodyElse() async throws {
    try await TestDatabase.with(.migrated) { database in
      let owner = try await database.connect()
      try await owner.execute(
        """
        INSERT INTO provisioning.plans SELECT 'broken', '1', '1Gi', '1Gi', 'no blueprint';
        SELECT api.create_organization(gen_random_uuid(), 'Broken', 'a@b.c', 'broken', 'broken');
        """)
      let good = try await owner.createOrganization("good")
      let worker = try await database.connect(as: "provisioner")
      let job = try await worker.query("SELECT * FROM provisioning.claim('w', '1 minute')")
      #expect(job.first?["org_id"] == "\(good)")
      let broken = try await owner.query("SELECT * FROM admin.jobs('broken')")[0]
      #expect(broken["state"] == "queued" && broken["error_code"] == "internal")
      #expect(broken["error"]?.contains("without a blueprint") == true)
      await worker.close()
      await owner.close()
    }
  }

  /// Whatever stands in a value, it is a value: no JSON, no variable, no reference.
  @Test(arguments: [
    "a\"b@x", "a\\@x", "{{cpu}}@x", "{{nothing}}@x", "${namespace.metadata.uid}@x}", "${a@b}",
    "$${a@b}",
    "é\u{1F600}@x", "',\"x\":@1",
  ])
  func valuesStayValuesInTheBlueprint(email: String) async throws {
    try await TestDatabase.with(.migrated) { database in
      let owner = try await database.connect()
      try await owner.query(
        "SELECT api.create_organization(gen_random_uuid(), 'ACME', $1, 'acme')", [.text(email)])
      let worker = try await database.connect(as: "provisioner")
      let subject = try await worker.value(
        """
        SELECT s #>> '{body,subjects,0,name}'
        FROM provisioning.claim('w', '1 minute') AS c, jsonb_array_elements(c.steps) AS s
        WHERE s ->> 'step' = 'owner-role-binding'
        """)
      let isReference = email.drop { $0 == "$" }.hasPrefix("{") && email.hasPrefix("$")
      #expect(subject == (isReference ? "$" + email : email))
      await worker.close()
      await owner.close()
    }
  }

  @Test func lanesAreServedInTurn() async throws {
    try await TestDatabase.with(.migrated) { database in
      let worker = try await database.connect(as: "provisioner")
      let owner = try await database.connect()
      let busy = try await owner.createOrganization("busy")
      try await owner.query(
        "SELECT provisioning.enqueue($1, 'create') FROM generate_series(1, 100)", [.int(busy)])
      let small = try await owner.createOrganization("small")
      var order: [String?] = []
      for _ in 0..<2 {
        let job = try await worker.query("SELECT * FROM provisioning.claim('w', '1 minute')")[0]
        order.append(job["org_id"])
        try await worker.query(
          "SELECT provisioning.complete($1, $2, $3, 'uid', \(Self.allSteps))",
          [.text(job["org_id"]), .text(job["job_id"]), .text(job["fence"])])
      }
      #expect(order.contains("\(small)"))
      await worker.close()
      await owner.close()
    }
  }
}

/// Who worked on what, and whether two worked on the same organisation at a time.
private final class Tally: Sendable {
  private struct State {
    var active: [String: Int] = [:]
    var done: [String: Int] = [:]
    var overlaps = 0
  }

  private let state = Mutex(State())

  var overlaps: Int { state.withLock { $0.overlaps } }
  /// How often each job was done.
  var done: [String: Int] { state.withLock { $0.done } }

  func begin(org: String) {
    state.withLock { state in
      state.active[org, default: 0] += 1
      if state.active[org]! > 1 { state.overlaps += 1 }
    }
  }

  func end(org: String, job: String) {
    state.withLock { state in
      state.active[org]! -= 1
      state.done[job, default: 0] += 1
    }
  }
}

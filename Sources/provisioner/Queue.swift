internal import Kubernetes
internal import Postgres

/// The functions of `provisioning`, as a worker calls them.
struct Queue: Sendable {
  let pool: PostgresPool
  let worker: String
  let lease: Duration

  /// The channel of the wake-up.
  static let channel = "provisioning"

  /// Every function that a provisioner calls.
  static let functions = [
    "provisioning.claim(text,interval)",
    "provisioning.heartbeat(bigint,bigint,bigint,interval)",
    "provisioning.complete(bigint,bigint,bigint,text,jsonb)",
    "provisioning.fail(bigint,bigint,bigint,text,text,interval,jsonb)",
    "provisioning.release(bigint,bigint,bigint)", "provisioning.next_due()",
    "provisioning.jump_fence(bigint,bigint,bigint,bigint)",
    "provisioning.maintain()", "provisioning.report_task(text,text,text)",
    "provisioning.report_namespaces(jsonb)", "provisioning.usage_due()",
    "provisioning.report_samples(text,bigint,jsonb,bigint)",
    "provisioning.check_database()", "provisioning.required_rights()",
    "provisioning.plan_objects(text)", "provisioning.comparisons(text,bigint,integer)",
    "provisioning.find_strays(jsonb)", "provisioning.status(integer)",
  ]

  /// What follows a failure.
  struct Next: Sendable, Equatable {
    /// retry, undo or give up.
    var what: String
    /// `nil`: not again.
    var runAt: String?
  }

  /// Takes the next job; `nil` if there is nothing to do.
  func claim() async throws -> Job? {
    try await pool.withConnection { connection in
      let result = try await connection.query(
        "SELECT * FROM provisioning.claim($1, $2)", [.text(worker), .text(Self.interval(lease))])
      guard let row = result.first else { return nil }
      let steps = try JSONValue(parsing: try row.decode("steps", as: String.self))
      return Job(
        claim: Job.Claim(
          orgID: try row.decode("org_id", as: Int64.self),
          jobID: try row.decode("job_id", as: Int64.self),
          fence: try row.decode("fence", as: Int64.self)),
        kind: try row.decode("kind", as: String.self),
        isUndo: try row.decode("undo", as: Bool.self),
        attempt: try row.decode("attempt", as: Int64.self),
        operationID: try row.decode("operation_id", as: String.self),
        namespace: try row.decode("namespace", as: String.self),
        namespaceUID: try row.decode("namespace_uid", as: String?.self),
        steps: try (steps.array ?? []).map(Step.init))
    }
  }

  /// Extends the lease. Returns whether the job is to go on: false if it was cancelled.
  func heartbeat(_ claim: Job.Claim) async throws -> Bool {
    try await pool.withConnection { connection in
      let result = try await connection.query(
        "SELECT provisioning.heartbeat($1, $2, $3, $4) AS goes_on",
        Self.parameters(claim) + [.text(Self.interval(lease))])
      return try result.first?.decode("goes_on", as: Bool.self) ?? true
    }
  }

  /// Ends a job. Returns the organisation's status: COMMITTED or FAILED.
  func complete(_ claim: Job.Claim, namespaceUID: String?, steps: [StepReport]) async throws
    -> String
  {
    try await pool.withConnection { connection in
      let result = try await connection.query(
        "SELECT provisioning.complete($1, $2, $3, $4, $5) AS status",
        Self.parameters(claim) + [.text(namespaceUID), .json(StepReport.json(steps))])
      return try result.first?.decode("status", as: String.self) ?? ""
    }
  }

  /// Reports a failed attempt. Returns what follows from it.
  func fail(_ claim: Job.Claim, _ failure: Failure, steps: [StepReport]) async throws -> Next {
    try await pool.withConnection { connection in
      let result = try await connection.query(
        "SELECT * FROM provisioning.fail($1, $2, $3, $4, $5, $6, $7)",
        Self.parameters(claim) + [
          .text(failure.code.rawValue), .text(failure.message),
          .text(failure.retryAfter.map(Self.interval)), .json(StepReport.json(steps)),
        ])
      return Next(
        what: try result.first?.decode("next", as: String.self) ?? "",
        runAt: try result.first?.decode("run_at", as: String?.self) ?? nil)
    }
  }

  /// Hands a job back before anything was done.
  func release(_ claim: Job.Claim) async throws {
    try await call("SELECT provisioning.release($1, $2, $3)", Self.parameters(claim))
  }

  /// How long until it is worth looking again, in milliseconds; `nil` if nothing waits.
  func nextDue() async throws -> Duration? {
    try await pool.withConnection { connection in
      let result = try await connection.query("SELECT provisioning.next_due() AS milliseconds")
      let due = try result.first?.decode("milliseconds", as: Double?.self)
      return due.map { .milliseconds(Int64($0.rounded(.up))) }
    }
  }

  /// What came of a timed task.
  struct Maintenance: Sendable {
    var task: String
    var result: String?
    var error: String?
  }

  /// Does the timed task that has been due for longest; `nil` if none is due.
  func maintain() async throws -> Maintenance? {
    try await pool.withConnection { connection in
      let result = try await connection.query(
        "SELECT task, result, error FROM provisioning.maintain()", timeout: .seconds(300))
      guard let row = result.first else { return nil }
      return Maintenance(
        task: try row.decode("task", as: String.self),
        result: try row.decode("result", as: String?.self),
        error: try row.decode("error", as: String?.self))
    }
  }

  /// Reports the cluster's namespaces. Returns those that no organisation owns.
  func report(namespaces: JSONValue) async throws -> [Stray] {
    try await pool.withConnection { connection in
      try await connection.query(
        "SELECT name, uid FROM provisioning.report_namespaces($1)",
        [.json(namespaces.serialized())], timeout: .seconds(60)
      ).map { row in
        Stray(
          name: try row.decode("name", as: String.self), uid: try row.decode("uid", as: String.self)
        )
      }
    }
  }

  private func call(_ sql: String, _ parameters: [PostgresParameter]) async throws {
    try await pool.withConnection { connection in
      _ = try await connection.query(sql, parameters)
    }
  }

  private static func parameters(_ claim: Job.Claim) -> [PostgresParameter] {
    [.int(claim.orgID), .int(claim.jobID), .int(claim.fence)]
  }

  private static func interval(_ duration: Duration) -> String {
    let milliseconds =
      duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    return "\(milliseconds) ms"
  }
}

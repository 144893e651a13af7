internal import Foundation
internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// The API server asks for patience: the job goes back to the queue, and is due when the server wants it.
@Suite(.timeLimit(.minutes(4))) struct PatienceTests {
  /// What an API server that has enough to do asks for, and the pause that follows, in seconds.
  static let wishes: [(header: String?, pause: ClosedRange<Double>)] = [
    ("1", 1...1),
    // Then SQL decides: half a second to one at the first attempt.
    ("0", 0.5...1), (nil, 0.5...1),
    // Not taken at its word.
    ("86400", 300...300), (date(in: 3600), 300...300),
  ]

  private static func date(in seconds: TimeInterval) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return formatter.string(from: Date() + seconds)
  }

  private static func answer(_ header: String?) -> ScriptedAPIServer.Answer {
    .refusal(
      429, reason: "TooManyRequests", headers: header.map { [("Retry-After", $0)] } ?? [])
  }

  /// 429 at any call of any kind of job: it goes back to the queue, not before the time that was asked for, and
  /// its worker is free. None of its attempts is used up.
  @Test(arguments: Change.groups)
  func whoeverIsAskedForPatienceIsPatient(_ changes: [Change]) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      // A roll-out would come to the other one, too.
      var isShown = changes.contains(.rollout)
      try await trial.eachCall(of: changes) { _, call in
        .answer(Self.answer(Self.wishes[(call - 1) % Self.wishes.count].header))
      } check: { id, call, since, worker in
        let (header, pause) = Self.wishes[(call - 1) % Self.wishes.count]
        func job() async throws -> PostgresRow {
          try #require(
            try await scene.owner.query(
              """
              SELECT coalesce(worker, 'nobody') AS worker, refusals, attempts, run_at,
                     run_at >= $2::timestamptz + $3::interval AS late_enough,
                     run_at <= clock_timestamp() + $4::interval AS early_enough,
                     EXISTS (SELECT FROM provisioning.steps AS s WHERE s.job_id = j.job_id AND s.fence = j.fence
                             AND s.outcome = 'failed' AND s.http_status = 429) AS told
              FROM provisioning.jobs AS j WHERE org_id = $1 AND state = 'queued' AND attempts > 0
              """,
              [
                .int(id), .text(since), .text("\(pause.lowerBound) s"),
                .text("\(pause.upperBound) s"),
              ]
            ).first, "call \(call) of \(changes): not queued")
        }
        let first = try await job()
        let what = "call \(call) of \(changes), Retry-After \(header ?? "absent"): \(first)"
        #expect(first["worker"] == "nobody" && first["told"] == "t", "\(what)")
        #expect(first["refusals"] == "0" && first["attempts"] == "1", "\(what)")
        #expect(first["late_enough"] == "t" && first["early_enough"] == "t", "\(what)")
        // While one waits for minutes, another organisation does not.
        guard pause.lowerBound > 100 else { return }
        if !isShown {
          isShown = true
          let other = try await scene.organization("other")
          try await scene.work(worker, until: other, is: "COMMITTED")
        }
        let hadWork = try await worker.workOnce()
        let last = try await job()
        #expect(!hadWork && last["run_at"] == first["run_at"], "\(what); then \(last)")
      }
    }
  }

  /// However often it is asked for: no job is given up, and no creation taken back.
  @Test(arguments: [Change.create, .undo, .members, .delete])
  func patienceHasNoEnd(_ change: Change) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let server = try await ScriptedAPIServer.start { _ in .answer(Self.answer("0")) }
      defer { server.stop() }
      let before = try scene.worker("before")
      let id = try await scene.prepare(change, by: before)
      let isUndo = change == .undo
      let worker = try scene.worker("one", kubeconfig: try server.kubeconfig())
      // More than the attempts of any failure that has a limit.
      for _ in 1...25 {
        try await scene.hurry(id)
        let hadWork = try await worker.workOnce()
        #expect(hadWork)
      }
      let job = try await scene.owner.query(
        """
        SELECT state, attempts, refusals, undo, extract(epoch FROM run_at - clock_timestamp()) AS pause
        FROM provisioning.jobs WHERE org_id = $1 AND attempts > 0 ORDER BY job_id DESC LIMIT 1
        """, [.int(id)])[0]
      #expect(job["state"] == "queued" && job["attempts"] == "25", "\(job)")
      #expect(job["refusals"] == "0" && job["undo"] == (isUndo ? "t" : "f"), "\(job)")
      #expect((0...60).contains(Double(job["pause"] ?? "") ?? -1), "\(job)")
      server.follow { _ in .forward }
      try await scene.finish(change, of: id, by: worker)
    }
  }

  /// The same of a creation's writes, with every wish at each.
  @Test(arguments: wishes, ["/namespaces", "/resourcequotas", "-acme"])
  func whoIsAskedForPatienceIsPatient(
    _ row: (header: String?, pause: ClosedRange<Double>), path: String
  ) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let write = FirstWrite(path)
      let server = try await ScriptedAPIServer.start { request in
        guard write.isMet(by: request) else { return .forward }
        return .answer(Self.answer(row.header))
      }
      defer { server.stop() }
      let worker = try scene.worker("one", kubeconfig: try server.kubeconfig())
      let id = try await scene.organization()
      let before = try await scene.owner.value("SELECT clock_timestamp()")
      let hadWork = try await worker.workOnce()
      #expect(hadWork && write.isMet)
      let job = try await scene.owner.query(
        """
        SELECT state, error_code, coalesce(worker, 'nobody') AS worker, run_at - $1::timestamptz AS pause,
               run_at >= $1::timestamptz + $2::interval AND run_at <= clock_timestamp() + $3::interval AS fits
        FROM provisioning.jobs
        """,
        [
          .text(before), .text("\(row.pause.lowerBound) s"), .text("\(row.pause.upperBound) s"),
        ])[0]
      #expect(job["state"] == "queued" && job["error_code"] == "throttled")
      #expect(job["worker"] == "nobody" && job["fits"] == "t", "\(job)")
      // Another organisation does not wait with it.
      let other = try await scene.organization("other")
      try await scene.work(worker, until: other, is: "COMMITTED")
      try await scene.finish(.create, of: id, by: worker)
    }
  }

  /// 503 with Retry-After, as a load balancer or a server that is shutting down answers.
  @Test(arguments: [("/namespaces", true), ("/limitranges", false), ("-acme", false)])
  func whoIsAwayForAWhileIsWaitedFor(path: String, isDone: Bool) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let write = FirstWrite(path)
      let server = try await ScriptedAPIServer.start { request in
        guard write.isMet(by: request) else { return .forward }
        if isDone { _ = try await request.forward() }
        return .answer(
          .refusal(503, reason: "ServiceUnavailable", headers: [("Retry-After", "40")]))
      }
      defer { server.stop() }
      let worker = try scene.worker("one", kubeconfig: try server.kubeconfig())
      let id = try await scene.organization()
      let before = try await scene.owner.value("SELECT clock_timestamp()")
      _ = try await worker.workOnce()
      #expect(write.isMet)
      // What was done all the same is found, and goes on.
      let status = try await scene.organizationStatus(id)
      #expect(status == (isDone ? "COMMITTED" : "PENDING"))
      if !isDone {
        let waits = try await scene.owner.value(
          "SELECT error_code || ' ' || (run_at >= $1::timestamptz + interval '40 s') FROM provisioning.jobs",
          [.text(before)])
        #expect(waits == "unavailable true", "\(waits ?? "-")")
      }
      try await scene.finish(.create, of: id, by: worker)
    }
  }
}

/// The first write of one kind: the POST to a path of that end, or, for a tenant, the PATCH that opens its gate.
private final class FirstWrite: Sendable {
  private let path: String
  private let hasCome = Mutex(false)

  init(_ path: String) { self.path = path }

  /// Whether it has come.
  var isMet: Bool { hasCome.withLock { $0 } }

  /// Whether a request is it.
  func isMet(by request: ScriptedAPIServer.Request) -> Bool {
    guard request.asks(path == "-acme" ? "PATCH" : "POST", path) else { return false }
    return hasCome.withLock { hasCome in
      defer { hasCome = true }
      return !hasCome
    }
  }
}

internal import Foundation
internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// What the API server may answer, or not: every call of a job in turn meets the fault, once, with the write
/// carried out or not. The server before the real one is scripted.
@Suite(.timeLimit(.minutes(4))) struct AnswerTests {
  enum Fault: String, Sendable, CaseIterable, CustomStringConvertible {
    case error500, error502, error503, error504, reset, cutInBody, closed

    var description: String { rawValue }

    /// - Parameter answer: What it would have been.
    func reaction(_ answer: ScriptedAPIServer.Answer) -> ScriptedAPIServer.Reaction {
      switch self {
      case .error500: .answer(.refusal(500, reason: "InternalError"))
      case .error502: .answer(.refusal(502, reason: "BadGateway"))
      case .error503: .answer(.refusal(503, reason: "ServiceUnavailable"))
      case .error504: .answer(.refusal(504, reason: "Timeout"))
      case .reset: .reset(.internalError)
      case .cutInBody: .cut(answer, afterBytes: answer.body.count / 2)
      case .closed: .close
      }
    }
  }

  @Test(
    arguments: Fault.allCases.map { ([Change.create], [$0]) }
      + Change.groups.filter { $0 != [.create] }.map { ($0, Fault.allCases) }, [false, true])
  func anyCallMayFail(_ row: ([Change], [Fault]), isDone: Bool) async throws {
    let (changes, faults) = row
    try await Trial.play { trial in
      try await each(changes, in: trial) { request, call in
        // What is cut is an answer, done or not.
        let fault = faults[call % faults.count]
        let answer =
          isDone ? try await request.forward() : ScriptedAPIServer.Answer(200, #"{"kind":"Any"}"#)
        return fault.reaction(answer)
      }
    }
  }

  /// Whatever kind of write it was, the look that follows at once finds that it was done: no attempt fails.
  @Test(arguments: [
    [Change.create], [.undo], [.quota], [.suspend, .resume], [.reconcile], [.delete],
  ])
  func aWriteThatWasDoneIsFoundAtOnce(_ changes: [Change]) async throws {
    try await Trial.play { trial in
      // Not those with which the connection ends: others' reads end with it.
      let faults: [Fault] = [.error500, .error502, .error503, .error504, .reset]
      try await each(changes, in: trial) { request, call in
        guard request.method != "GET" else { return .forward }
        return faults[call % faults.count].reaction(try await request.forward())
      }
      // A namespace, or a pod, that takes its time is waited for.
      let failed = try await trial.scene.owner.query(
        """
        SELECT concat_ws(' ', kind, step, s.detail) AS step FROM provisioning.steps AS s JOIN provisioning.jobs USING (job_id)
        WHERE s.outcome = 'failed' AND s.detail NOT LIKE '%is being deleted%' AND s.detail NOT LIKE '%have not ended yet%'
        """)
      #expect(failed.isEmpty, "\(failed.compactMap { $0["step"] })")
    }
  }

  /// Replayed by the client, or answered all the same: no attempt fails.
  @Test(arguments: [Change.create, .delete], [false, true])
  func goAwayAtAnyCall(_ change: Change, isCounted: Bool) async throws {
    try await Trial.play { trial in
      try await each([change], in: trial) { _, _ in isCounted ? .goAwayAfter(.forward) : .goAway }
      let attempts = try await trial.scene.owner.value(
        "SELECT max(attempts) FROM provisioning.jobs WHERE error_code <> 'terminating'")
      #expect(attempts == nil || attempts == "1")
    }
  }

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

  /// 429: the job goes back to the queue, not before the time that was asked for, and its worker is free.
  @Test(arguments: wishes, ["/namespaces", "/resourcequotas", "-acme"])
  func whoIsAskedForPatienceIsPatient(
    _ row: (header: String?, pause: ClosedRange<Double>), path: String
  ) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let isMet = Mutex(false)
      let server = try await ScriptedAPIServer.start { request in
        guard request.asks(path == "-acme" ? "PATCH" : "POST", path),
          isMet.withLock({ isMet in
            defer { isMet = true }
            return !isMet
          })
        else { return .forward }
        return .answer(
          .refusal(
            429, reason: "TooManyRequests",
            headers: row.header.map { [("Retry-After", $0)] } ?? []))
      }
      defer { server.stop() }
      let worker = try scene.worker("one", kubeconfig: try server.kubeconfig())
      let id = try await scene.organization()
      let before = try await scene.owner.value("SELECT clock_timestamp()")
      let hadWork = try await worker.workOnce()
      #expect(hadWork && isMet.withLock { $0 })
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
      let isMet = Mutex(false)
      let server = try await ScriptedAPIServer.start { request in
        guard request.asks(path == "-acme" ? "PATCH" : "POST", path),
          isMet.withLock({ isMet in
            defer { isMet = true }
            return !isMet
          })
        else { return .forward }
        if isDone { _ = try await request.forward() }
        return .answer(
          .refusal(503, reason: "ServiceUnavailable", headers: [("Retry-After", "40")]))
      }
      defer { server.stop() }
      let worker = try scene.worker("one", kubeconfig: try server.kubeconfig())
      let id = try await scene.organization()
      let before = try await scene.owner.value("SELECT clock_timestamp()")
      _ = try await worker.workOnce()
      #expect(isMet.withLock { $0 })
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

  /// Every call of these changes in turn meets the reaction.
  private func each(
    _ changes: [Change], in trial: Trial,
    _ react:
      @escaping @Sendable (ScriptedAPIServer.Request, Int) async throws ->
      ScriptedAPIServer.Reaction
  ) async throws {
    let count = Mutex<(meant: Int, now: Int)>((0, 0))
    let server = try await ScriptedAPIServer.start { request in
      let (meant, now) = count.withLock { count in
        count.now += 1
        return count
      }
      return meant == now ? try await react(request, now) : .forward
    }
    defer { server.stop() }
    let worker = try trial.scene.worker("one", kubeconfig: try server.kubeconfig())
    let calls = try await trial.eachCall(of: changes, by: worker) { _, _, call in
      count.withLock { $0 = (call, 0) }
      let hadWork = try await worker.workOnce()
      #expect(hadWork)
      return count.withLock { count in
        defer { count.meant = 0 }
        return count.now >= call
      }
    }
    for change in changes { #expect(calls[change] ?? 0 > 3, "\(calls)") }
  }
}

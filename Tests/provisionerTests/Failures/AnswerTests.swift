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
    case error500, error503, error504, reset, cutInBody, closed

    var description: String { rawValue }

    /// - Parameter answer: What it would have been.
    func reaction(_ answer: ScriptedAPIServer.Answer) -> ScriptedAPIServer.Reaction {
      switch self {
      case .error500: .answer(.refusal(500, reason: "InternalError"))
      case .error503: .answer(.refusal(503, reason: "ServiceUnavailable"))
      case .error504: .answer(.refusal(504, reason: "Timeout"))
      case .reset: .reset(.internalError)
      case .cutInBody: .cut(answer, afterBytes: answer.body.count / 2)
      case .closed: .close
      }
    }
  }

  @Test(
    arguments: Fault.allCases.map { (Change.create, [$0]) }
      + Change.allCases.filter { $0 != .create }.map { ($0, Fault.allCases) }, [false, true])
  func anyCallMayFail(_ row: (Change, [Fault]), isDone: Bool) async throws {
    let (change, faults) = row
    try await Trial.play { trial in
      try await each(change, in: trial) { request, call in
        // What is cut is an answer, done or not.
        let fault = faults[call % faults.count]
        let answer =
          isDone ? try await request.forward() : ScriptedAPIServer.Answer(200, #"{"kind":"Any"}"#)
        return fault.reaction(answer)
      }
    }
  }

  /// Replayed by the client, or answered all the same: no attempt fails.
  @Test(arguments: [Change.create, .delete], [false, true])
  func goAwayAtAnyCall(_ change: Change, isCounted: Bool) async throws {
    try await Trial.play { trial in
      try await each(change, in: trial) { _, _ in isCounted ? .goAwayAfter(.forward) : .goAway }
      let attempts = try await trial.scene.owner.value(
        "SELECT max(attempts) FROM provisioning.jobs WHERE error_code <> 'terminating'")
      #expect(attempts == nil || attempts == "1")
    }
  }

  /// 429: the job goes back to the queue, not before the time that was asked for, and its worker is free.
  @Test(
    arguments: [("1", 1.0...1.3), ("0", 0.5...1), (nil, 0.5...1), ("86400", 299...300.3)],
    ["/namespaces", "/resourcequotas", "-acme"])
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
      let hadWork = try await worker.workOnce()
      #expect(hadWork && isMet.withLock { $0 })
      let job = try await scene.owner.query(
        """
        SELECT j.state, j.error_code, extract(epoch FROM j.run_at - max(s.recorded_at)) AS pause
        FROM provisioning.jobs AS j JOIN provisioning.steps AS s USING (org_id, job_id)
        GROUP BY j.org_id, j.job_id
        """)[0]
      #expect(job["state"] == "queued" && job["error_code"] == "throttled")
      let pause = Double(job["pause"] ?? "") ?? -1
      #expect(
        (row.pause.lowerBound - 0.05...row.pause.upperBound + 0.5).contains(pause), "\(pause)")
      // Another organisation does not wait with it.
      let other = try await scene.organization("other")
      try await scene.work(worker, until: other, is: "COMMITTED")
      try await scene.finish(.create, of: id, by: worker)
    }
  }

  /// An organisation for each call of a change, until one comes to its end without meeting the call.
  private func each(
    _ change: Change, in trial: Trial,
    _ react:
      @escaping @Sendable (ScriptedAPIServer.Request, Int) async throws ->
      ScriptedAPIServer.Reaction
  ) async throws {
    let scene = trial.scene
    let count = Mutex<(meant: Int, now: Int)>((0, 0))
    let server = try await ScriptedAPIServer.start { request in
      let (meant, now) = count.withLock { count in
        count.now += 1
        return count
      }
      return meant == now ? try await react(request, now) : .forward
    }
    defer { server.stop() }
    let worker = try scene.worker("one", kubeconfig: try server.kubeconfig())
    var call = 0
    while true {
      call += 1
      count.withLock { $0 = (0, 0) }
      let id = try await scene.prepare(change, "n\(call)", by: worker)
      let meant = call
      count.withLock { $0 = (meant, 0) }
      try await scene.finish(change, of: id, by: worker)
      if count.withLock({ $0.now < meant }) { break }
      // A deletion looks again and again; its own calls are the first.
      if change == .delete, call > 16 { break }
    }
    #expect(call > 4)
  }
}

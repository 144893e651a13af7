internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// Two workers: the lease of the first runs out while it stands still before a call, another one brings the
/// job to its end, and the first goes on as if no time had passed.
@Suite(.timeLimit(.minutes(4))) struct StoppedWorkerTests {
  /// The call before which the first one stands still.
  enum Call: String, Sendable, CustomStringConvertible {
    case createsNamespace, createsChild, takesOver, turnsGate, clears, deletesNamespace, applies,
      writesStatus

    var description: String { rawValue }

    func isMeant(_ request: Request) -> Bool {
      switch self {
      case .createsNamespace: request.createsNamespace
      case .createsChild: request.createsChild
      case .takesOver: request.takesOver
      case .turnsGate: request.turnsGate
      case .clears: request.deletesPod
      case .deletesNamespace: request.deletesNamespace
      case .applies: if case .apply = request { true } else { false }
      case .writesStatus: request.writesStatus
      }
    }
  }

  @Test(arguments: [
    (Change.create, Call.createsNamespace), (.create, .createsChild), (.create, .writesStatus),
    (.create, .turnsGate),
    (.undo, .takesOver), (.undo, .turnsGate), (.undo, .clears), (.undo, .deletesNamespace),
    (.quota, .takesOver), (.quota, .applies), (.quota, .writesStatus),
    (.members, .applies), (.transfer, .applies), (.suspend, .takesOver), (.suspend, .turnsGate),
    (.suspend, .clears),
    (.resume, .writesStatus), (.resume, .turnsGate), (.reconcile, .applies),
    (.reconcile, .writesStatus),
    (.rollout, .applies), (.rollout, .writesStatus), (.delete, .takesOver), (.delete, .turnsGate),
    (.delete, .clears), (.delete, .deletesNamespace), (.sweep, .takesOver),
    (.sweep, .turnsGate), (.sweep, .clears), (.sweep, .deletesNamespace),
  ])
  func aStoppedWorkerChangesNothingWhenItGoesOn(_ change: Change, before call: Call) async throws {
    try await Trial.play { trial in
      try await stop(change, before: call, in: trial) { _, _ in }
    }
  }

  /// Its slug is free, and another organisation's by now, with a pod of the same name: what comes late is refused.
  @Test(
    arguments: [Change.undo, .delete], [Call.takesOver, .turnsGate, .clears, .deletesNamespace])
  func aNewTenantOfTheSameNameIsUntouched(_ change: Change, before call: Call) async throws {
    try await Trial.play { trial in
      try await stop(change, before: call, in: trial) { scene, successor in
        let again = try await scene.organization()
        try await scene.work(successor, until: again, is: "COMMITTED")
        try await scene.createPod(change == .undo ? "slips" : "runs-1")
      }
    }
  }

  /// Suspended, and resumed again by others, or the other way round.
  @Test(arguments: [Change.suspend, .resume])
  func theGateIsNotTurnedBack(_ change: Change) async throws {
    try await Trial.play { trial in
      try await stop(change, before: .turnsGate, in: trial) { scene, successor in
        try await scene.owner.query(
          "SELECT admin.\(change == .suspend ? "resume" : "suspend")_organization($1, 'r')",
          [.text("\(scene.prefix)-acme")])
        try await scene.drain(successor)
      }
    }
  }

  /// A quota that has become old meanwhile does not come back.
  @Test(arguments: [Call.takesOver, .applies, .writesStatus])
  func aNewerQuotaIsNotTakenBack(before call: Call) async throws {
    try await Trial.play { trial in
      try await stop(.quota, before: call, in: trial) { scene, successor in
        try await scene.owner.query("SELECT api.request_quota(p_cpu => '30', p_reason => 'more')")
        try await scene.drain(successor)
      }
    }
  }

  /// What no precondition of the API prevents: a namespace that is made when its organisation has failed.
  /// Its marks say whose it is, and the survey takes it away.
  @Test(arguments: [false, true])
  func aNamespaceThatIsMadeTooLateIsSwept(slugIsTaken: Bool) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let id = try await scene.organization()
      let (slow, caller) = try stoppedWorker(scene, before: .createsNamespace)
      async let working = slow.workOnce()
      await caller.waitForStop()
      await slow.queue.pool.close()
      try await scene.expireLease(of: id)
      // Given up before anybody has sent the namespace.
      try await scene.owner.query(
        "SELECT admin.cancel_job(job_id, 'a mistake') FROM provisioning.jobs")
      let successor = try scene.worker("successor")
      try await scene.work(successor, until: id, is: "FAILED")
      caller.goOn()
      _ = try? await working
      // It was opened, too.
      try await scene.createPod("runs")
      var again: Int64?
      if slugIsTaken {
        // Whoever comes next finds a namespace that is not its own.
        again = try await scene.organization()
        try await scene.work(successor, until: again!, is: "FAILED")
      }
      let survey = Survey(queue: successor.queue, kubernetes: scene.kubernetes)
      #expect(try await survey.run().map(\.name).contains("org-\(scene.prefix)-acme"))
      try await eventually {
        try await scene.hurry(id)
        _ = try await successor.workOnce()
        return try await scene.state(of: "sweep") == "done"
      }
      #expect(try await scene.status(scene.namespacePath()) == 404)
      #expect(try await scene.organizationStatus(id) == "FAILED")
      if let again {
        try await scene.owner.query("SELECT admin.redrive('swept', 'create')")
        try await scene.work(successor, until: again, is: "COMMITTED")
      }
    }
  }

  private func stoppedWorker(
    _ scene: Scene, before call: Call
  ) throws -> (Worker, StoppedCaller) {
    let stopped = Mutex<StoppedCaller?>(nil)
    let worker = try scene.worker("stopped") { caller in
      let wrapped = StoppedCaller(caller) { call.isMeant($0) }
      stopped.withLock { $0 = wrapped }
      return wrapped
    }
    return (worker, try #require(stopped.withLock { $0 }))
  }

  private func stop(
    _ change: Change, before call: Call, in trial: Trial,
    meanwhile: (Scene, Worker) async throws -> Void
  ) async throws {
    let scene = trial.scene
    let successor = try scene.worker("successor")
    let id = try await scene.prepare(change, by: successor)
    let (slow, caller) = try stoppedWorker(scene, before: call)
    // A process that is stopped sends no heartbeats, either: its pool is closed under it.
    async let working = slow.workOnce()
    await caller.waitForStop()
    await slow.queue.pool.close()
    try await scene.expireLease(of: id)
    try await scene.finish(change, of: id, by: successor)
    try await meanwhile(scene, successor)

    func picture() async throws -> (Judge, String) {
      let rows = try await scene.owner.query(
        """
        SELECT t::text AS row FROM provisioning.jobs AS t UNION ALL
        SELECT t::text FROM provisioning.steps AS t UNION ALL
        SELECT t::text FROM core.organizations AS t ORDER BY 1
        """)
      return (try await trial.judge(), rows.compactMap { $0["row"] }.joined(separator: "\n"))
    }
    let before = try await picture()
    caller.goOn()
    _ = try? await working
    // It has come to what it was stopped before.
    #expect(!caller.repliesAfterStop.isEmpty)
    let after = try await picture()
    #expect(after.1 == before.1)
    let changed = after.0.differences(from: before.0)
    #expect(changed == [], "\(changed)")
    // Not even a version.
    #expect(after.0.namespaces == before.0.namespaces)
    let done = after.0.writes.dropFirst(before.0.writes.count).filter { $0.isOurs && $0.isDone }
    // An object is brought to what it is already.
    #expect(call == .applies || call == .writesStatus || done.isEmpty, "\(done)")
  }
}

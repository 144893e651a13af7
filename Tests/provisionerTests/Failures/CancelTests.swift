internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// An administrator gives up what others have asked for: rows and namespace say the same afterwards, or it is to
/// be seen where they do not. That of a creation is in TenantLifeTests, what SQL decides in Tests/SQL/queue.sql
/// and lifecycle.sql.
@Suite(.timeLimit(.minutes(4))) struct CancelTests {
  /// The request stands. That nobody brings it about is found by the comparison that follows at once.
  @Test(arguments: [Change.quota, .members, .transfer])
  func whatWasAskedForIsMissed(_ change: Change) async throws {
    try await Trial.playTenant { trial, id, worker in
      let scene = trial.scene
      try await scene.ask(for: change, of: id)
      #expect(try await cancel(change, scene) == "failed")
      try await scene.drain(worker)
      #expect(try await scene.state(of: "compare") == "done")
      let drift = try await scene.owner.query(
        "SELECT concat_ws(' ', step, what) AS line FROM admin.tenant_drift() ORDER BY 1"
      ).compactMap { $0["line"] }
      let missed =
        switch change {
        case .quota: "resource-quota differs"
        case .members: "member-role-binding missing"
        default: "owner-role-binding differs"
        }
      #expect(drift.contains(missed), "\(drift)")
      try await scene.owner.query(
        "SELECT admin.repair($1, 'after all')", [.text("\(scene.prefix)-acme")])
      try await scene.drain(worker)
      #expect(try await scene.drift(worker) == [])
    }
  }

  /// A suspension, or its end, is not given up in the middle: status and gate would contradict each other. Its
  /// status is taken back instead, whatever its worker has done by then.
  @Test(arguments: [Change.suspend, .resume], [InterruptedCaller.Moment.before, .after])
  func aStatusIsTakenBack(_ change: Change, _ moment: InterruptedCaller.Moment) async throws {
    try await Trial.playTenant { trial, id, worker in
      let scene = trial.scene
      if change == .resume {
        try await scene.ask(for: .suspend, of: id)
        try await scene.drain(worker)
      }
      try await scene.ask(for: change, of: id)
      let stopped = try interrupted(scene, moment, { $0.turnsGate }) {
        let error = await #expect(throws: PostgresError.self) { try await cancel(change, scene) }
        #expect(error?.sqlState == "55000")
        let back = change == .suspend ? "resume" : "suspend"
        try await scene.owner.query(
          "SELECT admin.\(back)_organization($1, 'a mistake')", [.text("\(scene.prefix)-acme")])
        // Nothing depends on it any more.
        #expect(try await cancel(change, scene) == "asked")
      }
      _ = try await stopped.worker.workOnce()
      #expect(try stopped.caller.hasHappened())
      try await scene.drain(worker)
      let isOpen = try await scene.namespace()["metadata"]?["labels"]?["isolation-ready"] != nil
      #expect(isOpen == (change == .suspend))
      #expect(
        try await scene.organizationStatus(id) == (change == .suspend ? "COMMITTED" : "SUSPENDED"))
    }
  }

  private func cancel(_ change: Change, _ scene: Scene) async throws -> String? {
    try await scene.owner.value(
      """
      SELECT string_agg(admin.cancel_job(job_id, 'no more'), ' ') FROM provisioning.jobs
      WHERE kind = $1 AND state IN ('queued', 'running')
      """, [.text(change.kind)])
  }
}

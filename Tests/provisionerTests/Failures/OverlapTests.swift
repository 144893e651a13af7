internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// One is asked for while another one runs.
@Suite(.timeLimit(.minutes(4))) struct OverlapTests {
  /// A deletion: before anybody has come to what was asked for, and then at every call of its first attempt.
  /// An organisation for each, until one comes through the attempt without meeting the call. Not of later
  /// attempts: how often an undo looks whether the namespace is gone, is the API server's doing.
  @Test(arguments: [Change.create, .undo, .quota, .members, .suspend, .resume, .reconcile])
  func aDeletionIsAskedForWhile(_ change: Change) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let before = try scene.worker("before")
      for call in 0... {
        let name = "n\(call)"
        let id = try await scene.prepare(change, name, by: before)
        let delete: @Sendable () async throws -> Void = {
          try await scene.owner.query(
            "SELECT admin.delete_organization($1, $1, 'r')", [.text("\(scene.prefix)-\(name)")])
        }
        let worker = try interrupted(scene, beforeCall: call, act: delete)
        if call == 0 { try await delete() }
        _ = try await worker.worker.workOnce()
        let isMet = try worker.caller.disarm() || call == 0
        try await scene.finish(isMet ? .delete : change, of: id, by: worker.worker)
        await worker.worker.queue.pool.close()
        guard isMet else {
          #expect(call > 3)
          break
        }
        #expect(try await scene.status(scene.namespacePath(name)) == 404)
      }
    }
  }

  /// A quota that is asked for while the organisation is deleted is refused; one that was asked for a later
  /// time, and whose time comes, does nothing any more.
  @Test func aQuotaChangesWhileADeletionRuns() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let first = try scene.worker("one")
      let id = try await scene.organization()
      try await scene.work(first, until: id, is: "COMMITTED")
      try await scene.owner.query("SELECT set_config('app.current_org', $1, false)", [.int(id)])
      try await scene.owner.query(
        "SELECT api.request_quota(p_cpu => '20', p_reason => 'r', p_effective_at => clock_timestamp() + interval '1 hour')"
      )
      try await scene.owner.query(
        "SELECT admin.delete_organization($1, $1, 'r')", [.text("\(scene.prefix)-acme")])
      let refusal = Mutex<String?>(nil)
      let worker = try interrupted(scene, .before, { $0.turnsGate }) {
        let state = await sqlState {
          try await scene.owner.query("SELECT api.request_quota(p_cpu => '30', p_reason => 'r')")
        }
        refusal.withLock { $0 = state }
        // And its time has come.
        try await scene.hurry(id)
      }
      _ = try await worker.worker.workOnce()
      #expect(try worker.caller.hasHappened())
      #expect(refusal.withLock { $0 } == "55000")
      try await scene.finish(.delete, of: id, by: worker.worker)
      #expect(
        try await scene.owner.value(
          "SELECT error_code FROM provisioning.jobs WHERE kind = 'quota'") == "cancelled")
      #expect(try await scene.status(scene.namespacePath()) == 404)
    }
  }

  /// A second quota, at every call of the first one's job: the newest holds.
  @Test func aQuotaChangesWhileAnotherOneIsBroughtAbout() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let before = try scene.worker("before")
      for call in 1... {
        let id = try await scene.prepare(.quota, "n\(call)", by: before)
        let worker = try interrupted(scene, beforeCall: call) {
          try await scene.owner.query("SELECT api.request_quota(p_cpu => '30', p_reason => 'r')")
        }
        _ = try await worker.worker.workOnce()
        let isMet = try worker.caller.disarm()
        try await scene.finish(.quota, of: id, by: worker.worker)
        await worker.worker.queue.pool.close()
        guard isMet else {
          #expect(call > 4)
          break
        }
        let quota = try await scene.kubernetes.get(
          scene.namespacePath("n\(call)") + "/resourcequotas/tenant")
        #expect(quota["status"]?["hard"]?["limits.cpu"] == "30")
      }
    }
  }
}

internal import Kubernetes
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// SIGKILL of a worker, by its calls: nothing of it is heard any more. That of the process is in
/// DaemonKillTests.
@Suite(.timeLimit(.minutes(10))) struct KillTests {
  /// Before and after every call of every kind, and with them before and after every commit: before the
  /// first call is after the claim's, after the last one is before that of the end.
  @Test(arguments: Change.groups, [false, true])
  func aWorkerKilledAtAnyCallIsSucceeded(_ changes: [Change], isSent: Bool) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let successor = try scene.worker("succeeds")
      let calls = try await trial.eachCall(of: changes, by: successor) { _, id, call in
        let caller = DyingCaller(successor.caller, atCall: call, isSent: isSent)
        let queue = Queue(
          pool: successor.queue.pool, worker: "dies", lease: successor.queue.lease)
        let hadWork = try await Worker(queue: queue, caller: caller, observe: { _ in }).workOnce()
        #expect(hadWork)
        guard caller.isDead else { return false }
        try await scene.expireLease(of: id)
        return true
      }
      // As many as there are: a change that skips its calls would pass all this.
      let least: [Change: Int] = [
        .create: 8, .undo: 10, .quota: 5, .members: 10, .transfer: 10, .suspend: 6, .resume: 20,
        .reconcile: 20, .rollout: 20, .compare: 10, .delete: 10, .sweep: 10,
      ]
      for change in changes {
        #expect(calls[change] ?? 0 >= least[change] ?? 0, "\(change) has \(calls) calls")
      }
    }
  }
}

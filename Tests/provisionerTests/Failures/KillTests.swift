internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// SIGKILL of a worker, by its calls: nothing of it is heard any more. That of the process is in
/// DaemonKillTests.
@Suite(.timeLimit(.minutes(4))) struct KillTests {
  /// Before and after every call of every kind, and with them before and after every commit: before the
  /// first call is after the claim's, after the last one is before that of the end. An organisation for
  /// each call, until one comes to its end without meeting the call.
  @Test(arguments: Change.allCases, [false, true])
  func aWorkerKilledAtAnyCallIsSucceeded(_ change: Change, isSent: Bool) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let successor = try scene.worker("succeeds")
      var call = 0
      while true {
        call += 1
        let id = try await scene.prepare(change, "n\(call)", by: successor)
        let uid = try? await scene.namespace("n\(call)")["metadata"]?["uid"]?.string
        let dying = Mutex<DyingCaller?>(nil)
        let first = try scene.worker("dies") { caller in
          let wrapped = DyingCaller(caller, atCall: call, isSent: isSent)
          dying.withLock { $0 = wrapped }
          return wrapped
        }
        let hadWork = try await first.workOnce()
        #expect(hadWork)
        await first.queue.pool.close()
        let isDead = dying.withLock { $0?.isDead } ?? false
        try await scene.expireLease(of: id)
        try await scene.finish(change, of: id, by: successor)
        // One namespace of one uid: what the first had made, the second has taken over.
        if let uid, change.status == "COMMITTED" {
          let now = try await scene.namespace("n\(call)")["metadata"]?["uid"]?.string
          #expect(now == uid)
        }
        if !isDead { break }
      }
      // As many as there are: a change that skips its calls would pass all this.
      let least: [Change: Int] = [
        .create: 8, .undo: 4, .quota: 5, .members: 10, .suspend: 6, .resume: 20, .reconcile: 20,
        .delete: 8,
      ]
      #expect(call > least[change] ?? 0, "\(change) has \(call - 1) calls")
    }
  }
}

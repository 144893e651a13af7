internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// A daemon that is told to stop.
@Suite(.timeLimit(.minutes(2))) struct HandBackTests {
  /// What it was just given, and has not begun, goes back to the queue, and counts as no attempt.
  @Test func aJobThatIsNotBegunIsHandedBack() async throws {
    try await Scene.play { scene in
      let id = try await scene.organization()
      // Somebody holds the job's row: the claim waits, with the lane in its hands.
      let holder = try await scene.database.connect()
      try await holder.execute("BEGIN; SELECT FROM provisioning.jobs FOR UPDATE")
      // One worker: another one might have asked before it heard of the end, and get what is handed back.
      let daemon = try scene.daemon("stopped", workers: 1)
      func backends(_ condition: String) async throws -> String? {
        try await scene.owner.value(
          """
          SELECT count(*) FROM pg_stat_activity
          WHERE datname = current_database() AND usename = 'provisioner' AND \(condition)
          """)
      }
      try await eventually("a claim that waits, and a listener; \(daemon.log)") {
        guard try await backends("query LIKE 'LISTEN%'") == "1" else { return false }
        return try await backends("wait_event_type = 'Lock' AND query LIKE '%claim%'") == "1"
      }
      daemon.kill(SIGTERM)
      // It has heard of it when it no longer listens.
      try await eventually("SIGTERM; \(daemon.log)") {
        try await backends("query LIKE 'LISTEN%'") == "0"
      }
      try await holder.execute("COMMIT")
      await holder.close()
      try await eventually("the end; \(daemon.log)") { !daemon.isRunning }
      #expect(daemon.exitStatus == 0)
      let job = try await scene.owner.value(
        "SELECT concat_ws(' ', state, fence, attempts, coalesce(worker, 'nobody')) FROM provisioning.jobs"
      )
      #expect(job == "queued 1 0 nobody", "\(daemon.log)")
      #expect(try await scene.status(scene.namespacePath()) == 404)
      // And it is due at once.
      try await scene.work(try scene.worker("next"), until: id, is: "COMMITTED")
      try await scene.checkTenant(id)
    }
  }
}

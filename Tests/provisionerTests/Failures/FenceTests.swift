internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// A namespace bears a later fence than the database has given out.
@Suite(.timeLimit(.minutes(4))) struct FenceTests {
  private static let path = "/metadata/annotations/agent-ready-k8s~1fence"

  private func fence(_ scene: Scene) async throws -> Int64 {
    try #require(Fence(try await scene.namespace())?.number)
  }

  /// PostgreSQL restored to an earlier time, under a tenant that lives on.
  @Test(arguments: [Change.quota, .members, .suspend, .delete])
  func aRestoredDatabaseCatchesUp(_ change: Change) async throws {
    try await Trial.play { trial in
      let first = try trial.scene.worker("one")
      let id = try await trial.scene.organization()
      try await trial.scene.work(first, until: id, is: "COMMITTED")
      await first.queue.pool.close()
      let backup = try await copy(trial)

      // What the database will know nothing of.
      let scene = trial.scene
      let second = try scene.worker("two")
      for _ in 1...6 {
        try await scene.enqueue(id, "reconcile")
        try await scene.drain(second)
      }
      await second.queue.pool.close()
      let before = try await fence(scene)
      #expect(before > 6)
      try await restore(backup, in: trial)

      let worker = try trial.scene.worker("three")
      try await trial.scene.ask(for: change, of: id)
      let hadWork = try await worker.workOnce()
      #expect(hadWork)
      // Told, and back in the queue: not left to run until its lease ends.
      let job = try await trial.scene.owner.value(
        "SELECT concat_ws(' ', state, error_code, error) FROM provisioning.jobs WHERE kind = $1",
        [.text(change.kind)])
      #expect(
        job?.hasPrefix("queued ahead the namespace bears the fence \(before), this attempt")
          == true,
        "\(job ?? "-")")
      try await trial.scene.finish(change, of: id, by: worker)
      let attempts = try await trial.scene.owner.value(
        "SELECT count(DISTINCT s.fence) FROM provisioning.steps AS s JOIN provisioning.jobs AS j USING (job_id) WHERE j.kind = $1",
        [.text(change.kind)])
      // The next time, not after as many attempts as the database is behind. But what the first one has written
      // side by side with taking over, the quota's controller answers, and may be in the way once more.
      #expect(
        change == .delete || (2...4).contains(attempts.flatMap { Int($0) } ?? 0),
        "\(attempts ?? "-")")
      if change != .delete { #expect(try await fence(trial.scene) > before + 1) }
    }
  }

  /// Somebody has edited the annotation in the middle of a creation.
  @Test func anEditedFenceIsJumpedOver() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let worker = try interrupted(scene, .after, { $0.createsNamespace }) {
        try await edit(scene, to: "700")
      }
      let id = try await scene.organization()
      _ = try await worker.worker.workOnce()
      #expect(try worker.caller.hasHappened())
      #expect(try await scene.owner.value("SELECT error_code FROM provisioning.jobs") == "ahead")
      try await scene.finish(.create, of: id, by: worker.worker)
      #expect(try await fence(scene) > 700)
    }
  }

  /// A number that nobody can have counted to: given up, and told; nobody else's work stands still for it.
  @Test func aFenceThatIsNoneIsNotBelieved() async throws {
    try await Trial.playTenant { trial, id, worker in
      let scene = trial.scene
      try await edit(scene, to: "\(Int64.max)")
      try await scene.ask(for: .quota, of: id)
      try await eventually("given up") {
        try await scene.hurry(id)
        _ = try await worker.workOnce()
        return try await scene.state(of: "quota") == "failed"
      }
      #expect(try await scene.failure(of: "quota") == "ahead")
      #expect(try await fence(scene) == Int64.max)
      let other = try await scene.organization("other")
      try await scene.work(worker, until: other, is: "COMMITTED")

      try await edit(scene, to: "0")
      try await scene.owner.query("SELECT admin.redrive('annotated anew', 'quota')")
      try await scene.finish(.quota, of: id, by: worker)
      #expect(try await scene.state(of: "quota") == "done")
    }
  }

  private func edit(_ scene: Scene, to fence: String) async throws {
    _ = try await scene.kubernetes.jsonPatch(
      scene.namespacePath(),
      [["op": "replace", "path": .string(Self.path), "value": .string(fence)]])
  }

  // MARK: A backup

  private func administer(_ trial: Trial, _ sql: [String]) async throws {
    let connection = try await PostgresConnection.connect(
      PostgresConfiguration(
        conninfo: trial.scene.database.stack.conninfo(database: "postgres", user: "postgres")))
    for statement in sql { try await connection.query(statement) }
    await connection.close()
  }

  /// Copies the database, to which nobody may be connected meanwhile.
  private func copy(_ trial: Trial) async throws -> String {
    let name = trial.scene.database.name
    await trial.scene.owner.close()
    try await eventually("nobody connected") {
      do {
        try await administer(trial, ["CREATE DATABASE \(name)_backup TEMPLATE \(name)"])
        return true
      } catch let error as PostgresError where error.sqlState == "55006" {
        return false
      }
    }
    try await trial.reconnect()
    return "\(name)_backup"
  }

  /// Puts it in the place of the database.
  private func restore(_ backup: String, in trial: Trial) async throws {
    let name = trial.scene.database.name
    await trial.scene.owner.close()
    try await administer(
      trial,
      ["DROP DATABASE \(name) WITH (FORCE)", "ALTER DATABASE \(backup) RENAME TO \(name)"])
    // A copy lacks what belongs to the database itself.
    try await trial.reconnect()
    try await trial.scene.owner.query("SELECT admin.apply_database_settings()")
    try await trial.reconnect()
  }
}

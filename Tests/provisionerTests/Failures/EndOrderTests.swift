internal import Foundation
internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// Whatever ends is closed and emptied before its namespace is deleted, so that no pod outlives its network
/// policy.
@Suite(.timeLimit(.minutes(4))) struct EndOrderTests {
  /// Why there is no commit.
  enum Gap: String, Sendable, CaseIterable, CustomStringConvertible {
    case commitFails, workerDies, daemonIsKilled

    var description: String { rawValue }
  }

  /// Why the creation ends.
  enum End: String, Sendable, CaseIterable, CustomStringConvertible {
    case cancelled, givenUp

    var description: String { rawValue }
  }

  /// The gate was opened, the commit that says so did not come, and the creation ends all the same.
  @Test(arguments: Gap.allCases, End.allCases)
  func whatWasOpenedIsClosedEmptiedAndDeleted(_ gap: Gap, _ end: End) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let id = try await scene.organization()
      switch gap {
      case .commitFails:
        try await refuseCommit(scene)
        let worker = try scene.worker("one")
        #expect(await sqlState { _ = try await worker.workOnce() } == "53100")
        try await scene.createPod("slips")
      case .workerDies: try await scene.leaveOpen(id, by: try scene.worker("one"))
      case .daemonIsKilled:
        try await killDaemon(scene)
        try await scene.createPod("slips")
      }
      try await scene.expireLease(of: id)
      let labels = try await scene.namespace()["metadata"]?["labels"]
      #expect(labels?["isolation-ready"] == "true")
      #expect(try await scene.organizationStatus(id) == "PENDING")
      switch end {
      case .cancelled: try await scene.cancelCreation(of: id)
      case .givenUp: try await scene.breakBlueprint()
      }

      try await scene.finish(.undo, of: id, by: try scene.worker("two"))
      #expect(try await scene.status(scene.namespacePath()) == 404)
      let writes = try await trial.writes()
      let slipped = try #require(writes.firstIndex { !$0.isOurs && $0.name == "slips" })
      let order = writes[slipped...].filter { $0.isOurs && $0.isDone }
        .drop { $0.isOpen || $0.resource != "namespaces" }
        .map { "\($0.verb) \($0.resource)/\($0.isOpen ? "open" : $0.name ?? "-")" }
      let name = "org-\(scene.prefix)-acme"
      #expect(
        order == ["patch namespaces/\(name)", "delete pods/slips", "delete namespaces/\(name)"])
    }
  }

  /// In its grace period a pod still runs.
  @Test(arguments: [Change.undo, .delete, .sweep])
  func aPodThatEndsSlowlyIsWaitedFor(_ change: Change) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let worker = try scene.worker("one")
      let id = try await scene.prepare(change, by: worker)
      try await scene.createPod("slow", on: "far-away")
      let hadWork = try await worker.workOnce()
      #expect(hadWork)
      try await scene.hurry(id)
      _ = try await worker.workOnce()
      let waits = try await scene.owner.query(
        "SELECT detail FROM provisioning.steps WHERE step = 'pods' AND outcome = 'failed' ORDER BY fence"
      )
      #expect(
        waits.map { $0["detail"] }
          == Array(repeating: "pods that have not ended yet: 1, such as slow", count: 2))
      let namespace = try await scene.namespace()["metadata"]
      #expect(namespace?["deletionTimestamp"] == nil)
      #expect(namespace?["labels"]?["isolation-ready"] == nil)
      let pod = try await scene.kubernetes.get(scene.namespacePath() + "/pods/slow")
      #expect(pod["metadata"]?["deletionTimestamp"] != nil)
      // As its node does.
      let ended = try await Tool.run(
        scene.cluster.kubectl,
        [
          "--kubeconfig", scene.cluster.adminKubeconfig, "-n", "org-\(scene.prefix)-acme",
          "delete", "pod", "slow", "--force", "--grace-period", "0",
        ])
      #expect(ended.status == 0, "\(ended.error)")
      try await scene.finish(change, of: id, by: worker)
      #expect(try await scene.status(scene.namespacePath()) == 404)
    }
  }

  /// No creation is done from now on: each is refused at COMMIT, as where a disk is full.
  private func refuseCommit(_ scene: Scene) async throws {
    try await scene.owner.execute(
      """
      CREATE FUNCTION judge.refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
          RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100';
      END $$;
      CREATE CONSTRAINT TRIGGER judge_refuse AFTER UPDATE OF state ON provisioning.jobs
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION judge.refuse();
      """)
  }

  /// `kill -9` of a daemon before it says that all is done.
  private func killDaemon(_ scene: Scene) async throws {
    let trap = Trap("provisioning.complete($1", .before)
    let relay = Relay(
      toSocket: "\(Stack.current.postgresHost)/.s.PGSQL.\(Stack.current.postgresPort)", trap: trap)
    defer { relay.stop() }
    let daemon = try scene.daemon(
      "dies", workers: 1, conninfo: relay.conninfo(to: scene.database))
    try await eventually("the commit; \(daemon.log)") { trap.isSprung }
    try await daemon.stop(SIGKILL)
  }
}

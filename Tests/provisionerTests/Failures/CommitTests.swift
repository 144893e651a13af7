internal import Foundation
internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// PostgreSQL fails between what was done in Kubernetes and the commit that says so.
@Suite(.timeLimit(.minutes(4))) struct CommitTests {
  /// The label is there, the commit is not: whoever comes next finds everything done.
  @Test(arguments: Change.allCases)
  func aCommitThatFailsIsMadeUpFor(_ change: Change) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let worker = try scene.worker("one")
      let id = try await scene.prepare(change, by: worker)
      // At COMMIT, as where a disk is full; twice. A sequence counts what is rolled back, too.
      try await scene.owner.execute(
        """
        CREATE SEQUENCE judge.commits;
        CREATE FUNCTION judge.refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            IF NEW.state IN ('done', 'failed') AND nextval('judge.commits') <= 2 THEN
                RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100';
            END IF;
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER judge_refuse AFTER UPDATE OF state ON provisioning.jobs
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION judge.refuse();
        """)
      var refused = 0
      try await eventually("two refusals") {
        try await scene.hurry(id)
        if await sqlState({ _ = try await worker.workOnce() }) == "53100" {
          refused += 1
          // Nothing says so yet, and it is done.
          #expect(
            try await scene.organizationStatus(id) != change.status || change.status != "DELETED")
          if change == .create {
            #expect(try await scene.organizationStatus(id) == "PENDING")
            let labels = try await scene.namespace()["metadata"]?["labels"]
            #expect(labels?["isolation-ready"] == "true")
          }
          try await scene.expireLease(of: id)
        }
        return refused == 2
      }
      try await scene.finish(change, of: id, by: worker)
    }
  }

  /// PostgreSQL restarted between the label and the commit, in the middle of the daemon's work; and down for
  /// longer than a lease.
  @Test(arguments: [false, true])
  func postgreSQLIsRestartedBetweenLabelAndCommit(isLong: Bool) async throws {
    let postgres = try await Stack.start(only: "postgres")
    try await Trial.play(postgres: postgres) { trial in
      let isMet = Mutex(false)
      let server = try await ScriptedAPIServer.start { request in
        guard request.asks("PATCH", "-acme"), request.text.contains("isolation-ready"),
          !isMet.withLock({ $0 })
        else { return .forward }
        let answer = try await request.forward()
        try await postgres.control("crash", "postgres")
        if !isLong { try await postgres.control("up", "postgres") }
        isMet.withLock { $0 = true }
        return .answer(answer)
      }
      defer { server.stop() }
      let id = try await trial.scene.organization()
      let daemon = try trial.scene.daemon("one", lease: 2, kubeconfig: try server.kubeconfig())
      try await eventually("the label; \(daemon.log)") { isMet.withLock { $0 } }
      if isLong {
        let down = ContinuousClock.now
        try await eventually("longer than a lease") {
          down.duration(to: .now) > .seconds(3) && daemon.log.contains("interrupted")
        }
        try await postgres.control("up", "postgres")
      }
      try await trial.reconnect()
      let scene = trial.scene
      try await eventually("COMMITTED; \(daemon.log)") {
        try await scene.organizationStatus(id) == "COMMITTED"
      }
      try await scene.checkTenant(id)
      #expect(try await daemon.stop() == 0)
    }
    try await postgres.destroy()
  }
}

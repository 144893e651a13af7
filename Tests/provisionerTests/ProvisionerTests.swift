internal import Foundation
internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

@Suite(.timeLimit(.minutes(4))) struct ProvisionerTests {
  @Test func anOrganizationBecomesAnIsolatedNamespace() async throws {
    try await Scene.play { scene in
      let daemon = try scene.daemon("one")
      let id = try await scene.organization()
      try await eventually("COMMITTED; \(daemon.log)") {
        try await scene.organizationStatus(id) == "COMMITTED"
      }
      try await scene.checkTenant(id)
      let steps = try await scene.owner.query(
        "SELECT step, outcome, milliseconds FROM provisioning.steps WHERE org_id = $1", [.int(id)])
      #expect(steps.count == 8)
      #expect(steps.allSatisfy { Double($0["milliseconds"] ?? "")! >= 0 })
      try await eventually("timed work; \(daemon.log)") {
        try await scene.owner.value(
          "SELECT bool_and(finished_at IS NOT NULL AND error IS NULL) FROM admin.maintenance()")
          == "t"
      }
      let ready = try await scene.owner.query(
        "SELECT item FROM admin.ready() WHERE ok AND item IN ('provisioner', 'rights in Kubernetes', 'queue')"
      )
      #expect(ready.count == 3)
      #expect(try await daemon.stop() == 0)
    }
  }

  @Test func aPodOfAThousandCPUsIsRefusedAsSoonAsTheLabelIsThere() async throws {
    try await Scene.play { scene in
      let daemon = try scene.daemon("one")
      for number in 0..<5 {
        let id = try await scene.organization("n\(number)")
        // Not a moment later: what is checked is that there is no gap.
        var isLabelled = false
        while !isLabelled {
          let namespace = try? await scene.namespace("n\(number)")
          isLabelled = namespace?["metadata"]?["labels"]?["isolation-ready"] != nil
          #expect(try await scene.organizationStatus(id) != "FAILED")
        }
        let refused = await #expect(throws: KubernetesError.self) {
          _ = try await scene.kubernetes.create(
            "\(scene.namespacePath("n\(number)"))/pods",
            [
              "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "greedy"],
              "spec": [
                // 1.20 refuses pods until the account's token is there, which is not the quota's doing.
                "automountServiceAccountToken": false,
                "containers": [
                  [
                    "name": "c", "image": "none",
                    "resources": ["limits": ["cpu": "1000", "memory": "1Gi"]],
                  ]
                ],
              ],
            ])
        }
        #expect(refused?.status?.code == 403, "\(refused?.message ?? "-")")
        #expect(refused?.status?.message.contains("exceeded quota") == true)
      }
      try await daemon.stop()
    }
  }

  @Test func heartbeatsKeepAJobThatTakesLongerThanItsLease() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let id = try await scene.organization()
      let stopped = Mutex<StoppedCaller?>(nil)
      let slow = try scene.worker("slow", lease: .seconds(8)) { caller in
        let wrapped = StoppedCaller(caller) { request in
          if case .patch = request { true } else { false }
        }
        stopped.withLock { $0 = wrapped }
        return wrapped
      }
      let caller = try #require(stopped.withLock { $0 })
      async let working = slow.workOnce()
      await caller.waitForStop()
      let first = try await scene.owner.value("SELECT lease_until FROM provisioning.jobs")
      // Until the first lease would have run out, twice over.
      try await eventually(within: .seconds(60), "two leases") {
        try await scene.owner.value(
          "SELECT clock_timestamp() > $1::timestamptz + interval '8 s'", [.text(first)]) == "t"
      }
      let other = try scene.worker("other")
      let hasWork = try await other.workOnce()
      #expect(!hasWork)
      caller.goOn()
      _ = try await working
      let fence = try await scene.owner.value("SELECT fence FROM provisioning.jobs")
      #expect(fence == "1")
      try await scene.checkTenant(id)
    }
  }

  @Test func whatCannotSucceedIsTakenBack() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      // An object that the API server will never accept.
      try await scene.owner.query(
        """
        INSERT INTO provisioning.blueprint (plan, step, wave, verb, path, body) VALUES
        ('standard', 'broken', 2, 'create', '/api/v1/namespaces/{{namespace}}/limitranges',
         '{"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "Not A Name"}}')
        """)
      let id = try await scene.organization()
      try await scene.work(try scene.worker("one"), until: id, is: "FAILED")
      #expect(try await scene.status(scene.namespacePath()) == 404)
      // The slug is free again.
      try await scene.owner.query("DELETE FROM provisioning.blueprint WHERE step = 'broken'")
      let again = try await scene.organization()
      try await scene.work(try scene.worker("two"), until: again, is: "COMMITTED")
      try await scene.checkTenant(again)
    }
  }

  @Test func aKilledDaemonLosesNothing() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let first = try scene.daemon("one", lease: 2)
      var ids: [(Int64, String)] = []
      for number in 0..<12 {
        ids.append((try await scene.organization("n\(number)"), "n\(number)"))
      }
      try await eventually {
        try await scene.owner.value(
          "SELECT count(*) > 0 FROM core.organizations WHERE id > 0 AND status = 'COMMITTED'")
          == "t"
      }
      trial.allow { $0.mayMissWrites = true }
      try await first.stop(SIGKILL)
      let second = try scene.daemon("two", lease: 2)
      try await eventually("all COMMITTED; \(second.log)") {
        try await scene.owner.value(
          "SELECT bool_and(status = 'COMMITTED') FROM core.organizations WHERE id > 0") == "t"
      }
      for (id, name) in ids { try await scene.checkTenant(id, name) }
      #expect(try await second.stop() == 0)
    }
  }

  @Test func aTerminatedDaemonFinishesWhatItHasBegun() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let names = (0..<12).map { "n\($0)" }
      for name in names { _ = try await scene.organization(name) }
      let daemon = try scene.daemon("one")
      // A job that was only claimed is given back; one whose namespace is there has begun.
      try await eventually("a job has begun") {
        for name in names where try await scene.status(scene.namespacePath(name)) == 200 {
          return true
        }
        return false
      }
      #expect(try await daemon.stop() == 0)
      let rest = try await scene.owner.query(
        "SELECT state, attempts FROM provisioning.jobs WHERE state NOT IN ('done', 'queued') OR attempts > 1"
      )
      #expect(rest.isEmpty, "\(rest)")
      let done = try await scene.owner.value(
        "SELECT count(*) > 0 FROM provisioning.jobs WHERE state = 'done'")
      #expect(done == "t")
    }
  }

  /// The real thing: SIGSTOP in the middle of its jobs, past the lease, then SIGCONT.
  @Test func aStoppedDaemonChangesNothingWhenItGoesOn() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let first = try scene.daemon("one", lease: 2)
      try await eventually {
        try await scene.owner.value(
          "SELECT count(*) > 0 FROM pg_stat_activity WHERE usename = 'provisioner' AND query LIKE 'LISTEN%' AND datname = current_database()"
        )
          == "t"
      }
      var names: [String] = []
      // Bursts, until it is stopped with jobs in its hands.
      try await eventually(within: .seconds(60), "a stopped daemon with jobs") {
        for number in names.count..<(names.count + 8) {
          _ = try await scene.organization("n\(number)")
          names.append("n\(number)")
        }
        first.kill(SIGSTOP)
        // What it had said by then is done when its leases are over.
        try await eventually("leases that are over") {
          try await scene.owner.value(
            """
            SELECT count(*) FROM provisioning.jobs
            WHERE state = 'running' AND lease_until > clock_timestamp()
            """) == "0"
        }
        let held = try await scene.owner.value(
          "SELECT count(*) FROM provisioning.jobs WHERE state = 'running'")
        if held != "0" { return true }
        first.kill(SIGCONT)
        return false
      }
      let second = try scene.daemon("two", lease: 2)
      try await eventually("all COMMITTED; \(second.log)") {
        try await scene.owner.value(
          "SELECT bool_and(status = 'COMMITTED') FROM core.organizations WHERE id > 0") == "t"
      }
      func picture() async throws -> [String] {
        var picture: [String] = []
        for name in names {
          let namespace = try await scene.namespace(name)
          picture.append(namespace["metadata"]?.serialized() ?? "-")
          let quota = try await scene.kubernetes.get(
            "\(scene.namespacePath(name))/resourcequotas/tenant")
          picture.append(quota["spec"]?.serialized() ?? "-")
        }
        for table in ["provisioning.jobs", "provisioning.steps", "core.organizations"] {
          let rows = try await scene.owner.query(
            "SELECT t::text AS row FROM \(table) AS t ORDER BY 1")
          picture += rows.map { $0["row"]! }
        }
        return picture
      }
      let before = try await picture()
      let lost = first.lines.count { $0.contains("lost the job") }
      first.kill(SIGCONT)
      try await eventually("the stopped one to notice: \(first.log)") {
        first.lines.count { $0.contains("lost the job") } > lost
      }
      #expect(try await first.stop() == 0)
      let after = try await picture()
      #expect(after == before, "\(zip(before, after).filter { $0 != $1 })")
      for name in names {
        let id = try await scene.owner.value(
          "SELECT id FROM core.organizations WHERE slug = $1", [.text("\(scene.prefix)-\(name)")])
        try await scene.checkTenant(Int64(id!)!, name)
      }
      try await second.stop()
    }
  }
}

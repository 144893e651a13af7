internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// What happens to a tenant after its creation, on the real API server.
@Suite(.timeLimit(.minutes(4))) struct TenantLifeTests {
  /// A tenant that is COMMITTED, and the context of its owner.
  private func play(
    _ body: (Scene, Int64, Worker) async throws -> Void
  ) async throws {
    try await Scene.play { scene in
      let id = try await scene.organization()
      let worker = try scene.worker("one")
      try await scene.work(worker, until: id, is: "COMMITTED")
      try await scene.owner.query("SELECT set_config('app.current_org', $1, false)", [.int(id)])
      try await body(scene, id, worker)
    }
  }

  private func quota(_ scene: Scene) async throws -> JSONValue {
    try await scene.kubernetes.get(scene.namespacePath() + "/resourcequotas/tenant")
  }

  @Test func aQuotaIsEnforcedWhenItsJobIsDone() async throws {
    try await play { scene, id, worker in
      try await scene.owner.query(
        "SELECT api.request_quota(p_cpu => '20500m', p_reason => 'Christmas')")
      try await scene.owner.query(
        "SELECT api.request_quota(p_cpu => '40', p_reason => 'Easter', p_effective_at => clock_timestamp() + interval '1 day')"
      )
      try await scene.drain(worker)
      #expect(try await scene.state(of: "quota") == "done queued")
      let quota = try await quota(scene)
      for part in ["spec", "status"] {
        #expect(quota[part]?["hard"]?["limits.cpu"]?.string == "20500m")
        #expect(quota[part]?["hard"]?["requests.memory"]?.string != nil)
      }
      #expect(quota["status"]?["used"]?["limits.cpu"]?.string == "0")
      #expect(try await scene.organizationStatus(id) == "COMMITTED")
    }
  }

  /// A quota for later: before, the old one; when its time comes, by itself, the new one.
  @Test func aScheduledQuotaComesWhenItIsDue() async throws {
    try await play { scene, _, worker in
      let due = try #require(
        try await scene.owner.value(
          """
          SELECT effective_at FROM api.request_quota(
              p_cpu => '40', p_reason => 'Easter', p_effective_at => clock_timestamp() + interval '3 s')
          """))
      func isDue() async throws -> Bool {
        try await scene.owner.value("SELECT clock_timestamp() >= $1::timestamptz", [.text(due)])
          == "t"
      }
      func limit() async throws -> String? {
        try await quota(scene)["status"]?["hard"]?["limits.cpu"]?.string
      }
      // Nobody hurries it: it is due, or nothing is done.
      try await eventually("the new quota") {
        let hadWork = try await worker.workOnce()
        let now = try await limit()
        if try await !isDue() { #expect(!hadWork && now == "10", "\(now ?? "-")") }
        return now == "40"
      }
      #expect(try await scene.state(of: "quota") == "done")
      #expect(try await quota(scene)["spec"]?["hard"]?["limits.cpu"] == "40")
    }
  }

  /// A pod gets in between the look at the pods and the end of their deletion.
  @Test func aPodThatSlipsInIsDeletedWithTheOthers() async throws {
    try await play { scene, id, _ in
      try await scene.ask(for: .suspend, of: id)
      let worker = try interrupted(scene, .before, { $0.deletesPod }) {
        try await scene.createPod("late")
      }
      _ = try await worker.worker.workOnce()
      #expect(try worker.caller.hasHappened())
      #expect(try await scene.state(of: "suspend") == "done")
      let pods = try await scene.kubernetes.get(scene.namespacePath() + "/pods")
      #expect(pods["items"] == [])
    }
  }

  @Test func membersHaveTheirRoles() async throws {
    try await play { scene, _, worker in
      for (name, role) in [("ann", "admin"), ("mem", "member"), ("vic", "viewer")] {
        try await scene.owner.query(
          "SELECT api.invite_member($1, $2, $3)",
          [.text("\(name)@x.example"), .text(name), .text(role)])
      }
      // Three changes that wait are one job.
      #expect(try await scene.state(of: "members") == "queued")
      try await scene.drain(worker)
      #expect(try await scene.state(of: "members") == "done")
      let owner = "owner@\(scene.prefix)-acme.example"
      // The API server's authoriser hears of a binding a moment after it is written.
      func may(_ user: String, _ expected: [Bool]) async throws {
        try await eventually("\(user): \(expected)") {
          let allowed = [
            try await scene.may(user, "create", "rolebindings", "rbac.authorization.k8s.io"),
            try await scene.may(user, "create", "pods"), try await scene.may(user, "list", "pods"),
          ]
          return allowed == expected
        }
      }
      try await may(owner, [true, true, true])
      try await may("ann@x.example", [true, true, true])
      try await may("mem@x.example", [false, true, true])
      try await may("vic@x.example", [false, false, true])
      try await may("eve@x.example", [false, false, false])

      // The owner hands over, the viewer leaves.
      try await scene.owner.query(
        """
        SELECT api.change_role(user_id, 'owner', 'takes over') FROM core.memberships WHERE name = 'ann'
        """)
      try await scene.owner.query(
        "SELECT api.change_role(user_id, 'viewer', 'hands over') FROM core.memberships WHERE name = 'owner'"
      )
      try await scene.owner.query(
        "SELECT api.remove_member(user_id, 'left') FROM core.memberships WHERE name = 'vic'")
      try await scene.drain(worker)
      try await may("ann@x.example", [true, true, true])
      try await may(owner, [false, false, true])
      try await may("vic@x.example", [false, false, false])
    }
  }

  @Test func anOrganizationIsHandedOver() async throws {
    try await play { scene, _, worker in
      let old = "owner@\(scene.prefix)-acme.example"
      try await scene.owner.query("SELECT api.invite_member('ann@x.example', 'ann', 'viewer')")
      try await scene.drain(worker)
      #expect(
        try await scene.owner.value(
          """
          SELECT owner_email FROM core.memberships AS m, api.transfer_ownership(m.user_id, 'sold', 'member')
          WHERE m.name = 'ann'
          """) == "ann@x.example")
      try await scene.drain(worker)
      #expect(try await scene.state(of: "members") == "done done")
      try await eventually("ann is an admin of the namespace, and the old owner is none") {
        let group = "rbac.authorization.k8s.io"
        let allowed = [
          try await scene.may("ann@x.example", "create", "rolebindings", group),
          try await scene.may(old, "create", "rolebindings", group),
          try await scene.may(old, "create", "pods"),
        ]
        return allowed == [true, false, true]
      }
      let bindings = scene.namespacePath().replacing(
        "/api/v1", with: "/apis/rbac.authorization.k8s.io/v1")
      let binding = try await scene.kubernetes.get("\(bindings)/rolebindings/owner")
      #expect(binding["subjects"]?.array?.map { $0["name"]?.string } == ["ann@x.example"])
    }
  }

  @Test func whoIsSuspendedHasNoPodsUntilItIsResumed() async throws {
    try await play { scene, id, worker in
      try await scene.createPod("runs")
      try await scene.owner.query(
        "SELECT admin.suspend_organization($1, 'unpaid')", [.text("\(scene.prefix)-acme")])
      try await scene.drain(worker)
      let closed = try await scene.namespace()
      #expect(closed["metadata"]?["labels"]?["isolation-ready"] == nil)
      let pods = try await scene.kubernetes.get(scene.namespacePath() + "/pods")
      #expect(pods["items"]?.array?.isEmpty == true)

      // What was changed meanwhile is put right before the gate opens.
      _ = try await scene.kubernetes.delete(
        scene.namespacePath() + "/limitranges/tenant", uid: nil, resourceVersion: nil)
      try await scene.owner.query(
        "SELECT admin.resume_organization($1, 'paid')", [.text("\(scene.prefix)-acme")])
      try await scene.drain(worker)
      try await scene.checkTenant(id)
    }
  }

  @Test func whatIsTakenBackBeforeAnybodyCameDoesNothing() async throws {
    try await play { scene, id, worker in
      let before = try await scene.namespace()
      try await scene.owner.query(
        "SELECT admin.suspend_organization($1, 'unpaid')", [.text("\(scene.prefix)-acme")])
      try await scene.owner.query(
        "SELECT admin.resume_organization($1, 'paid')", [.text("\(scene.prefix)-acme")])
      try await scene.drain(worker)
      #expect(try await scene.state(of: "suspend") == "failed")
      #expect(
        try await scene.owner.value(
          "SELECT error_code FROM provisioning.jobs WHERE kind = 'suspend'") == "cancelled")
      #expect(try await scene.state(of: "resume") == "done")
      try await scene.checkTenant(id)
      let after = try await scene.namespace()
      #expect(after["metadata"]?["uid"] == before["metadata"]?["uid"])
    }
  }

  @Test func aReconciliationBringsEverythingBack() async throws {
    try await play { scene, id, worker in
      let base = scene.namespacePath()
      let group = base.replacing("/api/v1", with: "")
      let policy = "/apis/networking.k8s.io/v1\(group)/networkpolicies/default-deny"
      let wanted = try await scene.kubernetes.get(policy)
      _ = try await scene.kubernetes.mergePatch(
        policy, ["spec": ["egress": [[:]], "podSelector": ["matchLabels": ["app": "open"]]]])
      _ = try await scene.kubernetes.delete(
        base + "/resourcequotas/tenant", uid: nil, resourceVersion: nil)
      _ = try await scene.kubernetes.mergePatch(
        base + "/limitranges/tenant",
        ["spec": ["limits": [["type": "Container", "default": ["cpu": "9"]]]]])
      try await scene.enqueue(id, "reconcile")
      try await scene.drain(worker)
      #expect(try await scene.state(of: "reconcile") == "done")
      let repaired = try await scene.kubernetes.get(policy)
      #expect(repaired["spec"]?["egress"] == wanted["spec"]?["egress"])
      let range = try await scene.kubernetes.get(base + "/limitranges/tenant")
      #expect(range["spec"]?["limits"]?.array?.first?["default"]?["cpu"]?.string == "500m")
      try await scene.checkTenant(id)
    }
  }

  @Test func aDeletedTenantLeavesNothingAndFreesItsSlug() async throws {
    try await play { scene, id, worker in
      try await scene.createPod("runs")
      let slug = "\(scene.prefix)-acme"
      try await scene.owner.query(
        "SELECT admin.delete_organization($1, $1, 'ended')", [.text(slug)])
      #expect(await sqlState { _ = try await scene.organization() } == "23505")
      try await scene.drain(worker, until: id, is: "DELETED")
      #expect(try await scene.status(scene.namespacePath()) == 404)
      let again = try await scene.organization()
      try await scene.work(worker, until: again, is: "COMMITTED")
      try await scene.checkTenant(again)
    }
  }

  @Test func aNamespaceThatDoesNotGoIsReportedAndNeverForced() async throws {
    try await play { scene, id, worker in
      let kept = try await scene.kubernetes.create(
        scene.namespacePath() + "/configmaps",
        [
          "apiVersion": "v1", "kind": "ConfigMap",
          "metadata": ["name": "kept", "finalizers": ["example.com/keep"]],
        ])
      let slug = "\(scene.prefix)-acme"
      try await scene.owner.query(
        "SELECT admin.delete_organization($1, $1, 'ended')", [.text(slug)])
      try await eventually("the finalizer's name") {
        try await scene.hurry(id)
        _ = try await worker.workOnce()
        let error = try await scene.owner.value(
          "SELECT error FROM provisioning.jobs WHERE kind = 'delete'")
        return error?.contains("example.com/keep") == true
      }
      #expect(try await scene.organizationStatus(id) == "DELETING")
      let still = try await scene.kubernetes.get(scene.namespacePath() + "/configmaps/kept")
      #expect(still["metadata"]?["uid"] == kept["metadata"]?["uid"])
      #expect(still["metadata"]?["finalizers"]?.array?.count == 1)

      try await letGo(scene)
      try await scene.drain(worker, until: id, is: "DELETED")
      #expect(try await scene.status(scene.namespacePath()) == 404)
    }
  }

  /// Somebody has deleted the namespace, and made another one under its name.
  @Test(arguments: ["quota", "members", "suspend", "reconcile", "delete"])
  func aNamespaceThatIsNotTheRecordedOneIsUntouched(kind: String) async throws {
    try await Trial.playTenant { trial, id, worker in
      let scene = trial.scene
      trial.allow { rules in
        rules.areBereft = [id]
        rules.mayGiveUp = [kind]
      }
      let old = try await scene.namespace()
      _ = try await scene.kubernetes.delete(
        scene.namespacePath(), uid: nil, resourceVersion: nil)
      try await eventually { try await scene.status(scene.namespacePath()) == 404 }
      if kind == "quota" {
        // As long as there is none, that is what is said.
        try await scene.enqueue(id, kind)
        try await scene.drain(worker)
        #expect(try await scene.failure(of: kind) == "absent")
      }
      // With our marks, even: another uid is another namespace.
      let new = try await scene.kubernetes.create(
        "/api/v1/namespaces",
        [
          "apiVersion": "v1", "kind": "Namespace",
          "metadata": [
            "name": .string("org-\(scene.prefix)-acme"),
            "annotations": old["metadata"]?["annotations"] ?? .null,
          ],
        ])
      switch kind {
      case "suspend":
        try await scene.owner.query(
          "SELECT admin.suspend_organization($1, 'unpaid')", [.text("\(scene.prefix)-acme")])
      case "delete":
        try await scene.owner.query(
          "SELECT admin.delete_organization($1, $1, 'ended')", [.text("\(scene.prefix)-acme")])
      default: try await scene.enqueue(id, kind)
      }
      try await scene.drain(worker)
      #expect(try await scene.failure(of: kind) == "foreign")
      let now = try await scene.namespace()
      #expect(now["metadata"]?["uid"] == new["metadata"]?["uid"])
      #expect(now["metadata"]?["deletionTimestamp"] == nil)
      #expect(now["metadata"]?["annotations"] == new["metadata"]?["annotations"])
    }
  }

  @Test func aCancelledCreationEndsBeforeItsNextStepAndIsTakenBack() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let id = try await scene.organization()
      let stopped = Mutex<StoppedCaller?>(nil)
      let worker = try scene.worker("cancelled", lease: .seconds(3)) { caller in
        let wrapped = StoppedCaller(caller) { if case .create = $0 { true } else { false } }
        stopped.withLock { $0 = wrapped }
        return wrapped
      }
      let caller = try #require(stopped.withLock { $0 })
      async let working = worker.workOnce()
      await caller.waitForStop()
      #expect(
        try await scene.owner.value(
          "SELECT admin.cancel_job(job_id, 'a mistake') FROM provisioning.jobs") == "asked")
      // It hears of it at a heartbeat, which it shows by extending its lease.
      func lease() async throws -> String? {
        try await scene.owner.value("SELECT lease_until FROM provisioning.jobs")
      }
      for _ in 0..<2 {
        let before = try await lease()
        try await eventually { try await lease() != before }
      }
      caller.goOn()
      #expect(try await working)
      #expect(try await scene.status(scene.namespacePath()) == 200)
      #expect(try await scene.status(scene.namespacePath() + "/resourcequotas/tenant") == 404)
      try await scene.drain(try scene.worker("two"), until: id, is: "FAILED")
      #expect(try await scene.status(scene.namespacePath()) == 404)
      #expect(
        try await scene.owner.value("SELECT error_code || ': ' || error FROM provisioning.jobs")
          == "cancelled: a mistake")
    }
  }
}

internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// What in Kubernetes is not as the blueprint says: found, told, put right.
@Suite(.timeLimit(.minutes(4))) struct DriftTests {
  private func play(_ body: (Scene, Int64, Worker) async throws -> Void) async throws {
    try await Scene.playTenant(body)
  }

  private func drift(_ scene: Scene, _ worker: Worker) async throws -> [String] {
    try await scene.drift(worker)
  }

  @Test func aTenantIsAsTheBlueprintSays() async throws {
    try await play { scene, id, worker in
      #expect(try await drift(scene, worker) == [])
      // Another spelling of the same quantity is no drift, a suspended tenant's closed gate neither.
      try await scene.owner.query(
        "SELECT api.request_quota(p_cpu => '12000m', p_reason => 'the same by value')")
      try await scene.drain(worker)
      _ = try await scene.kubernetes.mergePatch(
        scene.namespacePath() + "/resourcequotas/tenant",
        ["spec": ["hard": ["requests.cpu": "12", "limits.cpu": "12"]]])
      try await scene.owner.query("SELECT api.invite_member('ann@x.example', 'ann', 'admin')")
      try await scene.owner.query(
        "SELECT admin.suspend_organization($1, 'r')", [.text("\(scene.prefix)-acme")])
      try await scene.drain(worker)
      let found = try await drift(scene, worker)
      #expect(found == [], "\(found)")
      #expect(try await scene.organizationStatus(id) == "SUSPENDED")
    }
  }

  @Test func eachChangeIsFoundAndPutRight() async throws {
    try await play { scene, id, worker in
      let base = scene.namespacePath()
      let group = base.replacing("/api/v1", with: "")
      let policies = "/apis/networking.k8s.io/v1\(group)/networkpolicies"
      let bindings = "/apis/rbac.authorization.k8s.io/v1\(group)/rolebindings"
      _ = try await scene.kubernetes.mergePatch(
        base + "/resourcequotas/tenant", ["spec": ["hard": ["limits.cpu": "1000"]]])
      _ = try await scene.kubernetes.delete(
        base + "/limitranges/tenant", uid: nil, resourceVersion: nil)
      _ = try await scene.kubernetes.mergePatch(
        policies + "/default-deny", ["spec": ["policyTypes": ["Ingress"]]])
      _ = try await scene.kubernetes.mergePatch(
        bindings + "/owner",
        [
          "subjects": [
            ["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "eve@x.example"]
          ]
        ])
      _ = try await scene.kubernetes.mergePatch(
        base,
        [
          "metadata": [
            "labels": [
              "isolation-ready": .null, "pod-security.kubernetes.io/enforce": "privileged",
            ]
          ]
        ])
      let found = try await drift(scene, worker)
      for expected in [
        "gate-label differs metadata.labels.isolation-ready: absent instead of \"true\"",
        "limit-range missing", "network-policy differs spec.policyTypes",
        "namespace differs metadata.labels.pod-security.kubernetes.io/enforce: \"privileged\" instead of \"baseline\"",
        "owner-role-binding differs subjects[0].name: \"eve@x.example\" instead of \"owner@",
        "resource-quota differs spec.hard.limits.cpu",
      ] {
        #expect(found.contains { $0.hasPrefix(expected) }, "\(expected): \(found)")
      }
      // Reported, and as yet left alone.
      #expect(try await scene.status(base + "/limitranges/tenant") == 404)
      try await scene.owner.query("SELECT admin.set_drift_policy('repair', '1 hour', 'strict')")
      #expect(try await drift(scene, worker) == [])
      try await scene.checkTenant(id)
      let namespace = try await scene.namespace()
      #expect(
        namespace["metadata"]?["labels"]?["pod-security.kubernetes.io/enforce"]?.string
          == "baseline")
      // The API server's authoriser hears of it a moment later.
      try await eventually("eve without rights") {
        try await !scene.may("eve@x.example", "list", "pods")
      }
      #expect(try await drift(scene, worker) == [])
    }
  }

  @Test func aNamespaceThatIsGoneIsMissingAndAnotherOneIsNotOurs() async throws {
    try await play { scene, _, worker in
      try await scene.owner.query("SELECT admin.set_drift_policy('repair', '1 hour', 'strict')")
      _ = try await scene.kubernetes.delete(scene.namespacePath(), uid: nil, resourceVersion: nil)
      try await eventually { try await scene.status(scene.namespacePath()) == 404 }
      #expect(try await drift(scene, worker).contains("namespace missing"))
      let other = try await scene.kubernetes.create(
        "/api/v1/namespaces",
        [
          "apiVersion": "v1", "kind": "Namespace",
          "metadata": ["name": .string("org-\(scene.prefix)-acme")],
        ])
      let found = try await drift(scene, worker)
      #expect(
        found.contains { $0.hasPrefix("namespace differs") && $0.contains("metadata.uid") },
        "\(found)")
      // Nothing that could be put right: not tried, and not given up once for each comparison.
      #expect(try await scene.state(of: "reconcile") == nil)
      let now = try await scene.namespace()
      #expect(now["metadata"]?["labels"]?["agent-ready-k8s/org-id"] == nil)
      #expect(now["metadata"]?["uid"] == other["metadata"]?["uid"])
    }
  }

  @Test func aNamespaceThatNobodyOwnsIsReportedAndLeftAlone() async throws {
    try await play { scene, _, worker in
      let stray = "org-\(scene.prefix)-stray"
      _ = try await scene.kubernetes.create(
        "/api/v1/namespaces",
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(stray)]])
      let survey = Survey(
        queue: worker.queue,
        kubernetes: try KubernetesClient(.load(path: Stack.current.provisionerKubeconfig)))
      // Other tests' tenants belong to other databases: they are stray here, too.
      let found = try await survey.run().map(\.name)
      #expect(found.contains(stray))
      #expect(!found.contains("org-\(scene.prefix)-acme"))
      #expect(!found.contains("kube-system"))
      #expect(
        try await scene.owner.value(
          "SELECT what FROM admin.tenant_drift() WHERE slug = $1", [.text(stray)]) == "stray")
      let namespace = try await scene.kubernetes.get("/api/v1/namespaces/\(stray)")
      #expect(namespace["metadata"]?["deletionTimestamp"] == nil)
    }
  }

  /// The blueprint is changed, and brought to those that are there.
  @Test func aBlueprintIsRolledOut() async throws {
    try await Scene.play { scene in
      let worker = try scene.worker("one")
      var paths: [String] = []
      for name in ["a", "b", "c"] {
        let id = try await scene.organization(name)
        try await scene.work(worker, until: id, is: "COMMITTED")
        paths.append(scene.namespacePath(name) + "/limitranges/tenant")
      }
      func limits() async throws -> [String] {
        var limits: [String] = []
        for path in paths {
          let range = try await scene.kubernetes.get(path)
          limits.append(
            range["spec"]?["limits"]?.array?.first?["default"]?["cpu"]?.string ?? "none")
        }
        return limits
      }
      #expect(try await limits() == ["500m", "500m", "500m"])
      func change(to cpu: String) async throws {
        try await scene.owner.query(
          """
          UPDATE provisioning.blueprint
          SET body = jsonb_set(body, '{spec,limits,0,default,cpu}', to_jsonb($1::text))
          WHERE step = 'limit-range'
          """, [.text(cpu)])
      }
      try await change(to: "-1")
      try await scene.owner.query("SELECT admin.roll_out('wrong', p_batch => 1)")
      try await scene.drain(worker)
      #expect(try await scene.owner.value("SELECT state FROM admin.rollouts()") == "stopped")
      #expect(
        try await scene.owner.value("SELECT failed || ' ' || \"left\" FROM admin.rollouts()")
          == "1 2")
      #expect(try await limits() == ["500m", "500m", "500m"])

      try await change(to: "250m")
      try await scene.owner.query("SELECT admin.resume_rollout(1, 'mended')")
      try await scene.drain(worker)
      #expect(try await scene.owner.value("SELECT state FROM admin.rollouts()") == "done")
      #expect(try await limits() == ["250m", "250m", "250m"])
    }
  }
}

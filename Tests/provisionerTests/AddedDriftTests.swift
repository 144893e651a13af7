internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// Objects that say all that the blueprint says, and to which somebody has added what weakens them.
@Suite(.timeLimit(.minutes(4))) struct AddedDriftTests {
  /// What others have added to an object that says all that the blueprint says, and would weaken it.
  @Test func whatWasAddedIsFoundAndTakenAway() async throws {
    try await Scene.playTenant { scene, _, worker in
      let base = scene.namespacePath()
      let system = try await scene.kubernetes.get("/api/v1/namespaces/kube-system")
      _ = try await scene.kubernetes.mergePatch(
        base + "/limitranges/tenant",
        [
          "spec": [
            "limits": [
              [
                "type": "Container", "default": ["cpu": "500m", "memory": "512Mi"],
                "defaultRequest": ["cpu": "100m", "memory": "128Mi"], "max": ["cpu": "64"],
                "min": ["cpu": "1m"],
              ]
            ]
          ]
        ])
      _ = try await scene.kubernetes.mergePatch(
        base,
        [
          "metadata": [
            "labels": ["pod-security.kubernetes.io/enforce-version": "v1.0", "theirs": "stays"],
            "finalizers": ["example.com/keep"],
            // With it the garbage collector would delete ours.
            "ownerReferences": [
              [
                "apiVersion": "v1", "kind": "Namespace", "name": "kube-system",
                "uid": system["metadata"]?["uid"] ?? .null,
              ]
            ],
          ]
        ])
      let found = try await scene.drift(worker)
      for expected in [
        "limit-range differs spec.limits[0].max: {\"cpu\":\"64\"} instead of null; spec.limits[0].min",
        "gate-label differs metadata.labels.pod-security.kubernetes.io/enforce-version: \"v1.0\" instead of null; metadata.ownerReferences",
      ] {
        #expect(found.contains { $0.hasPrefix(expected) }, "\(expected): \(found)")
      }
      #expect(found.count == 2, "\(found)")
      try await scene.owner.query("SELECT admin.set_drift_policy('repair', '1 hour', 'strict')")
      #expect(try await scene.drift(worker) == [])
      let metadata = try await scene.namespace()["metadata"]
      #expect(metadata?["labels"]?["pod-security.kubernetes.io/enforce-version"] == nil)
      #expect(metadata?["ownerReferences"] == nil)
      // Somebody's promise to clean up, and somebody's label.
      #expect(metadata?["finalizers"] == ["example.com/keep"])
      #expect(metadata?["labels"]?["theirs"] == "stays")
      #expect(try await scene.drift(worker) == [])
      _ = try await scene.kubernetes.mergePatch(base, ["metadata": ["finalizers": .null]])
    }
  }

  /// The port that names are asked for is no range. Nothing of 1.20 knows such a field; what is compared says
  /// that it must not be there, and what is applied does not name it.
  @Test func aPortThatBecameARangeIsFound() async throws {
    try await Scene.playTenant { scene, id, _ in
      func policy(_ kind: String) async throws -> Step {
        let steps = try await scene.owner.value(
          "SELECT provisioning.render($1, $2, 1)", [.int(id), .text(kind)])
        return try #require(
          try (JSONValue(parsing: steps ?? "").array ?? []).map(Step.init)
            .first { $0.name == "network-policy" })
      }
      let compared = try await policy("compare")
      #expect(try await policy("reconcile").body.serialized().contains("endPort") == false)
      func outcome(_ policy: JSONValue) -> Action {
        var machine = CompareMachine(path: compared.path, desired: compared.body)
        _ = machine.start()
        return machine.handle(.object(policy, status: 200))
      }
      let policy = try await scene.kubernetes.get(compared.path)
      guard case .done(.same) = outcome(policy) else {
        Issue.record("\(outcome(policy))")
        return
      }
      var rule = try #require(policy["spec"]?["egress"]?.array?.first)
      var ports = try #require(rule["ports"]?.array)
      ports[1] = ports[1].setting("endPort", to: 65535)
      rule = rule.setting("ports", to: .array(ports))
      let opened = policy.setting("spec", "egress", to: [rule])
      guard case .done(.differs(_, let detail)) = outcome(opened) else {
        Issue.record("\(outcome(opened))")
        return
      }
      #expect(detail == "spec.egress[0].ports[1].endPort: 65535 instead of null")
    }
  }

  /// One that has slipped in while the gate was being closed, after the others were deleted.
  @Test func aPodOfASuspendedTenantIsFoundAndTakenAway() async throws {
    try await Scene.playTenant { scene, _, worker in
      let slug = "\(scene.prefix)-acme"
      try await scene.createPod("web")
      #expect(try await scene.drift(worker) == [])
      try await scene.owner.query("SELECT admin.suspend_organization($1, 'r')", [.text(slug)])
      try await scene.drain(worker)
      #expect(try await scene.drift(worker) == [])
      try await scene.createPod("late")
      let found = try await scene.drift(worker)
      #expect(found == ["no-pods differs should not be there: late"])
      let told = try await scene.clusterCommand("drift", slug)
      #expect(told.status == 3 && told.output.contains("pods/late"), "\(told.output)")
      try await scene.owner.query("SELECT admin.set_drift_policy('repair', '1 hour', 'strict')")
      #expect(try await scene.drift(worker) == [])
      let pods = try await scene.kubernetes.get(scene.namespacePath() + "/pods")
      #expect(pods["items"] == [])
      // Of one that is open, nobody's pods are touched.
      try await scene.owner.query("SELECT admin.resume_organization($1, 'r')", [.text(slug)])
      try await scene.drain(worker)
      try await scene.createPod("again")
      try await scene.owner.query("SELECT admin.repair($1, 'r')", [.text(slug)])
      try await scene.drain(worker)
      #expect(try await scene.status(scene.namespacePath() + "/pods/again") == 200)
    }
  }
}

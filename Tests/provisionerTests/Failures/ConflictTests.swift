internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// What is there already, and what changes in the middle of a job.
@Suite(.timeLimit(.minutes(4))) struct ConflictTests {
  /// 409 on the namespace, with foreign marks or none.
  @Test(arguments: [false, true])
  func somebodyElsesNamespaceIsUntouched(isMarked: Bool) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let theirs = try await makeTheirs(scene, isMarked: isMarked)
      let id = try await scene.organization()
      try await scene.work(try scene.worker("one"), until: id, is: "FAILED")
      let now = try await scene.namespace()
      // Not a byte of it.
      #expect(now == theirs)
      let failure = try await scene.owner.value(
        "SELECT failure FROM core.organizations WHERE id > 0")
      #expect(failure?.contains("somebody else") == true)
      let written = try await trial.writes().filter { $0.isOurs && $0.isDone }
      #expect(written.isEmpty, "\(written)")
    }
  }

  /// Deleted before anybody came to it, an organisation whose namespace was never made is gone.
  @Test(arguments: [false, true])
  func whoIsDeletedBesideSomebodyElsesNamespaceIsGone(isMarked: Bool) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let theirs = try await makeTheirs(scene, isMarked: isMarked)
      let id = try await scene.organization()
      try await scene.owner.query(
        "SELECT admin.delete_organization($1, $1, 'r')", [.text("\(scene.prefix)-acme")])
      try await scene.finish(.delete, of: id, by: try scene.worker("one"))
      #expect(try await scene.state(of: "delete") == "done")
      #expect(try await scene.namespace() == theirs)
      try await remove(scene)
    }
  }

  /// 409 on the namespace, which is being deleted: waited for, whosever it was, and reported with what
  /// holds it.
  @Test(arguments: [false, true])
  func aNamespaceThatIsBeingDeletedIsWaitedFor(isOurs: Bool) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let first = isOurs ? try await scene.organization() : 0
      let worker = try scene.worker("one")
      if isOurs {
        let caller = try scene.worker("dies") { DyingCaller($0, atCall: 1, isSent: true) }
        _ = try await caller.workOnce()
        try await scene.expireLease(of: first)
      } else {
        _ = try await makeTheirs(scene, isMarked: false)
      }
      try await hold(scene)
      _ = try await scene.kubernetes.delete(
        scene.namespacePath(), uid: nil, resourceVersion: nil)
      let id = isOurs ? first : try await scene.organization()
      try await eventually("what holds it") {
        try await scene.hurry(id)
        _ = try await worker.workOnce()
        let error = try await scene.owner.value("SELECT error FROM provisioning.jobs")
        return error?.contains("example.com/keep") == true
      }
      #expect(try await scene.organizationStatus(id) == "PENDING")
      #expect(
        try await scene.owner.value("SELECT error_code FROM provisioning.jobs") == "terminating")
      try await letGo(scene)
      try await eventually {
        try await scene.hurry(id)
        _ = try await worker.workOnce()
        return try await scene.organizationStatus(id) == "COMMITTED"
      }
    }
  }

  /// 409 on children: one that says the same is adopted, one that says something else is replaced.
  @Test func whatSaysTheSameIsAdoptedAndTheRestReplaced() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let base = scene.namespacePath()
      let worker = try interrupted(scene, .after, { $0.createsNamespace }) {
        _ = try await scene.kubernetes.create(
          base + "/resourcequotas",
          ["metadata": ["name": "tenant"], "spec": ["hard": ["limits.cpu": "1000"]]])
        // Its controller has counted, and does not write to it between our look and our write.
        try await eventually("a quota that was counted") {
          let quota = try await scene.kubernetes.get(base + "/resourcequotas/tenant")
          return quota["status"]?["used"]?["limits.cpu"] != nil
        }
        let uid = try await scene.namespace()["metadata"]?["uid"] ?? .null
        _ = try await scene.kubernetes.create(
          base + "/limitranges",
          [
            "metadata": [
              "name": "tenant", "labels": ["app.kubernetes.io/managed-by": "agent-ready-k8s"],
              "ownerReferences": [
                [
                  "apiVersion": "v1", "kind": "Namespace",
                  "name": .string("org-\(scene.prefix)-acme"), "uid": uid,
                ]
              ],
            ],
            "spec": [
              "limits": [
                [
                  "type": "Container", "default": ["cpu": "0.5", "memory": "512Mi"],
                  "defaultRequest": ["cpu": "100m", "memory": "128Mi"],
                ]
              ]
            ],
          ])
      }
      let id = try await scene.organization()
      _ = try await worker.worker.workOnce()
      #expect(try worker.caller.hasHappened())
      #expect(try await scene.organizationStatus(id) == "COMMITTED")
      let outcomes = try await scene.owner.value(
        """
        SELECT string_agg(step || ' ' || outcome, ', ' ORDER BY step) FROM provisioning.steps
        WHERE step IN ('limit-range', 'resource-quota')
        """)
      #expect(outcomes == "limit-range adopted, resource-quota replaced")
    }
  }

  /// A child that says something else, and what cannot be changed of it: told, and all taken back.
  @Test func whatCannotBeReplacedFailsTheCreation() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let group = scene.namespacePath().replacing("/api/v1", with: "")
      let worker = try interrupted(scene, .after, { $0.createsNamespace }) {
        _ = try await scene.kubernetes.create(
          "/apis/rbac.authorization.k8s.io/v1\(group)/rolebindings",
          [
            "metadata": ["name": "owner"],
            "roleRef": [
              "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view",
            ],
          ])
      }
      let id = try await scene.organization()
      try await scene.work(worker.worker, until: id, is: "FAILED")
      #expect(try worker.caller.hasHappened())
      let failure = try await scene.owner.value(
        "SELECT failure FROM core.organizations WHERE id > 0")
      #expect(failure?.contains("roleRef") == true, "\(failure ?? "-")")
      #expect(try await scene.status(scene.namespacePath()) == 404)
    }
  }

  /// 422 of a failed test: the namespace is being deleted when the gate is to be opened.
  @Test func aGateIsNotOpenedOnANamespaceThatIsBeingDeleted() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let worker = try interrupted(scene, .before, { $0.turnsGate }) {
        try await hold(scene)
        _ = try await scene.kubernetes.delete(
          scene.namespacePath(), uid: nil, resourceVersion: nil)
      }
      let id = try await scene.organization()
      _ = try await worker.worker.workOnce()
      #expect(try worker.caller.hasHappened())
      #expect(try await scene.organizationStatus(id) == "PENDING")
      #expect(
        try await scene.owner.value("SELECT error_code FROM provisioning.jobs") == "terminating")
      let old = try await scene.namespace()
      #expect(old["metadata"]?["labels"]?["isolation-ready"] == nil)
      try await letGo(scene)
      try await eventually {
        try await scene.hurry(id)
        _ = try await worker.worker.workOnce()
        return try await scene.organizationStatus(id) == "COMMITTED"
      }
      let new = try await scene.namespace()
      #expect(new["metadata"]?["uid"] != old["metadata"]?["uid"])
    }
  }

  /// 422 of a failed test: somebody has taken our marks away. Then it is not ours any more.
  @Test func aNamespaceWithoutOurMarksIsLeftAlone() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let worker = try interrupted(scene, .before, { $0.turnsGate }) {
        _ = try await scene.kubernetes.mergePatch(
          scene.namespacePath(), ["metadata": ["annotations": .null]])
      }
      let id = try await scene.organization()
      try await scene.work(worker.worker, until: id, is: "FAILED")
      #expect(try worker.caller.hasHappened())
      let now = try await scene.namespace()
      #expect(now["metadata"]?["labels"]?["isolation-ready"] == nil)
      #expect(now["metadata"]?["deletionTimestamp"] == nil)
      // Reported as one that nobody owns; whoever has taken the marks takes it away.
      let survey = Survey(
        queue: worker.worker.queue, kubernetes: scene.kubernetes)
      #expect(try await survey.run().map(\.name).contains("org-\(scene.prefix)-acme"))
      try await remove(scene)
    }
  }

  func makeTheirs(_ scene: Scene, isMarked: Bool) async throws -> JSONValue {
    var metadata: [String: JSONValue] = [
      "name": .string("org-\(scene.prefix)-acme"), "labels": ["theirs": "yes"],
    ]
    if isMarked {
      metadata["annotations"] = [
        "agent-ready-k8s/operation-id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "agent-ready-k8s/fence": "1",
      ]
    }
    _ = try await scene.kubernetes.create(
      "/api/v1/namespaces",
      ["apiVersion": "v1", "kind": "Namespace", "metadata": .object(metadata)])
    // Its controllers have written to it.
    try await eventually {
      try await scene.status(scene.namespacePath() + "/serviceaccounts/default") == 200
    }
    return try await scene.namespace()
  }
}

internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// A namespace is deleted, and another one made under its name, in the middle of a job. Whatever lies in it
/// is named by paths that were ours.
@Suite(.timeLimit(.minutes(4))) struct RemadeNamespaceTests {
  /// Their namespace with what a tenant's has, saying other things, and a pod.
  private func remake(_ scene: Scene, empty: Bool = false) async throws {
    try await remove(scene)
    let name = "org-\(scene.prefix)-acme"
    let base = scene.namespacePath()
    let group = base.replacing("/api/v1", with: "")
    _ = try await scene.kubernetes.create(
      "/api/v1/namespaces", ["metadata": ["name": .string(name), "labels": ["theirs": "yes"]]])
    try await eventually {
      try await scene.status(base + "/serviceaccounts/default") == 200
    }
    guard !empty else { return }
    for (path, body) in [
      (base + "/resourcequotas", ["spec": ["hard": ["limits.cpu": "3"]]]),
      (base + "/limitranges", ["spec": ["limits": [["type": "Container"]]]]),
      (
        "/apis/networking.k8s.io/v1\(group)/networkpolicies",
        ["metadata": ["name": "default-deny"], "spec": ["podSelector": [:]]]
      ),
      (
        "/apis/rbac.authorization.k8s.io/v1\(group)/rolebindings",
        [
          "metadata": ["name": "owner"],
          "roleRef": [
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin",
          ],
        ]
      ),
      (
        "/apis/rbac.authorization.k8s.io/v1\(group)/rolebindings",
        [
          "metadata": ["name": "member"],
          "roleRef": [
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit",
          ],
        ]
      ),
    ] as [(String, JSONValue)] {
      let named =
        body["metadata"] == nil ? body.setting("metadata", "name", to: "tenant") : body
      _ = try await scene.kubernetes.create(path, named)
    }
    // The quota asks every container for limits.
    _ = try await scene.kubernetes.create(
      base + "/pods",
      [
        "metadata": ["name": "runs"],
        "spec": [
          "automountServiceAccountToken": false,
          "containers": [
            ["name": "c", "image": "none", "resources": ["limits": ["cpu": "1"]]]
          ],
        ],
      ])
  }

  /// Their objects, all of them, to the last field. The quota's controller counts on.
  private func contents(_ scene: Scene) async throws -> [String: JSONValue] {
    let base = scene.namespacePath()
    let group = base.replacing("/api/v1", with: "")
    var contents: [String: JSONValue] = ["namespace": try await scene.namespace()]
    for path in [
      base + "/resourcequotas", base + "/limitranges", base + "/pods",
      "/apis/networking.k8s.io/v1\(group)/networkpolicies",
      "/apis/rbac.authorization.k8s.io/v1\(group)/rolebindings",
    ] {
      for object in try await scene.kubernetes.get(path)["items"]?.array ?? [] {
        let name = "\(path)/\(object["metadata"]?["name"]?.string ?? "")"
        contents[name] = .array([
          object["metadata"]?["uid"] ?? .null, object["metadata"]?["ownerReferences"] ?? .null,
          object["metadata"]?["deletionTimestamp"] ?? .null, object["spec"] ?? .null,
          object["subjects"] ?? .null,
        ])
      }
    }
    return contents
  }

  /// Between the namespace's answer and the first object in it, and before the gate.
  @Test(arguments: [false, true], [false, true])
  func inTheMiddleOfACreation(beforeTheGate: Bool, empty: Bool) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      trial.allow { $0.mayLeaveToCollector = true }
      let theirs = Mutex<[String: JSONValue]>([:])
      let worker = try interrupted(
        scene, beforeTheGate ? .before : .after,
        { beforeTheGate ? $0.turnsGate : $0.createsNamespace }
      ) {
        try await remake(scene, empty: empty)
        let contents = try await contents(scene)
        theirs.withLock { $0 = contents }
      }
      let id = try await scene.organization()
      _ = try await worker.worker.workOnce()
      #expect(try worker.caller.hasHappened())
      try await scene.work(worker.worker, until: id, is: "FAILED")
      #expect(
        try await scene.owner.value("SELECT error_code FROM provisioning.jobs") == "foreign")
      let before = theirs.withLock { $0 }
      #expect(before.count == (empty ? 1 : 7))
      // What was sent into it, as new, is gone again, and nothing else.
      try await eventually("only theirs") { try await contents(scene).count == before.count }
      let now = try await contents(scene)
      #expect(now == before)
      try await remove(scene)
    }
  }

  /// When it happens, after the namespace was taken over.
  enum Moment: String, Sendable, CustomStringConvertible {
    case beforeTheGate, beforeTheLook, beforeTheWrite, beforeTheStatus

    var description: String { rawValue }

    func isMeant(_ request: Request, namespace: String) -> Bool {
      switch (self, request) {
      case (.beforeTheGate, .patch): request.turnsGate
      case (.beforeTheLook, .get(let path)), (.beforeTheLook, .list(let path)): path != namespace
      case (.beforeTheWrite, .apply), (.beforeTheWrite, .delete): true
      // One that lies in theirs, too: else it would be made there, and its job done if all the others were.
      case (.beforeTheWrite, .create(_, let body)): body["metadata"]?["name"] == "member"
      case (.beforeTheStatus, _): request.writesStatus
      default: false
      }
    }
  }

  @Test(arguments: [
    (Change.quota, Moment.beforeTheLook), (.quota, .beforeTheWrite), (.quota, .beforeTheStatus),
    (.members, .beforeTheLook), (.members, .beforeTheWrite), (.suspend, .beforeTheLook),
    (.suspend, .beforeTheWrite), (.resume, .beforeTheLook), (.reconcile, .beforeTheLook),
    (.reconcile, .beforeTheWrite), (.delete, .beforeTheGate), (.delete, .beforeTheLook),
    (.delete, .beforeTheWrite),
  ])
  func inTheMiddleOf(_ change: Change, _ moment: Moment) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let first = try scene.worker("one")
      let id = try await scene.prepare(change, by: first)
      let base = scene.namespacePath()
      let theirs = Mutex<[String: JSONValue]>([:])
      let worker = try interrupted(scene, .before, { moment.isMeant($0, namespace: base) }) {
        // A quota is looked at while the namespace is taken over, side by side: else its job may find none.
        try await eventually("a namespace that is taken over") {
          let fence = try await scene.owner.value(
            "SELECT fence FROM provisioning.lanes WHERE org_id = $1", [.int(id)])
          return Fence(try await scene.namespace()).map { "\($0.number)" } == fence
        }
        try await remake(scene)
        let contents = try await contents(scene)
        theirs.withLock { $0 = contents }
      }
      trial.allow { rules in
        rules.areBereft = [id]
        rules.mayGiveUp = [change.kind]
        rules.mayLeaveToCollector = true
      }
      _ = try await worker.worker.workOnce()
      #expect(try worker.caller.hasHappened())
      try await eventually("an end") {
        try await scene.hurry(id)
        _ = try await worker.worker.workOnce()
        let open = try await scene.owner.value(
          "SELECT count(*) FROM provisioning.jobs WHERE state IN ('queued', 'running')")
        return open == "0"
      }
      // It is told whose the namespace is, also where of ours nothing was left to be done.
      #expect(try await scene.failure(of: change.kind) == "foreign")
      let before = theirs.withLock { $0 }
      #expect(before.count == 7 && before.keys.contains(base + "/pods/runs"))
      // What was sent into it, as new, is gone again, and nothing else.
      try await eventually("only theirs") { try await contents(scene).count == before.count }
      let now = try await contents(scene)
      #expect(now == before)
    }
  }

  /// Nothing of ours is left that could be taken away.
  @Test(
    arguments: [Change.undo, .sweep], [Moment.beforeTheGate, .beforeTheLook, .beforeTheWrite])
  func inTheMiddleOfWhatIsTakenBack(_ change: Change, _ moment: Moment) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let id = try await scene.prepare(change, by: try scene.worker("one"))
      let base = scene.namespacePath()
      let theirs = Mutex<[String: JSONValue]>([:])
      let worker = try interrupted(scene, .before, { moment.isMeant($0, namespace: base) }) {
        try await remake(scene)
        let contents = try await contents(scene)
        theirs.withLock { $0 = contents }
      }
      _ = try await worker.worker.workOnce()
      #expect(try worker.caller.hasHappened())
      try await scene.finish(change, of: id, by: worker.worker)
      let before = theirs.withLock { $0 }
      #expect(before.count == 7 && before.keys.contains(base + "/pods/runs"))
      let now = try await contents(scene)
      #expect(now == before)
      try await remove(scene)
    }
  }
}

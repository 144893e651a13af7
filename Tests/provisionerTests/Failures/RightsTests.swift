internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// 403: a right is missing, or a quota of the cluster's is full. The error names it; granted in time, nothing
/// is lost; never granted, everything is taken back.
@Suite(.timeLimit(.minutes(4))) struct RightsTests {
  typealias Right = ServiceAccount.Right

  /// Rights, and by what the error names them.
  static let rights: [(Right, String)] = [
    (Right(verb: "create", resource: "namespaces"), "cannot create resource \"namespaces\""),
    (Right(verb: "patch", resource: "namespaces"), "cannot patch resource \"namespaces\""),
    (Right(verb: "create", resource: "limitranges"), "cannot create resource \"limitranges\""),
    (
      Right(verb: "create", resource: "networkpolicies"),
      "cannot create resource \"networkpolicies\""
    ),
    (
      Right(verb: "update", resource: "resourcequotas/status"),
      "cannot update resource \"resourcequotas/status\""
    ),
    (
      Right(verb: "bind", resource: "clusterroles"),
      "attempting to grant RBAC permissions not currently held"
    ),
  ]

  @Test(arguments: rights)
  func aMissingRightIsNamedAndWaitedFor(_ right: Right, words: String) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let account = try await ServiceAccount(scene, without: right)
      let kubeconfig = try await account.kubeconfig()
      let worker = try scene.worker("one", kubeconfig: kubeconfig)
      let id = try await scene.organization()
      try await eventually("a refusal") {
        try await scene.hurry(id)
        let hadWork = try await worker.workOnce()
        return hadWork
      }
      let error = try await scene.owner.value("SELECT error FROM provisioning.jobs")
      #expect(error?.contains(words) == true, "\(error ?? "-")")
      #expect(
        try await scene.owner.value("SELECT error_code FROM provisioning.jobs") == "forbidden")
      #expect(try await scene.organizationStatus(id) == "PENDING")
      // What is not isolated stays closed.
      if right.verb != "create" || right.resource != "namespaces" {
        let labels = try await scene.namespace()["metadata"]?["labels"]
        #expect(labels != nil && labels?["isolation-ready"] == nil)
      }
      try await account.grant()
      // The authoriser hears of it a moment later.
      let client = try KubernetesClient(.load(path: kubeconfig))
      try await eventually { try await may(client, right) }
      try await scene.finish(.create, of: id, by: worker)
      try await account.remove()
    }
  }

  @Test(arguments: [rights[2], rights[5]])
  func aRightThatNeverComesFailsTheCreation(_ right: Right, words: String) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let account = try await ServiceAccount(scene, without: right)
      let worker = try scene.worker("one", kubeconfig: try await account.kubeconfig())
      let id = try await scene.organization()
      try await scene.finish(.undo, of: id, by: worker)
      let failure = try await scene.owner.value(
        "SELECT failure FROM core.organizations WHERE id > 0")
      #expect(failure?.contains(words) == true, "\(failure ?? "-")")
      #expect(try await scene.status(scene.namespacePath()) == 404)
      try await account.remove()
    }
  }

  /// It is no job, and fails where people look for timed work. Asked for again until it is made.
  @Test func aSurveyThatMayNotListSaysSo() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let right = Right(verb: "list", resource: "namespaces")
      let account = try await ServiceAccount(scene, without: right)
      try await scene.owner.execute(
        "UPDATE provisioning.maintenance SET period = '1 s' WHERE task = 'survey-namespaces'")
      func told() async throws -> String {
        try await scene.owner.value(
          "SELECT concat_ws(': ', result, error) FROM admin.maintenance() WHERE task = 'survey-namespaces'"
        ) ?? ""
      }
      let daemon = try scene.daemon("one", kubeconfig: try await account.kubeconfig())
      try await eventually("a refusal; \(daemon.log)") {
        try await told().contains("cannot list resource \"namespaces\"")
      }
      #expect(try await !told().contains("stray"))
      try await account.grant()
      try await eventually("a survey; \(daemon.log)") {
        try await told().wholeMatch(of: /\d+ namespaces, \d+ stray/) != nil
      }
      #expect(try await daemon.stop() == 0)
      try await account.remove()
    }
  }

  /// An undo never turns round, and never gives up.
  @Test(
    arguments: [
      (Right(verb: "list", resource: "pods"), "pods"),
      (Right(verb: "delete", resource: "pods"), "pods"),
      (Right(verb: "delete", resource: "namespaces"), "delete"),
    ])
  func anUndoWaitsForItsRight(_ right: Right, step: String) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let account = try await ServiceAccount(scene, without: right)
      let kubeconfig = try await account.kubeconfig()
      let worker = try scene.worker("one", kubeconfig: kubeconfig)
      let id = try await scene.prepare(.undo, by: worker)
      for _ in 1...8 {
        try await scene.hurry(id)
        _ = try await worker.workOnce()
      }
      #expect(try await scene.organizationStatus(id) == "PENDING")
      let detail = try await scene.owner.value(
        "SELECT detail FROM provisioning.steps WHERE step = $1 ORDER BY fence DESC LIMIT 1",
        [.text(step)])
      let words = "cannot \(right.verb) resource \"\(right.resource)\""
      #expect(detail?.contains(words) == true, "\(detail ?? "-")")
      try await account.grant()
      let client = try KubernetesClient(.load(path: kubeconfig))
      try await eventually { try await may(client, right) }
      try await scene.finish(.undo, of: id, by: worker)
      try await account.remove()
    }
  }

  /// 403 for a quota of somebody else's in the namespace.
  @Test(arguments: ["count/limitranges", "count/rolebindings.rbac.authorization.k8s.io"])
  func aFullQuotaIsNamedAndWaitedFor(resource: String) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let path = scene.namespacePath() + "/resourcequotas"
      let worker = try interrupted(scene, .after, { $0.createsNamespace }) {
        _ = try await scene.kubernetes.create(
          path,
          [
            "metadata": ["name": "full"],
            "spec": ["hard": .object([resource: "0"])],
          ])
        // It enforces nothing before.
        try await eventually {
          let quota = try await scene.kubernetes.get(path + "/full")
          return quota["status"]?["used"]?[resource] != nil
        }
      }
      let id = try await scene.organization()
      _ = try await worker.worker.workOnce()
      #expect(try worker.caller.hasHappened())
      let error = try await scene.owner.value("SELECT error FROM provisioning.jobs")
      #expect(error?.contains("exceeded quota: full") == true, "\(error ?? "-")")
      #expect(
        try await scene.owner.value("SELECT error_code FROM provisioning.jobs") == "forbidden")
      _ = try await scene.kubernetes.delete(path + "/full", uid: nil, resourceVersion: nil)
      try await scene.finish(.create, of: id, by: worker.worker)
    }
  }

  /// Whether the API server would let a client do that.
  private func may(_ client: KubernetesClient, _ right: Right) async throws -> Bool {
    let parts = right.resource.split(separator: "/").map(String.init)
    let group =
      switch parts[0] {
      case "networkpolicies": "networking.k8s.io"
      case "clusterroles": "rbac.authorization.k8s.io"
      default: ""
      }
    let review = try await client.create(
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      [
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": [
          "resourceAttributes": [
            "verb": .string(right.verb), "group": .string(group), "resource": .string(parts[0]),
            "subresource": .string(parts.count > 1 ? parts[1] : ""),
            "name": right.verb == "bind" ? "admin" : "",
          ]
        ],
      ])
    return review["status"]?["allowed"] == .bool(true)
  }
}

internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// A tenant's administrator edits and deletes what is managed, as far as Kubernetes lets it: after the
/// tenant was made, and in the middle of a job that writes the same object.
@Suite(.timeLimit(.minutes(4))) struct TenantTests {
  enum Deed: String, Sendable, CaseIterable, CustomStringConvertible {
    case deletesPolicy, opensPolicy, deletesBinding, editsBinding, remakesBinding, deletesAccount

    var description: String { rawValue }

    /// The path of the object ends so.
    var object: String {
      switch self {
      case .deletesPolicy, .opensPolicy: "networkpolicies/default-deny"
      case .deletesBinding, .editsBinding, .remakesBinding: "rolebindings/owner"
      case .deletesAccount: "serviceaccounts/default"
      }
    }

    /// What kubectl is told, one after the other.
    var commands: [[String]] {
      switch self {
      case .deletesPolicy: [["delete", "networkpolicy", "default-deny"]]
      case .opensPolicy:
        [
          [
            "patch", "networkpolicy", "default-deny", "--type", "merge", "-p",
            #"{"spec": {"ingress": [{}], "podSelector": {"matchLabels": {"a": "b"}}}, "#
              + #""metadata": {"ownerReferences": null}}"#,
          ]
        ]
      case .deletesBinding: [["delete", "rolebinding", "owner"]]
      case .editsBinding:
        [
          [
            "patch", "rolebinding", "owner", "--type", "merge", "-p",
            #"{"subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "eve"}]}"#,
          ]
        ]
      // What cannot be changed of a binding is whose role it gives.
      case .remakesBinding:
        [
          ["delete", "rolebinding", "owner"],
          ["create", "rolebinding", "owner", "--clusterrole", "view", "--user", "eve"],
        ]
      case .deletesAccount: [["delete", "serviceaccount", "default"]]
      }
    }

    /// As whom: the owner, and, when the owner's own binding is gone, a second administrator.
    func carryOut(_ scene: Scene) async throws {
      for command in commands {
        let result = try await Tool.run(
          scene.cluster.kubectl,
          [
            "--kubeconfig", scene.cluster.adminKubeconfig, "--as", scene.member, "-n",
            "org-\(scene.prefix)-acme",
          ] + command)
        guard result.status == 0 else { throw TestSupportError("\(self): \(result.error)") }
      }
    }
  }

  private func play(
    _ body: (Trial, Int64, Worker) async throws -> Void
  ) async throws {
    try await Trial.playTenant { trial, id, worker in
      let scene = trial.scene
      try await scene.owner.query(
        "SELECT api.invite_member($1, 'ann', 'admin')", [.text(scene.member)])
      try await scene.drain(worker)
      try await eventually("her rights") {
        let may = try await scene.may(
          scene.member, "delete", "rolebindings", "rbac.authorization.k8s.io")
        // To give a role takes all of its rights, and hers are heard of one by one.
        return try await scene.may(scene.member, "get", "pods") && may
      }
      try await body(trial, id, worker)
    }
  }

  /// Found by the next comparison, and put right.
  @Test(arguments: Deed.allCases)
  func whatATenantChangesIsPutRight(_ deed: Deed) async throws {
    try await play { trial, id, worker in
      let scene = trial.scene
      try await scene.owner.query("SELECT admin.set_drift_policy('repair', '1 hour', 'strict')")
      try await deed.carryOut(scene)
      try await scene.owner.query("SELECT admin.compare()")
      try await scene.drain(worker)
      let repairs = try await scene.state(of: "reconcile")
      // Its controller makes the account again by itself.
      #expect(repairs == "done" || deed == .deletesAccount, "\(repairs ?? "-")")
      try await scene.checkTenant(id)
    }
  }

  /// Between the provisioner's look at an object and its write.
  @Test(arguments: Deed.allCases.filter { $0 != .deletesAccount })
  func whatATenantChangesInTheMiddleOfAJobIsPutRight(_ deed: Deed) async throws {
    try await play { trial, id, _ in
      let scene = trial.scene
      try await scene.enqueue(id, "reconcile")
      let worker = try interrupted(
        scene, .before,
        { if case .apply(let path, _) = $0 { path.hasSuffix(deed.object) } else { false } }
      ) { try await deed.carryOut(scene) }
      _ = try await worker.worker.workOnce()
      #expect(try worker.caller.hasHappened())
      try await scene.finish(.reconcile, of: id, by: worker.worker)
      #expect(try await scene.state(of: "reconcile") == "done")
    }
  }

  /// What it may not: the quota, the limits, the namespace.
  @Test func whatATenantMayNotChangeItCannot() async throws {
    try await play { (trial, _, _) async throws in
      let scene = trial.scene
      for (verb, resource) in [
        ("delete", "resourcequotas"), ("update", "resourcequotas"), ("delete", "limitranges"),
        ("update", "namespaces"), ("delete", "namespaces"),
      ] {
        #expect(try await scene.may(scene.member, verb, resource) == false)
      }
    }
  }
}

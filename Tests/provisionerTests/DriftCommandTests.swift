internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// `provisioner drift`: looks, tells, changes and records nothing.
@Suite(.timeLimit(.minutes(4))) struct DriftCommandTests {
  private func play(_ body: (Scene, Int64) async throws -> Void) async throws {
    try await Scene.play { scene in
      let id = try await scene.organization()
      try await scene.work(try scene.worker("one"), until: id, is: "COMMITTED")
      try await body(scene, id)
    }
  }

  /// Everything that a look must leave as it is.
  private func picture(_ scene: Scene) async throws -> [String] {
    var picture: [String] = []
    for table in ["jobs", "steps", "drift", "lanes", "stray_namespaces"] {
      picture += try await scene.owner.query(
        "SELECT t::text AS row FROM provisioning.\(table) AS t ORDER BY 1"
      ).map { $0["row"]! }
    }
    let namespace = try await scene.namespace()
    let quota = try await scene.kubernetes.get(scene.namespacePath() + "/resourcequotas/tenant")
    return picture + [namespace.serialized(), quota.serialized()]
  }

  @Test func eachFieldIsTold() async throws {
    try await play { scene, id in
      let slug = "\(scene.prefix)-acme"
      let base = scene.namespacePath()
      let same = try await scene.clusterCommand("drift", slug)
      #expect(same.status == 0 && same.output.isEmpty, "\(same.output)")
      #expect(same.error == "provisioner: no drift in 1 organisations\n")

      _ = try await scene.kubernetes.mergePatch(
        base + "/resourcequotas/tenant",
        ["spec": ["hard": ["limits.cpu": "1000", "requests.cpu": "10000m"]]])
      try await eventually {
        let quota = try await scene.kubernetes.get(base + "/resourcequotas/tenant")
        return quota["status"]?["hard"]?["limits.cpu"]?.string == "1k"
      }
      _ = try await scene.kubernetes.delete(
        base + "/limitranges/tenant", uid: nil, resourceVersion: nil)
      _ = try await scene.kubernetes.mergePatch(
        base, ["metadata": ["labels": ["isolation-ready": .null]]])
      let before = try await picture(scene)
      let found = try await scene.clusterCommand("drift", "\(id)")
      #expect(found.status == 3, "\(found.error)")
      #expect(try await picture(scene) == before)
      let lines = found.output.split(separator: "\n").map {
        $0.split(separator: /\ {3,}/).map(String.init)
      }
      #expect(lines.first == ["NAMESPACE", "OBJECT", "FIELD", "IS", "SHOULD BE"])
      for row in [
        [
          "org-\(slug)", "namespaces/org-\(slug)", "metadata.labels.isolation-ready", "<none>",
          "true",
        ],
        ["org-\(slug)", "limitranges/tenant", "-", "absent", "present"],
        ["org-\(slug)", "resourcequotas/tenant", "spec.hard.limits.cpu", "1k", "10"],
      ] {
        #expect(lines.contains(row), "\(row): \(found.output)")
      }
      // Another spelling of the same is none.
      #expect(!found.output.contains("requests.cpu"))
      #expect(found.error.contains("SELECT admin.repair(slug, 'why');"))

      let json = try JSONValue(
        parsing: try await scene.clusterCommand("drift", slug, "-o", "json").output)
      #expect(json["apiVersion"] == "agent-ready-k8s/v1" && json["kind"] == "ProvisionerDrift")
      #expect(
        json["findings"]?.array?.contains([
          "organization": .string(slug), "namespace": .string("org-\(slug)"),
          "object": "limitranges/tenant", "what": "missing", "field": .null, "is": .null,
          "should": .null,
        ]) == true)
      #expect(
        json["findings"]?.array?.contains {
          $0["field"] == "spec.hard.limits.cpu" && $0["is"] == "1k" && $0["should"] == "10"
        } == true, "\(json.serialized())")
    }
  }

  @Test func namespacesThatNobodyOwnsAreListedWithAll() async throws {
    try await play { scene, _ in
      let stray = "org-\(scene.prefix)-stray"
      _ = try await scene.kubernetes.create(
        "/api/v1/namespaces",
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(stray)]])
      let all = try await scene.clusterCommand("drift", "--output", "json")
      #expect(all.status == 3, "\(all.error)")
      let findings = try JSONValue(parsing: all.output)["findings"]?.array ?? []
      // Other tests' tenants belong to other databases: they are stray here, too.
      #expect(findings.contains { $0["what"] == "stray" && $0["namespace"] == .string(stray) })
      #expect(!findings.contains { $0["namespace"] == .string("org-\(scene.prefix)-acme") })
      let one = try await scene.clusterCommand("drift", "\(scene.prefix)-acme")
      #expect(one.status == 0 && !one.output.contains(stray))
      #expect(
        try await scene.owner.value("SELECT count(*) FROM provisioning.stray_namespaces") == "0")
    }
  }

  @Test func whatCannotBeLookedAtIsNoAbsenceOfDrift() async throws {
    try await play { scene, _ in
      let slug = "\(scene.prefix)-acme"
      try await scene.withKubeconfig(replacing: /server: .*/, by: "server: https://127.0.0.1:1") {
        let lost = try await scene.clusterCommand("drift", slug, kubeconfig: $0)
        #expect(lost.status == 2 && lost.error.contains("HINT"), "\(lost.error)")
        #expect(lost.error.split(separator: "\n").count == 2, "\(lost.error)")
      }
      try await scene.withKubeconfig(replacing: /tokenFile: .*/, by: "token: nobody") {
        let unknown = try await scene.clusterCommand("drift", slug, kubeconfig: $0)
        #expect(unknown.status == 2, "\(unknown.error)")
      }
      let account = try await ServiceAccount(scene, role: "view")
      try await scene.withKubeconfig(
        replacing: /tokenFile: .*/, by: "token: \(try await account.token())"
      ) {
        let blind = try await scene.clusterCommand("drift", slug, kubeconfig: $0)
        #expect(blind.status == 2)
        #expect(
          blind.error.contains("could not look at rolebindings/owner of \(slug): 403"),
          "\(blind.error)")
        #expect(!blind.error.contains("resourcequotas/tenant"))
      }
      try await account.remove()
      try await scene.owner.query("UPDATE core.organizations SET status = 'PENDING' WHERE id > 0")
      let pending = try await scene.clusterCommand("drift", slug)
      #expect(pending.status == 1 && pending.error.contains("is PENDING"))
    }
  }
}

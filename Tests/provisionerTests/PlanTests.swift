internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// `provisioner plan`: what it prints is what is applied, and kubectl takes it.
@Suite(.timeLimit(.minutes(4))) struct PlanTests {
  @Test func kubectlMakesTheTenantAndTheProvisionerTakesItOver() async throws {
    try await Scene.play { scene in
      let id = try await scene.owner.value(
        "SELECT id FROM api.create_organization(gen_random_uuid(), 'Acme', $1, $2)",
        [.text("${null}@\(scene.prefix).example"), .text("\(scene.prefix)-acme")])!
      let plan = try await scene.command("plan", id)
      #expect(plan.status == 0, "\(plan.error)")
      #expect(plan.output.hasPrefix("# organisation \(scene.prefix)-acme, id \(id), plan standard"))
      // The namespace comes first, closed, and last, open.
      let documents = plan.output.split(separator: "---\n").dropFirst()
      #expect(documents.first?.contains("kind: Namespace") == true)
      #expect(documents.first?.contains("isolation-ready") == false)
      #expect(documents.last?.contains("isolation-ready: \"true\"") == true)
      #expect(!plan.output.contains("ownerReferences") && !plan.output.contains("uid"))

      let applied = try await scene.kubectl("apply", document: plan.output)
      #expect(applied.status == 0, "\(applied.error)")
      let binding = try await scene.kubernetes.get(
        "/apis/rbac.authorization.k8s.io/v1/namespaces/org-\(scene.prefix)-acme/rolebindings/owner")
      #expect(
        binding["subjects"]?.array?.first?["name"]?.string == "${null}@\(scene.prefix).example")

      let uid = try await scene.namespace()["metadata"]?["uid"]
      let worker = try scene.worker("one")
      try await scene.work(worker, until: Int64(id)!, is: "COMMITTED")
      try await scene.checkTenant(Int64(id)!)
      let now = try await scene.namespace()
      #expect(now["metadata"]?["uid"] == uid)
      let drift = try await scene.clusterCommand("drift", id)
      #expect(drift.status == 0, "\(drift.output)\(drift.error)")
    }
  }

  @Test func kubectlFindsNothingToChangeInATenantThatStands() async throws {
    try await Scene.play { scene in
      let id = try await scene.organization()
      try await scene.work(try scene.worker("one"), until: id, is: "COMMITTED")
      let slug = "\(scene.prefix)-acme"
      let plan = try await scene.command("plan", slug)
      for name in ["\(id)", "org-\(slug)"] {
        #expect(try await scene.command("plan", name).output == plan.output)
      }
      let uid = try #require(try await scene.namespace()["metadata"]?["uid"]?.string)
      #expect(plan.output.contains("uid: \"\(uid)\"") || plan.output.contains("uid: \(uid)"))
      #expect(!plan.output.contains("fence"))
      // To say that nothing may be there is the provisioner's own: kubectl refuses it.
      #expect(!plan.output.contains("null"), "\(plan.output)")
      let list = try await scene.command("plan", slug, "--output", "json")
      #expect(try JSONValue(parsing: list.output)["kind"] == "List")

      for document in [plan.output, list.output] {
        let dry = try await scene.kubectl("apply", "--dry-run=server", document: document)
        #expect(dry.status == 0, "\(dry.error)")
        #expect(dry.output.split(separator: "\n").count == 9, "\(dry.output)")
        let real = try await scene.kubectl("apply", document: document)
        #expect(real.status == 0, "\(real.error)")
      }
      try await scene.checkTenant(id)
      let drift = try await scene.clusterCommand("drift", slug)
      #expect(drift.status == 0, "\(drift.output)\(drift.error)")
      let again = try await scene.kubectl("diff", document: plan.output)
      #expect(again.status == 0, "\(again.output)\(again.error)")
    }
  }

  @Test func aSuspendedTenantStaysClosed() async throws {
    try await Scene.play { scene in
      let id = try await scene.organization()
      let worker = try scene.worker("one")
      try await scene.work(worker, until: id, is: "COMMITTED")
      let slug = "\(scene.prefix)-acme"
      try await scene.owner.query("SELECT admin.suspend_organization($1, 'r')", [.text(slug)])
      try await scene.drain(worker)
      let plan = try await scene.command("plan", slug)
      #expect(plan.output.contains("SUSPENDED") && !plan.output.contains("isolation-ready"))
      #expect(try await scene.kubectl("apply", document: plan.output).status == 0)
      let namespace = try await scene.namespace()
      #expect(namespace["metadata"]?["labels"]?["isolation-ready"] == nil)
    }
  }

  @Test func whatCannotBePlannedIsSaidInTwoLines() async throws {
    try await Scene.play { scene in
      let id = try await scene.organization()
      let slug = "\(scene.prefix)-acme"
      try await scene.owner.query("SELECT admin.delete_organization($1, $1, 'r')", [.text(slug)])
      let deleted = try await scene.command("plan", "\(id)")
      #expect(deleted.status == 1)
      #expect(deleted.error.contains("is DELETING: nothing is applied for it"))
      let nobody = try await scene.command("plan", "nobody")
      #expect(nobody.status == 1 && nobody.error.contains("no organisation 'nobody'"))
      let refused = try await scene.command("plan", slug, as: "app")
      #expect(refused.status == 1 && refused.error.contains("GRANT ark_provisioner"))
      let missing = try await Tool.run(Tool.product("provisioner"), ["plan"])
      #expect(missing.status == 1 && missing.error.contains("organization"))
      for result in [deleted, nobody, refused, missing] {
        #expect(result.output.isEmpty && result.error.contains("HINT: "))
        #expect(result.error.split(separator: "\n").count == 2, "\(result.error)")
      }
    }
  }
}

internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Tenants under the admission policies, and what scripts/test-cluster says where it cannot show them.
@Suite(.timeLimit(.minutes(10))) struct PolicyTests {
  private func testCluster(
    _ arguments: [String] = [], kubeconfig: String, environment: [String: String] = [:]
  ) async throws -> Tool.Result {
    try await Tool.run(
      "\(Stack.root)/scripts/test-cluster", arguments,
      environment: ["KUBECONFIG": kubeconfig, "ARK_BIN": Tool.products].merging(environment) { $1 })
  }

  /// What a cluster has of us.
  private func objects(of stack: Stack) async throws -> [String] {
    let result = try await Tool.run(
      stack.kubectl,
      [
        "--kubeconfig", stack.adminKubeconfig, "get",
        "namespaces,clusterroles,clusterrolebindings,flowschemas,validatingwebhookconfigurations",
        "-o", "name",
      ])
    return result.output.split(separator: "\n").map(String.init)
      .filter { $0.contains("org-") || $0.contains("agent-ready-k8s") }.sorted()
  }

  /// A tenant's whole life, and each request of Tests/admission/cases, on a real API server. It is older
  /// than such policies, so a webhook evaluates them in its place.
  @Test func aTenantLivesUnderThePolicies() async throws {
    let stack = try await Stack.start(only: "kubernetes")
    let before = try await objects(of: stack)
    let result = try await testCluster(["--emulated"], kubeconfig: stack.adminKubeconfig)
    let lines = result.output.split(separator: "\n")
    let failed = lines.filter { $0.hasPrefix("not ok") || $0.hasPrefix("  #") }
    #expect(result.status == 0, "\(failed.joined(separator: "\n")) \(result.error)")
    #expect(lines.count { $0.hasPrefix("ok ") } >= 217)
    let after = try await objects(of: stack)
    #expect(after == before, "left as it was found")
    #expect(before.contains("namespace/agent-ready-k8s-system"))
    try await stack.destroy()
  }

  /// A PUT to a status writes the metadata, too.
  @Test func aQuotaKeepsItsMarkWhenItsStatusIsWritten() async throws {
    try await Scene.play { scene in
      let lost = try await scene.owner.query(
        """
        SELECT s.plan FROM provisioning.blueprint AS s JOIN provisioning.blueprint AS q USING (plan)
        WHERE s.step = 'quota-status' AND q.step = 'resource-quota'
          AND NOT s.body -> 'metadata' @> (q.body -> 'metadata')
        """)
      #expect(lost.isEmpty)
    }
  }

  /// Not skipped, but failed: that is what a missing policy must come to.
  @Test func aClusterWithoutSuchPoliciesFails() async throws {
    let result = try await testCluster(kubeconfig: Stack.current.adminKubeconfig)
    #expect(result.status == 1)
    #expect(result.error.contains("1.30 or newer is needed"), "\(result.error)")
    #expect(result.output.isEmpty)
  }

  @Test func whatElseIsMissingIsSaid() async throws {
    let none = try await testCluster(kubeconfig: "")
    #expect(none.status == 1)
    #expect(none.error.contains("KUBECONFIG is not set"), "\(none.error)")

    let unknown = try await testCluster(kubeconfig: "/nowhere")
    #expect(unknown.status == 1)
    #expect(unknown.error.contains("KUBECONFIG=/nowhere does not answer"), "\(unknown.error)")

    let provisioner = try await testCluster(
      ["--emulated"], kubeconfig: Stack.current.provisionerKubeconfig)
    #expect(provisioner.status == 1)
    #expect(provisioner.error.contains("no administrator of the cluster"), "\(provisioner.error)")

    let wrong = try await testCluster(["--all"], kubeconfig: Stack.current.adminKubeconfig)
    #expect(wrong.status == 1)
    #expect(wrong.error.contains("unknown argument --all"))
  }
}

internal import Foundation
internal import TestSupport
internal import Testing

/// The examples of deploy/kubernetes that the stack does not apply.
@Suite(.timeLimit(.minutes(2))) struct DeploymentTests {
  @Test(arguments: [
    ("agent", ["daemonset", "service", "networkpolicy"]), ("agent-sidecar", ["deployment"]),
  ])
  func theServerTakesTheExamples(folder: String, kinds: [String]) async throws {
    let result = try await Tool.run(
      Stack.current.kubectl,
      [
        "--kubeconfig", Stack.current.adminKubeconfig, "apply", "--dry-run=server", "-k",
        "\(Stack.root)/deploy/kubernetes/\(folder)",
      ])
    #expect(result.status == 0, "\(result.error)")
    for kind in kinds { #expect(result.output.contains("\(kind)"), "\(result.output)") }
    #expect(!result.error.contains("unknown field"))
  }
}

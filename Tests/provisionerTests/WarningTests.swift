internal import Kubernetes
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// What the API server warns of (deprecated versions, policies that only warn) reaches a person.
@Suite(.timeLimit(.minutes(4))) struct WarningTests {
  private static let warning = "v1 Thing is deprecated"

  /// The stack's API server, with a warning in each of its answers.
  private func warningServer() async throws -> ScriptedAPIServer {
    try await ScriptedAPIServer.start { request in
      var answer = try await request.forward()
      answer.headers.append((name: "warning", value: #"299 - "\#(Self.warning)""#))
      return .answer(answer)
    }
  }

  @Test func theDaemonLogsThem() async throws {
    try await Scene.play { scene in
      let server = try await warningServer()
      defer { server.stop() }
      let daemon = try scene.daemon("one", kubeconfig: try server.kubeconfig())
      try await daemon.waitForLine("Kubernetes warns")
      #expect(
        daemon.lines.contains { $0.contains("Kubernetes warns") && $0.contains(Self.warning) })
      let id = try await scene.organization()
      try await eventually("COMMITTED; \(daemon.log)") {
        try await scene.organizationStatus(id) == "COMMITTED"
      }
      #expect(try await daemon.stop() == 0)
    }
  }

  /// Each once, on standard error, and never among the data.
  @Test(arguments: [["check"], ["drift"], ["drift", "--output", "json"]])
  func theCommandsTellThem(_ command: [String]) async throws {
    try await Scene.play { scene in
      let id = try await scene.organization()
      try await scene.work(try scene.worker("one"), until: id, is: "COMMITTED")
      let server = try await warningServer()
      defer { server.stop() }
      let slug = command[0] == "drift" ? ["\(scene.prefix)-acme"] : []
      let result = try await scene.clusterCommand(
        command + slug, kubeconfig: try server.kubeconfig())
      #expect(result.status == 0, "\(result.output)\(result.error)")
      let told = result.error.split(separator: "\n").filter {
        $0 == "provisioner: Kubernetes warns: \(Self.warning)"
      }
      #expect(told.count == 1, "\(result.error)")
      #expect(!result.output.contains(Self.warning))
    }
  }
}

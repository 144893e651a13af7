internal import Foundation
internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// What the API server is told of each call beside the call itself.
@Suite(.timeLimit(.minutes(4))) struct AuditTests {
  @Test func theAuditLogNamesOperationStepAndAttempt() async throws {
    try await Scene.play { scene in
      let server = try await ScriptedAPIServer.start { request in
        request.asks("POST", "/namespaces") && request.nth == 1
          ? .answer(.refusal(429, reason: "TooManyRequests")) : .forward
      }
      defer { server.stop() }
      let client = try KubernetesClient(server.configuration())
      let worker = try scene.worker("one") { _ in KubernetesCaller(client: client) }
      let id = try await scene.organization()
      try await scene.work(worker, until: id, is: "COMMITTED")
      let operation = try #require(
        try await scene.owner.value(
          "SELECT operation_id FROM core.organizations WHERE id = $1", [.int(id)]))
      let names = server.requests.map { $0.header("audit-id") ?? "none" }
      // A step's calls share its name: the write, and what resolves it (the account may be there already).
      let calls = server.requests.map { "\($0.method) \($0.header("audit-id") ?? "none")" }
      #expect(Set(calls).count == calls.count, "\(calls)")
      #expect(names.allSatisfy { $0.hasPrefix("\(operation)/") }, "\(names)")
      // Each attempt has a fence of its own.
      let attempts = names.filter { $0.hasPrefix("\(operation)/namespace/") }
      #expect(attempts == ["\(operation)/namespace/1", "\(operation)/namespace/2"])
    }
  }
}

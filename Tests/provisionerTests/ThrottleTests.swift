internal import Foundation
internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// An API server that has enough to do: a job goes back to the queue, and no worker waits for it.
@Suite(.timeLimit(.minutes(4))) struct ThrottleTests {
  /// What the server asks for, and the pause that follows, in seconds.
  struct Wish: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let header: String?
    let pause: ClosedRange<Double>
  }

  static let wishes = [
    Wish(testDescription: "1", header: "1", pause: 1...1),
    // Then SQL decides: half a second to one at the first attempt.
    Wish(testDescription: "0", header: "0", pause: 0.5...1),
    Wish(testDescription: "absent", header: nil, pause: 0.5...1),
    // Not taken at its word.
    Wish(testDescription: "huge", header: "86400", pause: 300...300),
    Wish(testDescription: "date", header: date(in: 3600), pause: 300...300),
  ]

  private static func date(in seconds: TimeInterval) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return formatter.string(from: Date() + seconds)
  }

  @Test(arguments: wishes, ["/namespaces", "/resourcequotas"])
  func aJobWaitsInTheQueueAndNoWorkerForIt(wish: Wish, write: String) async throws {
    try await Scene.play { scene in
      let throttled = "org-\(scene.prefix)-acme"
      let server = try await ScriptedAPIServer.start { request in
        guard request.asks("POST", write), request.nth == 1,
          request.path.contains(throttled) || request.text.contains(throttled)
        else { return .forward }
        return .answer(
          .refusal(
            429, reason: "TooManyRequests", headers: wish.header.map { [("Retry-After", $0)] } ?? []
          ))
      }
      defer { server.stop() }
      let client = try KubernetesClient(server.configuration())
      let worker = try scene.worker("one") { _ in KubernetesCaller(client: client) }
      let id = try await scene.organization()
      let before = Date()
      #expect(try await worker.workOnce())
      let after = Date()
      let row = try #require(
        try await scene.owner.query(
          """
          SELECT state, error_code, worker, extract(epoch FROM run_at) AS run_at
          FROM provisioning.jobs WHERE org_id = $1
          """, [.int(id)]
        ).first)
      #expect(row["state"] == "queued" && row["error_code"] == "throttled" && row["worker"] == nil)
      let runAt = Date(timeIntervalSince1970: try #require(Double(row["run_at"] ?? "")))
      #expect(runAt >= before + wish.pause.lowerBound && runAt <= after + wish.pause.upperBound)
      #expect(try await scene.organizationStatus(id) == "PENDING")

      // The worker is free: another organisation does not feel it.
      let other = try await scene.organization("other")
      try await scene.work(worker, until: other, is: "COMMITTED")
      try await scene.drain(worker, until: id, is: "COMMITTED")
      try await scene.checkTenant(id)
    }
  }

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

internal import Foundation
internal import TestSupport
internal import Testing

/// The admission policies of deploy/kubernetes/policies, whose expressions are evaluated here on each request
/// of Tests/admission/cases: by CEL's reference implementation, as the API server of these tests is older
/// than such policies. `scripts/test-cluster` sends the same requests to one that has them.
@Suite(.timeLimit(.minutes(5))) struct PolicyTests {
  private static let policies = "\(Stack.root)/deploy/kubernetes/policies"

  /// Judges every case, and then looks for rules and conditions that no case would miss.
  @Test(arguments: [("admission", 320), ("kyverno", 250)])
  func eachRequestIsJudgedAsItShouldBe(folder: String, count: Int) async throws {
    let result = try await Tool.run(
      try await CEL.python(),
      ["\(Stack.root)/Tests/admission/check.py", "\(Self.policies)/\(folder)"])
    let failed = result.output.split(separator: "\n").filter {
      $0.hasPrefix("not ok") || $0.hasPrefix("  #")
    }
    #expect(result.status == 0, "\(failed.joined(separator: "\n")) \(result.error)")
    #expect(result.output.split(separator: "\n").count { $0.hasPrefix("ok ") } >= count)
  }

  /// A policy that is not bound is none, and an evaluator that notices nothing shows nothing.
  @Test func aPolicyOutOfForceIsNoticed() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("ark-policies-\(UUID().uuidString)")
    try FileManager.default.copyItem(atPath: "\(Self.policies)/admission", toPath: folder.path)
    defer { try? FileManager.default.removeItem(at: folder) }
    let bindings = folder.appendingPathComponent("bindings.yaml")
    let text = try String(contentsOf: bindings, encoding: .utf8)
    let kept = text.components(separatedBy: "---\n").filter { !$0.contains("agent-ready-k8s-gate") }
    try kept.joined(separator: "---\n").write(to: bindings, atomically: true, encoding: .utf8)
    let result = try await Tool.run(
      try await CEL.python(), ["\(Stack.root)/Tests/admission/check.py", folder.path])
    #expect(result.status == 1)
    #expect(result.output.contains("not ok 1 - a pod in a closed namespace"), "\(result.output)")
    #expect(!result.output.contains("not ok 40 "))
  }

  @Test func kyvernosSayTheSame() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("ark-kyverno-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let written = try await Tool.run("\(Stack.root)/scripts/kyverno-policies", [folder.path])
    #expect(written.status == 0, "\(written.error)")
    let result = try await Tool.run(
      "/usr/bin/diff", ["-r", "\(Self.policies)/kyverno", folder.path])
    #expect(result.status == 0, "Run scripts/kyverno-policies.\n\(result.output)")
  }
}

/// The Python that has CEL.
enum CEL {
  static func python() async throws -> String {
    let result = try await Tool.run("\(Stack.root)/scripts/cel", [])
    guard result.status == 0 else { throw TestSupportError(result.error) }
    return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

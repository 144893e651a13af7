internal import Foundation
internal import Kubernetes
internal import TestSupport

@testable internal import provisioner

/// The commands beside the daemon, and kubectl.
extension Scene {
  /// Runs a command that asks PostgreSQL alone.
  func command(_ arguments: String..., as user: String = "provisioner") async throws -> Tool.Result
  {
    try await Tool.run(
      Tool.product("provisioner"), arguments + ["--database", database.conninfo(user: user)])
  }

  /// Runs a command that asks Kubernetes, too.
  func clusterCommand(
    _ arguments: String..., as user: String = "provisioner", kubeconfig: String? = nil
  ) async throws -> Tool.Result {
    try await clusterCommand(arguments, as: user, kubeconfig: kubeconfig)
  }

  func clusterCommand(
    _ arguments: [String], as user: String = "provisioner", kubeconfig: String? = nil
  ) async throws -> Tool.Result {
    try await Tool.run(
      Tool.product("provisioner"),
      arguments + [
        "--database", database.conninfo(user: user),
        "--kubeconfig", kubeconfig ?? Stack.current.provisionerKubeconfig,
      ])
  }

  /// Runs kubectl as an administrator on a document.
  func kubectl(_ arguments: String..., document: String) async throws -> Tool.Result {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ark-\(UUID().uuidString)")
    try Data(document.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try await Tool.run(
      Stack.current.kubectl,
      ["--kubeconfig", Stack.current.adminKubeconfig] + arguments + ["-f", file.path])
  }

  /// Lends a kubeconfig that is the provisioner's but for a line.
  func withKubeconfig<Value>(
    replacing line: Regex<Substring>, by text: String, _ body: (String) async throws -> Value
  ) async throws -> Value {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ark-\(UUID().uuidString)")
    let own = try String(contentsOfFile: Stack.current.provisionerKubeconfig, encoding: .utf8)
    try Data(own.replacing(line, with: text).utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try await body(file.path)
  }
}

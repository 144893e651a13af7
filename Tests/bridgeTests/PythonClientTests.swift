internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// The client in Python, which was written from docs/protocol.md.
@Suite(.timeLimit(.minutes(4))) struct PythonClientTests {
  // Debian's, which has the packages.
  private static let python = "/usr/bin/python3"
  private static let folder = "\(Stack.root)/examples/python"

  @Test func itPassesTheTestVectors() async throws {
    let result = try await Tool.run(
      Self.python, ["\(Self.folder)/check_vectors.py", "\(Stack.root)/docs/protocol-vectors.json"])
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.split(separator: "\n").count { $0.hasPrefix("ok ") } >= 15)
  }

  @Test func itIsShort() throws {
    let lines = try String(contentsOfFile: "\(Self.folder)/hotconfig.py", encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 200)
  }

  @Test func itFollowsTheBridgeAndOutlivesRedis() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.5', 'r')")
      let password = try String(
        contentsOfFile: scene.redis.redisPasswordFile("pod-ai"), encoding: .utf8
      ).trimmingCharacters(in: .newlines)
      let url = scene.redis.redisURL("pod-ai").replacing("pod-ai@", with: "pod-ai:\(password)@")
      let client = try DaemonProcess(
        Self.python,
        [
          "\(Self.folder)/watch.py", "--service", "ai", "--database",
          scene.database.conninfo(user: "pod_ai"), "--redis",
          "\(url)?ssl_ca_certs=\(scene.redis.redisCAFile)",
        ])
      try await client.waitForLine("ready")
      // What is loaded is told by another thread.
      try await client.waitForLine("\(org) threshold 0.5 version=1")
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.6', 'r')")
      try await client.waitForLine("\(org) threshold 0.6 version=2")
      try await scene.redis.control("crash", "redis")
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.7', 'r')")
      try await client.waitForLine("\(org) threshold 0.7 version=3")
      try await scene.redis.control("up", "redis")
      try await app.query("SELECT api.set_config('ai', 'threshold', NULL, 'r')")
      try await client.waitForLine("\(org) threshold (deleted) version=4")
      try await client.stop(SIGKILL)
      await app.close()
      try await bridge.stop()
    }
  }
}

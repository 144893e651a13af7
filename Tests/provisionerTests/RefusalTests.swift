internal import Foundation
internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

/// What the provisioner says to servers that let it in and then refuse, and to old ones.
@Suite(.timeLimit(.minutes(4))) struct RefusalTests {
  @Test func withoutServersItSaysWhatIsMissing() async throws {
    let program = Tool.product("provisioner")
    let config = Stack.current.provisionerKubeconfig
    let noDatabase = try await Tool.run(
      program, ["run", "--kubeconfig", config, "--database", "host=127.0.0.1 port=1"])
    #expect(noDatabase.status == 2 && noDatabase.error.contains("HINT"))
    try await TestDatabase.with(.migrated) { database in
      let lost = FileManager.default.temporaryDirectory.appendingPathComponent(
        "ark-\(UUID().uuidString)")
      let text = try String(contentsOfFile: config, encoding: .utf8)
        .replacing(/server: .*/, with: "server: https://127.0.0.1:1")
      try Data(text.utf8).write(to: lost)
      defer { try? FileManager.default.removeItem(at: lost) }
      let noCluster = try await Tool.run(
        program,
        ["run", "--kubeconfig", lost.path, "--database", database.conninfo(user: "provisioner")])
      #expect(noCluster.status == 2 && noCluster.error.contains("HINT"))
      for result in [noDatabase, noCluster] {
        #expect(result.error.split(separator: "\n").count <= 2, "\(result.error)")
      }
    }
  }

  @Test func aLoginWithoutTheRightIsRefused() async throws {
    try await TestDatabase.with(.migrated) { database in
      let result = try await Tool.run(
        Tool.product("provisioner"),
        [
          "run", "--kubeconfig", Stack.current.provisionerKubeconfig, "--database",
          database.conninfo(user: "app"),
        ])
      #expect(result.status == 1)
      #expect(result.error.contains("provisioning") && result.error.contains("HINT"))
      #expect(result.error.split(separator: "\n").count <= 2, "\(result.error)")
    }
  }

  @Test func anOldKubernetesIsRefused() async throws {
    let version = #"{"major":"1","minor":"19+","gitVersion":"v1.19.3-x"}"#
    let old = LocalServer.http(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(version.utf8.count)\r\n\r\n\(version)"
    )
    defer { old.stop() }
    let config = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ark-\(UUID().uuidString)")
    try Data(
      """
      current-context: old
      contexts: [{name: old, context: {cluster: old}}]
      clusters: [{name: old, cluster: {server: "http://127.0.0.1:\(old.port)"}}]
      """.utf8
    ).write(to: config)
    defer { try? FileManager.default.removeItem(at: config) }
    try await TestDatabase.with(.migrated) { database in
      let result = try await Tool.run(
        Tool.product("provisioner"),
        ["run", "--kubeconfig", config.path, "--database", database.conninfo(user: "provisioner")])
      #expect(result.status == 2)
      #expect(result.error.contains("Kubernetes 1.19") && result.error.contains("1.20 or newer"))
      #expect(result.error.split(separator: "\n").count <= 2, "\(result.error)")
    }
  }

  /// A token that has run out says nothing about the organisation: it waits until the token is renewed. One
  /// that was rotated in time is not noticed at all.
  @Test func aTokenThatHasRunOutIsWaitedFor() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let account = try await ServiceAccount(scene)
      let (token, config) = try await account.tokenFile()

      let port = LocalServer.closedPort()
      func ready() async throws -> Tool.Result {
        try await Tool.run(
          "/usr/bin/curl", ["-sS", "-w", " %{http_code}", "http://127.0.0.1:\(port)/readyz"])
      }
      let daemon = try DaemonProcess(
        Tool.product("provisioner"),
        [
          "run", "--database", scene.database.conninfo(user: "provisioner"), "--kubeconfig",
          config, "--poll", "1", "--health-port", "\(port)",
        ])
      try await eventually("readiness of:\n\(daemon.log)") {
        try await ready().output == "ok\n 200"
      }

      try await account.delete()
      // The API server remembers for ten seconds whom it has let in.
      let client = try KubernetesClient(.load(path: config))
      try await eventually("a token that is refused") {
        try await status { try await client.get("/api/v1/namespaces/default") } == 401
      }
      let id = try await scene.organization()
      // Longer than the attempts that a refusal would have.
      try await eventually("seven attempts; \(daemon.log)") {
        try await scene.hurry(id)
        return daemon.lines.count { $0.contains("code=unavailable") } >= 7
      }
      #expect(try await scene.organizationStatus(id) == "PENDING")
      let state = try await ready()
      #expect(state.output.contains("kubernetes: 401") && state.output.hasSuffix(" 503"))

      try await account.create()
      try Data(try await account.token().utf8).write(to: token)
      try await eventually("COMMITTED; \(daemon.log)") {
        try await scene.hurry(id)
        return try await scene.organizationStatus(id) == "COMMITTED"
      }
      try await scene.checkTenant(id)
      try await eventually("readiness of:\n\(daemon.log)") {
        try await ready().output == "ok\n 200"
      }

      // Rotated: the old one is refused, the file has a new one already, and no attempt fails.
      try await account.delete()
      try await account.create()
      let old = try KubernetesClient(.load(path: config))
      try await eventually("a token that is refused") {
        try await status { try await old.get("/api/v1/namespaces/default") } == 401
      }
      try Data(try await account.token().utf8).write(to: token)
      let next = try await scene.organization("next")
      try await eventually("COMMITTED; \(daemon.log)") {
        try await scene.organizationStatus(next) == "COMMITTED"
      }
      #expect(
        try await scene.owner.value(
          "SELECT attempts FROM provisioning.jobs WHERE org_id = $1", [.int(next)]) == "1")
      try await daemon.stop()
      try await account.remove()
    }
  }

  @Test func wrongCallsAreRefusedInTwoLines() async throws {
    let program = Tool.product("provisioner")
    let file = try await Tool.run(program, ["run", "--kubeconfig", "/nowhere/config"])
    #expect(file.status == 1)
    #expect(file.error.contains("/nowhere/config"))
    #expect(file.error.split(separator: "\n").count <= 2)
    let lease = try await Tool.run(program, ["run", "--lease", "0"])
    #expect(lease.status == 1)
    #expect(lease.error.contains("--lease"))
    #expect(lease.error.split(separator: "\n").count <= 2, "\(lease.error)")
    let help = try await Tool.run(program, ["--help"])
    #expect(help.status == 0)
  }
}

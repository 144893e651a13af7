internal import Foundation
internal import HotConfig
internal import Postgres
internal import Redis
internal import TestSupport
internal import Testing

/// Redis with a replica and Sentinels, and Redis whose credentials change.
@Suite(.timeLimit(.minutes(5))) struct FailoverTests {
  /// Neither polls nor reconciles: only what is announced arrives.
  private func subscriber(_ scene: Scene, _ redis: RedisConfiguration) async -> Subscriber {
    var configuration = HotConfigConfiguration(
      services: ["ai"],
      postgres: PostgresConfiguration(conninfo: scene.database.conninfo(user: "pod_ai")),
      redis: redis)
    configuration.poll = .seconds(3600)
    configuration.reconcile = .seconds(3600) ... .seconds(3601)
    let subscriber = Subscriber(configuration)
    await subscriber.all.ready()
    return subscriber
  }

  private func configuration(
    _ scene: Scene, _ user: String, url: String, group: RedisGroup? = nil
  ) throws -> RedisConfiguration {
    var configuration = try RedisConfiguration(
      url: url, caFile: scene.redis.redisCAFile,
      passwordFile: scene.redis.redisPasswordFile(user))
    configuration.sentinels?.passwordFile = group?.sentinelPasswordFile
    return configuration
  }

  private func bridge(_ scene: Scene, url: String, _ more: [String] = []) throws -> DaemonProcess {
    try DaemonProcess(
      Tool.product("bridge"),
      [
        "run", "--database", scene.database.conninfo(user: "bridge"), "--redis", url,
        "--redis-ca-file", scene.redis.redisCAFile, "--redis-password-file",
        scene.redis.redisPasswordFile("bridge"),
      ] + more)
  }

  /// A master that dies, and one that hangs and comes back as a second one, before it is told.
  @Test(arguments: [SIGKILL, SIGSTOP])
  func aFailoverLosesNothing(_ signal: Int32) async throws {
    try await Scene.play { scene in
      let group = try await RedisGroup(of: scene.redis)
      defer { group.stop() }
      let bridge = try bridge(
        scene, url: group.url("bridge"),
        ["--redis-sentinel-password-file", group.sentinelPasswordFile])
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      let subscriber = await subscriber(
        scene, try configuration(scene, "pod-ai", url: group.url("pod-ai"), group: group))

      func change(_ round: Int) async throws {
        try await app.query(
          "SELECT api.set_config('ai', 'threshold', $1, 'r')", [.text("0.\(round)")])
      }
      for round in 1...3 { try await change(round) }
      try await eventually { subscriber.held["\(org)/threshold"] == "0.3@3" }
      group.servers[0].kill(signal)
      // Before anybody has noticed, and meanwhile.
      try await change(4)
      try await group.sentinels[0].waitForLine("+switch-master", within: .seconds(60))
      try await change(5)
      try await eventually(within: .seconds(60), "what was changed meanwhile") {
        subscriber.held["\(org)/threshold"] == "0.5@5"
      }
      if signal == SIGSTOP {
        group.servers[0].kill(SIGCONT)
        try await change(6)
        try await group.servers[0].waitForLine("Connecting to MASTER", within: .seconds(60))
      }
      try await change(7)
      try await eventually(within: .seconds(60)) {
        subscriber.held["\(org)/threshold"] == (signal == SIGSTOP ? "0.7@7" : "0.7@6")
      }
      #expect(!subscriber.hasGoneBack)
      #expect(subscriber.held == (try await scene.stored("ai")))
      await subscriber.stop()
      await app.close()
      #expect(try await bridge.stop() == 0)
    }
  }

  @Test func checkAsksEverySentinel() async throws {
    try await Scene.play { scene in
      let group = try await RedisGroup(of: scene.redis)
      defer { group.stop() }
      func check(_ url: String, _ more: [String] = []) async throws -> Tool.Result {
        try await scene.tool(
          "bridge", "bridge",
          ["check", "--redis-sentinel-password-file", group.sentinelPasswordFile] + more, url: url)
      }
      let good = try await check(group.url("bridge"))
      #expect(good.status == 0, "\(good.output)\(good.error)")
      for port in group.sentinelPorts {
        #expect(
          good.output.contains(
            "ok       Sentinel     127.0.0.1:\(port) names 127.0.0.1:\(group.ports[0])"),
          "\(good.output)")
      }
      let unknown = try await check(group.url("bridge").replacing("/tenants", with: "/others"))
      #expect(unknown.status == 2)
      #expect(unknown.output.contains("knows no master of the name in the URL"))
      #expect(
        unknown.output.contains("FAILED   Redis        Redis: no Sentinel knows a master others"))
      // One of them is enough.
      group.sentinels[0].kill(SIGKILL)
      group.sentinels[1].kill(SIGKILL)
      try await eventually { !group.sentinels[1].isRunning && !group.sentinels[0].isRunning }
      let one = try await check(group.url("bridge"))
      #expect(one.status == 0, "\(one.output)\(one.error)")
      #expect(one.output.contains("warning  Sentinel"))
      // A replica is no server to publish on.
      let replica = try await check("rediss://bridge@127.0.0.1:\(group.ports[1])")
      #expect(replica.status == 2)
      #expect(replica.output.contains("a replica, version"), "\(replica.output)")
    }
  }

  /// A replica refuses no PUBLISH: the bridge asks what the server is, with everything that it publishes.
  @Test func aMasterThatIsDemotedIsNoticed() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      let subscriber = await subscriber(
        scene, try configuration(scene, "pod-ai", url: scene.redis.redisURL("pod-ai")))
      let redis = try await RedisConnection.connect(
        configuration(scene, "operator", url: scene.redis.redisURL("operator")))
      _ = try await redis.send(["REPLICAOF", "127.0.0.1", "1"])
      try await bridge.waitForLine("Redis is no master any more but a slave")
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.9', 'r')")
      _ = try await redis.send(["REPLICAOF", "NO", "ONE"])
      try await eventually(within: .seconds(60)) {
        subscriber.held["\(org)/threshold"] == "0.9@1"
      }
      await redis.close()
      await subscriber.stop()
      await app.close()
      #expect(try await bridge.stop() == 0)
    }
  }

  /// The files are read again at every connection: nobody restarts a daemon for a new password.
  @Test func aNewPasswordIsTakenUp() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      let subscriber = await subscriber(
        scene, try configuration(scene, "pod-ai", url: scene.redis.redisURL("pod-ai")))
      let redis = try await RedisConnection.connect(
        configuration(scene, "operator", url: scene.redis.redisURL("operator")))
      for user in ["bridge", "pod-ai"] {
        let secret = UUID().uuidString
        try secret.write(
          toFile: scene.redis.redisPasswordFile(user), atomically: true, encoding: .utf8)
        _ = try await redis.send(["ACL", "SETUSER", user, "resetpass", ">\(secret)"])
        _ = try await redis.send(["CLIENT", "KILL", "USER", user])
      }
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.9', 'r')")
      try await eventually(within: .seconds(60)) {
        subscriber.held["\(org)/threshold"] == "0.9@1"
      }
      // Whoever has the old one is refused.
      let old = try RedisConfiguration(
        url: scene.redis.redisURL("pod-ai").replacing("pod-ai@", with: "pod-ai:old@"),
        caFile: scene.redis.redisCAFile)
      await #expect(throws: RedisError.self) { _ = try await RedisConnection.connect(old) }
      await redis.close()
      await subscriber.stop()
      await app.close()
      #expect(try await bridge.stop() == 0)
    }
  }

  /// A server that asks its clients for certificates, and is called by another name than its certificate's.
  @Test func aCertificateOfOnesOwnIsShown() async throws {
    try await Scene.play { scene in
      let lent = "\(scene.redis.folder)/redis"
      let made = try await Tool.run(
        "/bin/bash",
        [
          "-c",
          ". scripts/stack.d/certificates.sh; certificate '\(lent)' named /CN=cache.example DNS:cache.example",
        ], folder: Stack.root)
      #expect(made.status == 0, "\(made.error)")
      let port = LocalServer.closedPort()
      let server = try DaemonProcess(
        "/usr/bin/env",
        [
          "redis-server", "--port", "0", "--tls-port", "\(port)", "--bind", "127.0.0.1",
          "--tls-cert-file", "\(lent)/named.crt", "--tls-key-file", "\(lent)/named.key",
          "--tls-ca-cert-file", "\(lent)/ca.crt", "--tls-auth-clients", "yes", "--aclfile",
          "\(lent)/users.acl", "--save", "", "--dir", lent,
        ])
      try await server.waitForLine("Ready to accept connections")
      let url = "rediss://bridge@127.0.0.1:\(port)"
      let without = try await scene.tool("bridge", "bridge", ["check"], url: url)
      #expect(without.status == 2)
      #expect(without.output.contains("FAILED   Redis"), "\(without.output)")
      let own = [
        "--redis-cert-file", "\(lent)/server.crt", "--redis-key-file", "\(lent)/server.key",
        "--redis-server-name", "cache.example",
      ]
      let good = try await scene.tool("bridge", "bridge", ["check"] + own, url: url)
      #expect(good.status == 0, "\(good.output)\(good.error)")
      let broken = try await scene.tool(
        "bridge", "bridge", ["check"] + ["--redis-cert-file", "\(lent)/users.acl"], url: url)
      #expect(broken.output.contains("cannot use the certificate"), "\(broken.output)")
      let misnamed = try await scene.tool(
        "bridge", "bridge", ["check"] + own.dropLast(2), url: url)
      #expect(misnamed.status == 2, "\(misnamed.output)")

      var pod = try configuration(scene, "pod-ai", url: "rediss://pod-ai@127.0.0.1:\(port)")
      pod.certificateFile = "\(lent)/server.crt"
      pod.keyFile = "\(lent)/server.key"
      pod.serverName = "cache.example"
      let subscription = try await RedisSubscription.connect(pod)
      try await subscription.psubscribe(["config:ai:*"])
      await subscription.close()
      server.kill(SIGKILL)
    }
  }
}

internal import Foundation
internal import HotConfig
internal import Postgres
internal import Redis
internal import TestSupport
internal import Testing

/// Redis with a replica and Sentinels, and Redis whose credentials change.
@Suite(.timeLimit(.minutes(5))) struct FailoverTests {
  /// Neither polls nor reconciles: only what is announced arrives.
  private static let tune: @Sendable (inout HotConfigConfiguration) -> Void = { configuration in
    configuration.poll = .seconds(3600)
    configuration.reconcile = .seconds(3600) ... .seconds(3601)
  }

  private func subscriber(_ scene: Scene, _ redis: RedisConfiguration) async -> Subscriber {
    var configuration = HotConfigConfiguration(
      services: ["ai"],
      postgres: PostgresConfiguration(conninfo: scene.database.conninfo(user: "pod_ai")),
      redis: redis)
    Self.tune(&configuration)
    let subscriber = Subscriber(configuration)
    await subscriber.all.ready()
    return subscriber
  }

  private func configuration(
    _ scene: Scene, _ user: String, url: String
  ) throws -> RedisConfiguration {
    try RedisConfiguration(
      url: url, caFile: scene.redis.redisCAFile,
      passwordFile: scene.redis.redisPasswordFile(user))
  }

  /// Row "Redis fails over": a master that dies, and one that hangs and comes back as a second one, before
  /// it is told.
  @Test(arguments: [SIGKILL, SIGSTOP])
  func aFailoverLosesNothing(_ signal: Int32) async throws {
    try await Trial.play(within: .seconds(90)) { trial in
      trial.allow { $0.mayMissAnnouncements = true }
      let group = try await RedisGroup(of: trial.scene.redis)
      defer { group.stop() }
      try await trial.move(to: group)
      try await trial.bridge()
      let writer = try await trial.writer()
      let pod = try await trial.pod { $0.tune = Self.tune }
      for _ in 0..<3 { try await writer.set("flag") }
      let before = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == before }
      group.servers[0].kill(signal)
      // Before anybody has noticed, and meanwhile.
      try await writer.set("flag")
      try await group.sentinels[0].waitForLine("+switch-master", within: .seconds(60))
      let meanwhile = try await writer.set("flag")
      try await eventually(within: .seconds(60), "\(pod.interruptions)") {
        pod.value(writer.orgID, "flag") == meanwhile
      }
      if signal == SIGSTOP {
        group.servers[0].kill(SIGCONT)
        try await writer.set("flag")
        try await group.servers[0].waitForLine("Connecting to MASTER", within: .seconds(60))
      }
      let after = try await writer.set("flag")
      try await eventually(within: .seconds(60), "\(pod.interruptions)") {
        pod.value(writer.orgID, "flag") == after
      }
      try await trial.settle(within: .seconds(90))
    }
  }

  /// Row "Redis fails over", where nothing but the Sentinels tells it: they have lost a master which bridge
  /// and pods still reach, and which calls itself one.
  @Test func theSentinelsWordIsFollowed() async throws {
    try await Trial.play(within: .seconds(90)) { trial in
      trial.allow { $0.mayMissAnnouncements = true }
      let group = try await RedisGroup(of: trial.scene.redis)
      defer { group.stop() }
      try await trial.move(to: group)
      try await trial.bridge()
      let writer = try await trial.writer()
      let pod = try await trial.pod { $0.tune = Self.tune }
      let before = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == before }
      func server(_ index: Int) async throws -> RedisConnection {
        try await RedisConnection.connect(
          RedisConfiguration(
            url: "rediss://operator@127.0.0.1:\(group.ports[index])",
            caFile: trial.scene.redis.redisCAFile,
            passwordFile: trial.scene.redis.redisPasswordFile("operator")))
      }
      let old = try await server(0)
      func clients(of redis: RedisConnection) async throws -> [String] {
        let list = try await redis.send(["CLIENT", "LIST"]).string ?? ""
        return ["bridge", "pod-ai"].filter { list.contains(" user=\($0) ") }
      }
      #expect(try await clients(of: old) == ["bridge", "pod-ai"])
      // The Sentinels are the operator; the replica's connection and this one stay.
      _ = try await old.send(["ACL", "SETUSER", "operator", "resetpass", ">unknown"])
      for type in ["normal", "pubsub"] {
        _ = try await old.send(["CLIENT", "KILL", "TYPE", type, "USER", "operator"])
      }
      try await group.sentinels[0].waitForLine("+switch-master", within: .seconds(60))
      // Not before: who promotes a server ends its clients' connections.
      let new = try await server(1)
      try await eventually(within: .seconds(60), "everybody at the new master") {
        try await clients(of: new) == ["bridge", "pod-ai"]
      }
      // Nobody has told the old one.
      guard case .array(let role?) = try await old.send(["ROLE"]) else {
        throw TestSupportError("no role")
      }
      #expect(role.first?.string == "master")
      #expect(try await clients(of: old) == [])
      let after = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == after }
      try await trial.settle(within: .seconds(90))
      for connection in [old, new] { await connection.close() }
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

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
      // What the losing master takes and passes on, as a user whom nobody cuts off.
      let agent = try await RedisSubscription.connect(
        configuration(trial.scene, "agent", url: "rediss://agent@127.0.0.1:\(group.ports[0])"))
      try await agent.psubscribe(["config:ai:*"])
      let taken = Heard()
      let listening = Task {
        for try await message in agent.messages {
          taken.take(FeedMessage(channel: message.channel, payload: message.payload))
        }
      }
      let name = "\(writer.orgID)/ai/busy"
      let busy = trial.writer(writer.orgID)
      let writing = Task {
        while !Task.isCancelled {
          try await busy.set("busy")
          try? await Task.sleep(for: .milliseconds(5))
        }
      }
      // The Sentinels are the operator; the replica's connection and this one stay.
      _ = try await old.send(["ACL", "SETUSER", "operator", "resetpass", ">unknown"])
      for type in ["normal", "pubsub"] {
        _ = try await old.send(["CLIENT", "KILL", "TYPE", type, "USER", "operator"])
      }
      try await group.servers[1].waitForLine("MASTER MODE enabled", within: .seconds(60))
      let promoted = taken.newest(name).flatMap { Int($0) } ?? 0
      try await group.sentinels[0].waitForLine("+switch-master", within: .seconds(60))
      // From here on there are two masters, and the one that has lost takes what comes.
      let accepted = try await old.send(["PUBLISH", FeedMessage.checkChannel, ""])
      guard case .integer = accepted else { throw TestSupportError("\(accepted)") }
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
      writing.cancel()
      _ = try? await writing.value
      await agent.close()
      _ = try? await listening.value
      let last = taken.newest(name).flatMap { Int($0) } ?? 0
      #expect(last > promoted, "no change was accepted by the losing master")
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
      // The file is read again at every connection.
      let secret = try String(contentsOfFile: group.sentinelPasswordFile, encoding: .utf8)
      var asking = try configuration(scene, "bridge", url: group.url("bridge"))
      asking.sentinels?.passwordFile = group.sentinelPasswordFile
      for (text, isRight) in [("wrong", false), (secret, true)] {
        try text.write(toFile: group.sentinelPasswordFile, atomically: true, encoding: .utf8)
        let connection = try? await RedisConnection.connect(asking)
        #expect((connection != nil) == isRight)
        await connection?.close()
      }
      try await aSentinelsUserMustHearTheSwitch(scene, group)
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

  /// Whoever may ask for the master, and not hear of another one, is told so: by `bridge check`, and by the
  /// bridge, which works all the same.
  private func aSentinelsUserMustHearTheSwitch(_ scene: Scene, _ group: RedisGroup) async throws {
    let (word, file) = ("nosy", "\(scene.redis.folder)/nosy-password")
    try word.write(toFile: file, atomically: true, encoding: .utf8)
    for port in group.sentinelPorts {
      var sentinel = try RedisConfiguration(
        url: "rediss://127.0.0.1:\(port)", caFile: scene.redis.redisCAFile)
      sentinel.passwordFile = group.sentinelPasswordFile
      let connection = try await RedisConnection.connect(sentinel)
      _ = try await connection.send([
        "ACL", "SETUSER", "nosy", "on", ">\(word)", "resetchannels", "+@all",
      ])
      await connection.close()
    }
    let nosy = ["--redis-sentinel-user", "nosy", "--redis-sentinel-password-file", file]
    let check = try await scene.tool(
      "bridge", "bridge", ["check"] + nosy, url: group.url("bridge"))
    #expect(check.status == 2)
    for port in group.sentinelPorts {
      #expect(
        check.output.contains(
          "FAILED   Sentinel     127.0.0.1:\(port) does not let +switch-master be heard: Redis: NOPERM"
        ), "\(check.output)")
    }
    let bridge = try scene.bridge(url: group.url("bridge"), nosy)
    try await bridge.waitForLine(" leads")
    try await bridge.waitForLine("does not hear of a failover")
    // Of each Sentinel once, and not with every attempt.
    func told() -> Int { bridge.lines.count { $0.contains("does not hear of a failover") } }
    try await eventually { told() == 3 }
    try await Task.sleep(for: .seconds(2))
    #expect(told() == 3, "\(bridge.log)")
    #expect(try await bridge.stop() == 0)
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
      let heard = Heard()
      let listener = try await scene.listener()
      let listening = Task {
        for try await message in listener.messages {
          heard.take(FeedMessage(channel: message.channel, payload: message.payload))
        }
      }
      try await app.query("SELECT api.set_config('ai', 'model', 'large', 'r')")
      try await eventually { heard.count("\(org)/ai/model", version: "1") == 1 }
      _ = try await redis.send(["REPLICAOF", "127.0.0.1", "1"])
      try await bridge.waitForLine("Redis is no master any more but a slave")
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.9', 'r')")
      _ = try await redis.send(["REPLICAOF", "NO", "ONE"])
      try await eventually(within: .seconds(60)) {
        subscriber.held["\(org)/threshold"] == "0.9@1"
      }
      // And what it may have taken as a replica, once more.
      try await eventually { heard.count("\(org)/ai/model", version: "1") >= 2 }
      await listener.close()
      _ = try? await listening.value
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

      // Files of its own, each of which becomes right at last: they are read again at every connection.
      var pod = try configuration(scene, "pod-ai", url: "rediss://pod-ai@127.0.0.1:\(port)")
      pod.caFile = "\(lent)/own-ca.crt"
      pod.certificateFile = "\(lent)/own.crt"
      pod.keyFile = "\(lent)/own.key"
      pod.serverName = "cache.example"
      let others = try await Tool.run(
        "/bin/bash",
        [
          "-c",
          ". scripts/stack.d/certificates.sh; mkdir '\(lent)/other'; certificate_authority '\(lent)/other' other; certificate '\(lent)/other' server /CN=x DNS:x; cp '\(lent)/other/ca.crt' '\(lent)/own-ca.crt'; cp '\(lent)/other/server.crt' '\(lent)/own.crt'; cp '\(lent)/other/server.key' '\(lent)/own.key'",
        ], folder: Stack.root)
      #expect(others.status == 0, "\(others.error)")
      func isHeard() async throws -> Bool {
        guard let subscription = try? await RedisSubscription.connect(pod) else { return false }
        let isHeard = (try? await subscription.psubscribe(["config:ai:*"])) != nil
        await subscription.close()
        return isHeard
      }
      for (file, source) in [("own-ca.crt", "ca.crt"), ("own.crt", "server.crt")] {
        #expect(try await !isHeard(), "with another authority's \(file)")
        try Data(contentsOf: URL(filePath: "\(lent)/\(source)"))
          .write(to: URL(filePath: "\(lent)/\(file)"), options: .atomic)
      }
      #expect(try await !isHeard(), "with another certificate's key")
      try Data(contentsOf: URL(filePath: "\(lent)/server.key"))
        .write(to: URL(filePath: "\(lent)/own.key"), options: .atomic)
      #expect(try await isHeard())
      server.kill(SIGKILL)
    }
  }
}

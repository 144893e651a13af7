internal import HotConfig
internal import Postgres
internal import Redis
internal import TestSupport
internal import Testing

/// The commands beside the daemon: `bridge check`, `status`, `replay`.
@Suite(.timeLimit(.minutes(4))) struct OperatorTests {
  @Test func checkNamesWhatIsMissing() async throws {
    let pooler = try await Stack.current.withPgBouncer()
    try await Scene.play { scene in
      let good = try await scene.tool("bridge", "bridge", ["check"])
      #expect(good.status == 0, "\(good.output)\(good.error)")
      let rows = good.output.split(separator: "\n")
      #expect(rows.count == 14 && rows.allSatisfy { $0.hasPrefix("ok ") }, "\(good.output)")

      let pooled = try await scene.tool(
        "bridge", "bridge", ["check"],
        database:
          "host=\(pooler.pgbouncerHost) port=\(pooler.pgbouncerPort) dbname=\(scene.database.name) user=bridge"
      )
      #expect(pooled.status == 0)
      #expect(
        pooled.output.contains("warning  NOTIFY       does not come through"), "\(pooled.output)")

      for (login, user, row) in [
        ("bridge", "pod-ai", "FAILED   PUBLISH      Redis: NOPERM"),
        (
          "app", "bridge",
          "FAILED   function     config.feed_lead(text,interval): may not be called"
        ),
        ("app", "bridge", "FAILED   function     config.feed_resign(text): may not be called"),
        ("nobody", "bridge", "FAILED   PostgreSQL   "),
      ] {
        let bad = try await scene.tool(login, user, ["check"])
        #expect(bad.status == 2, "\(bad.output)\(bad.error)")
        #expect(bad.output.contains(row), "\(bad.output)")
        #expect(bad.output.contains("ok       "), "the rest is tried all the same")
      }
    }
  }

  @Test func statusTellsWhoLeadsAndWhatWaits() async throws {
    try await Scene.play { scene in
      let database = ["--database", scene.database.conninfo(user: "bridge")]
      func status() async throws -> Tool.Result {
        try await Tool.run(Tool.product("bridge"), ["status"] + database)
      }
      let before = try await status()
      #expect(before.status == 3)
      #expect(before.output.contains("leader      none"))
      #expect(before.output.contains("published   never\n"), "\(before.output)")
      #expect(before.error == "bridge: no bridge leads; is one running?\n")

      let bridge = try scene.bridge("one")
      try await bridge.waitForLine("leads")
      let (_, app) = try await scene.tenant()
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.5', 'r')")
      try await eventually {
        let now = try await status()
        return now.status == 0 && now.output.contains("leader      one, for ")
          && now.output.contains("behind      nothing") && now.output.contains("seq         ai ")
          && now.output.firstMatch(of: /published   \d+\.\d s ago\n/) != nil
      }
      try await bridge.stop()
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.6', 'r')")
      let after = try await status()
      #expect(after.status == 3)
      #expect(
        after.output.firstMatch(of: /behind      1 changes, the oldest for \d+\.\d s\n/) != nil,
        "\(after.output)")
      await app.close()

      let refused = try await Tool.run(
        Tool.product("bridge"), ["status", "-d", scene.database.conninfo(user: "app")])
      #expect(refused.status == 1)
      #expect(refused.error.contains("HINT: give the login the group ark_bridge or ark_dba"))
    }
  }

  @Test func replayAnnouncesAgainWhatHolds() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.5', 'r')")
      try await app.query("SELECT api.set_config('email', 'max_retries', '5', 'r')")
      let subscriber = try await scene.subscriber("ai")
      let heard = Heard()
      let listener = try await scene.listener()
      let listening = Task {
        for try await message in listener.messages {
          heard.take(FeedMessage(channel: message.channel, payload: message.payload))
        }
      }
      let status = try await Tool.run(
        Tool.product("bridge"), ["status", "-d", scene.database.conninfo(user: "dba")])
      #expect(status.output.contains("behind      nothing"))
      let held = subscriber.held
      let owner = try await scene.database.connect()
      for (arguments, condition) in [
        (["--service", "ai"], "service = 'ai'"), (["--org", "\(org)"], "org_id = \(org)"),
        (["--key", "threshold"], "key = 'threshold'"), (["--org", "0"], "org_id = 0"),
        (["--org", "0", "--service", "ai"], "org_id = 0 AND service = 'ai'"),
        (["--service", "ai", "--key", "threshold"], "service = 'ai' AND key = 'threshold'"),
        (["--org", "\(org)", "--key", "threshold"], "org_id = \(org) AND key = 'threshold'"),
        (["--all"], "true"),
      ] {
        let expected = try await owner.value(
          "SELECT count(*) FROM config.service_configs WHERE \(condition)")
        let dry = try await scene.tool("bridge", "bridge", ["replay", "--dry-run"] + arguments)
        #expect(dry.output.split(separator: "\n").count == Int(expected!), "\(arguments)")
      }
      let both = try await owner.value(
        "SELECT count(*) FROM config.service_configs WHERE service = 'ai' AND key = 'threshold'")
      let ours = try await owner.value(
        "SELECT count(*) FROM config.service_configs WHERE org_id = $1", [.int(org)])
      await owner.close()

      let dry = try await scene.tool(
        "bridge", "bridge", ["replay", "--service", "ai", "--org", "\(org)", "--dry-run"])
      #expect(dry.output.hasPrefix("config:ai:threshold \"version=1 org_id=\(org) epoch="))
      #expect(heard.count("\(org)/ai/threshold", version: "1") == 0)
      let replay = try await scene.tool(
        "bridge", "bridge", ["replay", "--service", "ai", "--key", "threshold"])
      #expect(replay.status == 0 && replay.output == "announced \(both!)\n", "\(replay.output)")
      try await eventually { heard.count("\(org)/ai/threshold", version: "1") == 1 }
      #expect(heard.newest("\(org)/email/max_retries") == nil)
      // Who holds the version keeps it. (That he reads nothing is one of the protocol's vectors: here a
      // heartbeat may be the reason for a read.)
      #expect(subscriber.held == held && !subscriber.hasGoneBack)

      let one = try await scene.tool("bridge", "bridge", ["replay", "--org", "\(org)"])
      #expect(one.output == "announced \(ours!)\n", "\(one.output)\(one.error)")
      try await eventually { heard.count("\(org)/email/max_retries", version: "1") == 1 }
      #expect(heard.count("\(org)/ai/threshold", version: "1") == 2)

      try await watchShowsWhatAPodSees(scene, org, app)

      for arguments in [["replay"], ["replay", "--all", "--service", "ai"]] {
        let refused = try await scene.tool("bridge", "bridge", arguments)
        #expect(refused.status == 1)
        #expect(refused.error.contains("--all"))
      }
      await subscriber.stop()
      await listener.close()
      _ = try? await listening.value
      await app.close()
      try await bridge.stop()
    }
  }

  private func watchShowsWhatAPodSees(
    _ scene: Scene, _ org: Int64, _ app: PostgresConnection
  ) async throws {
    let watch = try DaemonProcess(
      Tool.product("bridge"),
      [
        "watch", "--service", "ai", "--changes", "1", "--database",
        scene.database.conninfo(user: "pod_ai"), "--redis", scene.redis.redisURL("pod-ai"),
        "--redis-ca-file", scene.redis.redisCAFile, "--redis-password-file",
        scene.redis.redisPasswordFile("pod-ai"),
      ])
    try await watch.waitForLine(" ready    service=ai rows=")
    try await watch.waitForLine(" subscribed config:ai:*")
    #expect(watch.log.contains(" value    org_id=\(org) ai.threshold 0.5 version=1\n"))
    // What another service has is not shown.
    try await app.query("SELECT api.set_config('email', 'max_retries', '6', 'r')")
    try await app.query("SELECT api.set_config('ai', 'threshold', '0.7', 'r')")
    try await eventually("the end of\n\(watch.log)") { watch.exitStatus != nil }
    #expect(watch.exitStatus == 0)
    let message = "message  config:ai:threshold \"version=2 org_id=\(org) epoch="
    #expect(watch.lines.contains { $0.contains(message) }, "\(watch.log)")
    let changed = "changed  org_id=\(org) ai.threshold 0.5 → 0.7 version=2 after="
    #expect(watch.lines.contains { $0.contains(changed) && $0.hasSuffix("ms") }, "\(watch.log)")
    #expect(!watch.log.contains("email"))
  }
}

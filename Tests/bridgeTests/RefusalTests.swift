internal import Postgres
internal import Redis
internal import TestSupport
internal import Testing

/// What the bridge says to servers that let it in and then refuse, and to old ones.
@Suite(.timeLimit(.minutes(4))) struct RefusalTests {
  @Test func aBridgeThatMayNoLongerPublishLeavesTheLeadToAnother() async throws {
    try await Scene.play { scene in
      let one = try scene.bridge("one")
      try await one.waitForLine("leads")
      let two = try scene.bridge("two", as: "operator")
      try await two.waitForLine("stands by")
      let redis = try await RedisConnection.connect(
        RedisConfiguration(
          url: scene.redis.redisURL("operator"), caFile: scene.redis.redisCAFile,
          passwordFile: scene.redis.redisPasswordFile("operator")))
      _ = try await redis.send(["ACL", "SETUSER", "bridge", "-publish"])
      try await two.waitForLine("leads")

      let (org, app) = try await scene.tenant()
      let subscriber = try await scene.subscriber("ai")
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.3', 'by the other one')")
      try await eventually { subscriber.held["\(org)/threshold"] == "0.3@1" }
      try await Task.sleep(for: .seconds(2))
      // One attempt at once, and then with growing pauses.
      let attempts = one.lines.count { $0.contains("interrupted") }
      #expect((1...5).contains(attempts), "\(one.log)")
      #expect(one.log.contains("NOPERM"))

      // With its right back it stands by, and leads when it is its turn.
      _ = try await redis.send(["ACL", "SETUSER", "bridge", "+publish"])
      try await one.waitForLine("stands by")
      try await two.stop()
      try await eventually {
        one.lines.last { $0.contains("leads") || $0.contains("stands by") }?.contains("leads")
          == true
      }
      await subscriber.stop()
      await redis.close()
      await app.close()
      try await one.stop()
    }
  }

  /// Who may not ask for the role would publish on a demoted master and take it for success.
  @Test func aBridgeThatMayNotAskForTheRoleDoesNotPublishBlindly() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let redis = try await RedisConnection.connect(
        RedisConfiguration(
          url: scene.redis.redisURL("operator"), caFile: scene.redis.redisCAFile,
          passwordFile: scene.redis.redisPasswordFile("operator")))
      _ = try await redis.send(["ACL", "SETUSER", "bridge", "-role"])
      try await bridge.waitForLine("Redis does not answer ROLE")
      let check = try await scene.tool("bridge", "bridge", ["check"])
      #expect(check.status == 2)
      #expect(check.output.contains("ok       PUBLISH"), "\(check.output)")
      #expect(check.output.contains("FAILED   ROLE         Redis: NOPERM"), "\(check.output)")
      let run = try await scene.tool("bridge", "bridge", ["run"])
      #expect(run.status == 1)
      #expect(run.error.contains("NOPERM") && run.error.contains("deploy/redis"), "\(run.error)")
      await redis.close()
      try await bridge.stop()
    }
  }

  @Test func aWrongUserIsRefusedInTwoLines() async throws {
    try await Scene.play { scene in
      func run(_ login: String, _ user: String, _ arguments: [String]) async throws -> Tool.Result {
        try await scene.tool(login, user, arguments)
      }
      let login = try await run("app", "bridge", ["run"])
      #expect(login.status == 1)
      #expect(login.error.contains("config.feed_lead"), "\(login.error)")
      let user = try await run("bridge", "pod-ai", ["run"])
      #expect(user.status == 1)
      #expect(user.error.contains("NOPERM") && user.error.contains("deploy/redis"))
      let unheard = try await run("pod_ai", "pod-email", ["watch", "--service", "ai"])
      #expect(unheard.status == 1)
      #expect(unheard.error.contains("NOPERM"))
      let unread = try await run("pod_ai", "pod-email", ["watch", "--service", "email"])
      #expect(unread.status == 1)
      #expect(unread.error.contains("42501"))
      for result in [login, user, unheard, unread] {
        #expect(result.error.split(separator: "\n").count <= 3, "\(result.error)")
        #expect(result.error.contains("HINT: "))
      }
    }
  }

  @Test func aTakenHealthPortIsNamed() async throws {
    try await Scene.play { scene in
      let taken = LocalServer.silent()
      let result = try await scene.tool(
        "bridge", "bridge", ["run", "--health-port", "\(taken.port)"])
      taken.stop()
      #expect(result.status == 1)
      #expect(result.error.contains("127.0.0.1:\(taken.port): Address already in use"))
      #expect(result.error.contains("--health-port"))
    }
  }

  @Test func aSchemeThatDoesNotFitIsHintedAt() async throws {
    try await Scene.play { scene in
      let plain = try await scene.tool(
        "bridge", "bridge", ["run"], url: "redis://bridge@127.0.0.1:\(scene.redis.redisPort)")
      #expect(plain.status == 2)
      #expect(plain.error.contains("rediss://"), "\(plain.error)")
    }
  }

  @Test(arguments: [
    (["-ERR wrong number of arguments for 'auth' command\r\n"], "older than 6"),
    (["+OK\r\n", "-ERR unknown command `HELLO`\r\n"], "older than 6"),
    (
      ["+OK\r\n", "*4\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n6.0.9\r\n"], "6.0.9"
    ),
  ])
  func anOldRedisIsRefused(answers: [String], version: String) async throws {
    try await Scene.play { scene in
      let old = LocalServer.redis(answers)
      let result = try await scene.tool(
        "bridge", "bridge", ["run"], url: "redis://bridge@127.0.0.1:\(old.port)")
      old.stop()
      #expect(result.status == 2)
      #expect(result.error.contains(version) && result.error.contains("6.2 or newer"))
      #expect(result.error.split(separator: "\n").count <= 2, "\(result.error)")
    }
  }

  @Test func anOldPostgreSQLIsRefused() async throws {
    let old = LocalServer.postgres(version: "14.9")
    let result = try await Tool.run(
      Tool.product("bridge"),
      [
        "run", "--database",
        "host=127.0.0.1 port=\(old.port) user=bridge dbname=ark sslmode=disable",
        "--redis", "redis://127.0.0.1:1",
      ])
    old.stop()
    #expect(result.status == 2)
    #expect(result.error.contains("PostgreSQL 14") && result.error.contains("15 or newer"))
    #expect(result.error.split(separator: "\n").count <= 2, "\(result.error)")
  }
}

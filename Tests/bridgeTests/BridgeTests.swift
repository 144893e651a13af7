internal import Foundation
internal import Glibc
internal import HotConfig
internal import Postgres
internal import Redis
internal import TestSupport
internal import Testing

@Suite(.timeLimit(.minutes(4))) struct BridgeTests {
  @Test func aPlainUpdateReachesTheSubscriber() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      try await app.query(
        "INSERT INTO service_configs (service, key, value) VALUES ('ai', 'threshold', '0.75')")
      let dba = try await scene.database.connect(as: "dba")
      let ready = "SELECT ok FROM admin.ready() WHERE item = 'bridge and Redis'"
      #expect(try await dba.value(ready) == "t")
      let subscriber = try await scene.subscriber("ai")
      #expect(subscriber.config.value(orgID: org, "threshold")?.double == 0.75)

      try await app.query("UPDATE service_configs SET value = '0.90' WHERE service = 'ai'")
      try await eventually { subscriber.config.value(orgID: org, "threshold")?.double == 0.9 }
      #expect(subscriber.config.value(orgID: org, "threshold")?.version == 2)
      try await app.query("UPDATE service_configs SET value = NULL WHERE service = 'ai'")
      // Deleted: the platform's value holds again.
      try await eventually { subscriber.config.value(orgID: org, "threshold")?.text == "0.75" }
      try await dba.query("SELECT admin.set_default('ai', 'threshold', '0.8', 'tuned')")
      try await eventually { subscriber.config.value(orgID: org, "threshold")?.text == "0.8" }
      await subscriber.stop()
      #expect(try await bridge.stop() == 0)
      #expect(try await dba.value(ready) == "f")
      await dba.close()
    }
  }

  @Test func whatIsPublishedCarriesNoValue() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let listener = try await scene.listener()
      let (org, app) = try await scene.tenant()
      try await app.query("SELECT api.set_config('webhook', 'url', 'https://new.example/', 'test')")
      for try await message in listener.messages where message.channel == "config:webhook:url" {
        #expect(message.payload.hasPrefix("version=1 org_id=\(org) epoch="))
        #expect(!message.payload.contains("example"))
        break
      }
      await listener.close()
      try await bridge.stop()
    }
  }

  @Test func theNewestVersionOfEveryKeyIsPublished() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let heard = Heard()
      let listener = try await scene.listener()
      let listening = Task {
        for try await message in listener.messages {
          heard.take(FeedMessage(channel: message.channel, payload: message.payload))
        }
      }
      let owner = try await scene.database.connect()
      let orgs = try await makeOrganizations(4, owner)

      // In another database of the cluster, whose transactions hold back xmin here, too.
      let elsewhere = try await TestDatabase.create(.empty, on: scene.database.stack)
      let long = Task {
        let connection = try await elsewhere.connect()
        try await connection.execute(
          "BEGIN; SELECT pg_current_xact_id(); SELECT pg_sleep(10); COMMIT")
        await connection.close()
      }
      // Committed long after it was written.
      let preparer = try await scene.database.connect()
      try await preparer.execute(
        """
        BEGIN; SET LOCAL app.wake_up = off;
        INSERT INTO config.service_configs (org_id, service, key, value)
        VALUES (\(orgs[0]), 'features', 'prepared', 'true');
        PREPARE TRANSACTION 'ark_feed_test';
        """)

      try await withThrowingTaskGroup { group in
        for writer in 0..<24 {
          group.addTask { try await Self.write(scene, writer: writer, orgs: orgs) }
        }
        try await group.waitForAll()
      }
      try await long.value
      try await preparer.query("COMMIT PREPARED 'ark_feed_test'")

      let stored = try await scene.database.connect().query(
        "SELECT org_id, service, key, version FROM config.service_configs WHERE org_id > 0")
      try await eventually("all versions") {
        stored.allSatisfy { row in
          heard.newest("\(row["org_id"]!)/\(row["service"]!)/\(row["key"]!)") == row["version"]
        }
      }
      #expect(stored.count > 24)
      await listener.close()
      _ = try? await listening.value
      for connection in [owner, preparer] { await connection.close() }
      try await elsewhere.drop()
      try await bridge.stop()
    }
  }

  /// Commits, rolls back, and rolls back to savepoints, on keys that the writers share.
  private static func write(_ scene: Scene, writer: Int, orgs: [Int64]) async throws {
    for round in 0..<20 {
      let app = try await scene.app(orgs[(writer + round) % orgs.count])
      let key = "k\((writer * 7 + round) % 16)"
      let value = round % 2 == 0 ? "true" : "false"
      let set = "SELECT api.set_config('features', '\(key)', '\(value)', 'w\(writer)')"
      switch round % 5 {
      case 0: try await app.execute("BEGIN; \(set); ROLLBACK")
      case 1:
        try await app.execute(
          "BEGIN; SAVEPOINT s; \(set); ROLLBACK TO s; SELECT pg_sleep(0.01); \(set); RELEASE s; COMMIT"
        )
      case 2: try await app.execute("BEGIN; \(set); SELECT pg_sleep(0.03); COMMIT")
      default: try await app.execute(set)
      }
      await app.close()
    }
  }

  private func makeOrganizations(_ count: Int, _ owner: PostgresConnection) async throws -> [Int64]
  {
    var ids: [Int64] = []
    for number in 0..<count { ids.append(try await owner.createOrganization("org\(number)")) }
    return ids
  }

  @Test func aKilledLeaderIsReplacedAndATerminatedOneAtOnce() async throws {
    try await Scene.play { scene in
      let first = try scene.bridge("one")
      try await first.waitForLine("leads")
      let second = try scene.bridge("two")
      try await second.waitForLine("stands by")
      let third = try scene.bridge("three")
      try await third.waitForLine("stands by")

      let killed = ContinuousClock.now
      try await first.stop(SIGKILL)
      try await eventually(within: .seconds(10), "a new leader") {
        second.log.contains("leads") || third.log.contains("leads")
      }
      #expect(killed.duration(to: .now) < .seconds(8))

      let (leader, other) = second.log.contains("leads") ? (second, third) : (third, second)
      let terminated = ContinuousClock.now
      #expect(try await leader.stop() == 0)
      #expect(leader.log.contains("resigned"))
      try await other.waitForLine("leads")
      #expect(terminated.duration(to: .now) < .seconds(3))
      try await other.stop()
    }
  }

  /// For a Redis that has lost what it took, or a replica that never had it.
  @Test func whoeverTakesTheLeadAnnouncesAgainWhatWasAnnouncedLately() async throws {
    try await Scene.play { scene in
      let first = try scene.bridge("one")
      try await first.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      let subscriber = try await scene.subscriber("ai")
      for value in ["0.1", "0.2"] {
        try await app.query("SELECT api.set_config('ai', 'threshold', $1, 'r')", [.text(value)])
      }
      try await eventually { subscriber.held["\(org)/threshold"] == "0.2@2" }
      let owner = try await scene.database.connect()
      try await eventually("a cursor past the change") {
        try await owner.value(
          "SELECT bool_and(pg_visible_in_snapshot(xid, (SELECT snapshot FROM config.feed))) FROM config.service_configs"
        ) == "t"
      }
      try await first.stop()

      let heard = Heard()
      let listener = try await scene.listener()
      let listening = Task {
        for try await message in listener.messages {
          heard.take(FeedMessage(channel: message.channel, payload: message.payload))
        }
      }
      let second = try scene.bridge("two")
      try await eventually { heard.newest("\(org)/ai/threshold") == "2" }
      #expect(heard.count("\(org)/ai/threshold", version: "2") == 1)
      // What is older than the oldest snapshot of the ring is not announced again.
      try await owner.execute(
        "DELETE FROM config.feed_ring; INSERT INTO config.feed_ring (snapshot) SELECT snapshot FROM config.feed"
      )
      try await second.stop()
      let third = try scene.bridge("three")
      try await third.waitForLine("leads")
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.3', 'r')")
      try await eventually { heard.newest("\(org)/ai/threshold") == "3" }
      #expect(heard.count("\(org)/ai/threshold", version: "2") == 1)

      await subscriber.stop()
      await listener.close()
      _ = try? await listening.value
      for connection in [owner, app] { await connection.close() }
      try await third.stop()
    }
  }

  /// The bridge cannot know what became of what it has published before its connection was lost.
  @Test func whoLosesRedisAnnouncesAgainWhatWasAnnouncedLately() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let heard = Heard()
      let listener = try await scene.listener()
      let listening = Task {
        for try await message in listener.messages {
          heard.take(FeedMessage(channel: message.channel, payload: message.payload))
        }
      }
      let (org, app) = try await scene.tenant()
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.1', 'r')")
      let owner = try await scene.database.connect()
      try await eventually("a cursor past the change") {
        try await owner.value(
          "SELECT bool_and(pg_visible_in_snapshot(xid, (SELECT snapshot FROM config.feed))) FROM config.service_configs"
        ) == "t"
      }
      try await eventually { heard.count("\(org)/ai/threshold", version: "1") == 1 }
      let redis = try await RedisConnection.connect(
        RedisConfiguration(
          url: scene.redis.redisURL("operator"), caFile: scene.redis.redisCAFile,
          passwordFile: scene.redis.redisPasswordFile("operator")))
      _ = try await redis.send(["CLIENT", "KILL", "USER", "bridge"])
      try await eventually { heard.count("\(org)/ai/threshold", version: "1") == 2 }
      await redis.close()
      await listener.close()
      _ = try? await listening.value
      for connection in [owner, app] { await connection.close() }
      #expect(try await bridge.stop() == 0)
    }
  }

  @Test func aSubscriberOfOneServiceSeesNoFalseGap() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      let subscriber = try await scene.subscriber("ai")
      let email = try await scene.subscriber("email")
      // The first heartbeat tells the incarnation, which costs one read.
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.1', 'first')")
      try await eventually { subscriber.held["\(org)/threshold"] == "0.1@1" }
      try await Task.sleep(for: .seconds(1.5))
      let loads = subscriber.loads
      for value in 1...20 {
        try await app.query(
          "SELECT api.set_config('email', 'max_retries', $1, 'other')", [.text("\(value)")])
      }
      try await eventually { email.held["\(org)/max_retries"] == "20@20" }
      // Two more heartbeats of every service.
      try await Task.sleep(for: .seconds(2.5))
      #expect(subscriber.loads == loads)
      await subscriber.stop()
      await email.stop()
      await app.close()
      try await bridge.stop()
    }
  }

  @Test func keysOfOneTransactionArriveTogether() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      let subscriber = try await scene.subscriber("features")
      for round in 1...10 {
        let value = round % 2 == 0 ? "true" : "false"
        try await app.execute(
          """
          BEGIN;
          SELECT api.set_config('features', 'a', '\(value)', 'both');
          SELECT api.set_config('features', 'b', '\(value)', 'both');
          COMMIT;
          """)
        try await eventually {
          let values = subscriber.config.values
          let a = values[ConfigValue.Key(orgID: org, key: "a")]
          let b = values[ConfigValue.Key(orgID: org, key: "b")]
          #expect(a?.version == b?.version)
          return a?.version == Int64(round)
        }
      }
      await subscriber.stop()
      await app.close()
      try await bridge.stop()
    }
  }

  @Test func theHealthPortTellsLifeReadinessAndFigures() async throws {
    try await Scene.play { scene in
      let port = Int.random(in: 33_000...60_000)
      let bridge = try scene.bridge(
        "one", as: "bridge", ["--health-port", "\(port)", "--log-format", "json"])
      func ask(_ path: String) async throws -> Tool.Result {
        try await Tool.run(
          "/usr/bin/curl", ["-sS", "-w", " %{http_code}", "http://127.0.0.1:\(port)\(path)"])
      }
      try await eventually { try await ask("/readyz").output == "ok\n 200" }
      #expect(try await ask("/healthz").output.hasSuffix(" 200"))
      let metrics = try await ask("/metrics").output
      #expect(metrics.contains("# TYPE bridge_leader gauge\nbridge_leader 1\n"))
      for line in bridge.lines {
        #expect(line.hasPrefix("{\"time\":\"2") && line.hasSuffix("}"), "\(line)")
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
      }
      // Not ready while Redis is away, and again when it is back.
      try await scene.redis.control("crash", "redis")
      try await eventually {
        try await ask("/readyz").output.hasSuffix(" 503")
      }
      #expect(try await ask("/healthz").output.hasSuffix(" 200"))
      try await scene.redis.control("up", "redis")
      try await eventually {
        try await ask("/readyz").output.hasSuffix(" 200")
      }
      try await bridge.stop()
    }
  }

  /// After a restore of hundreds of thousands of rows, say: each attempt that is given up begins anew.
  @Test func aLeadThatTakesLongIsWaitedForLonger() async throws {
    try await Scene.play { scene in
      let owner = try await scene.database.connect()
      try await owner.execute(
        """
        CREATE FUNCTION public.slowly() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN PERFORM pg_sleep(7); RETURN NULL; END';
        CREATE TRIGGER slowly BEFORE UPDATE OF leader ON config.feed
          FOR EACH STATEMENT EXECUTE FUNCTION public.slowly();
        """)
      let bridge = try scene.bridge()
      try await eventually(within: .seconds(60), "a lead in \(bridge.log)") {
        bridge.log.contains(" leads")
      }
      #expect(bridge.log.contains("config.feed_lead did not answer within 5.0 seconds"))
      try await owner.execute("DROP TRIGGER slowly ON config.feed")
      await owner.close()
      try await bridge.stop()
    }
  }

  /// Connections to the health port that ask nothing take no file from the bridge for long, and none that it
  /// needs.
  @Test func whoSaysNothingAtTheHealthPortHoldsUpNobody() async throws {
    try await Scene.play { scene in
      let port = LocalServer.closedPort()
      let bridge = try scene.bridge("one", as: "bridge", ["--health-port", "\(port)"])
      try await bridge.waitForLine("leads")
      var crowd: [Int32] = []
      for text in ["", "GET /heal", "GET /healthz HTTP/1.1\r\nContent-Length: 9\r\n\r\n"] {
        for _ in 0..<100 {
          let descriptor = LocalAddress.port(port).connect()
          _ = text.utf8CString.withUnsafeBytes {
            send(descriptor, $0.baseAddress, text.utf8.count, 0)
          }
          crowd.append(descriptor)
        }
      }
      // The bridge has closed each of them: nothing is left to read, or what is left is the answer.
      for descriptor in crowd {
        try await eventually(within: .seconds(90), "the end of \(descriptor)") {
          var bytes = [UInt8](repeating: 0, count: 1024)
          return recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT)) == 0
        }
        close(descriptor)
      }
      let answer = try await LocalClient.get(.port(port), "/readyz")
      #expect(answer.status == 200)
      try await bridge.stop()
    }
  }

  @Test func withoutServersItSaysWhatIsMissing() async throws {
    try await Scene.play { scene in
      func run(_ database: String, _ redis: String) async throws -> Tool.Result {
        try await Tool.run(
          Tool.product("bridge"),
          [
            "run", "--database", database, "--redis", redis, "--redis-ca-file",
            scene.redis.redisCAFile, "--redis-password-file",
            scene.redis.redisPasswordFile("bridge"),
          ])
      }
      let good = scene.database.conninfo(user: "bridge")
      let noDatabase = try await run("host=127.0.0.1 port=1", scene.redis.redisURL("bridge"))
      #expect(noDatabase.status == 2 && noDatabase.error.contains("HINT"))
      let noRedis = try await run(good, "rediss://bridge@127.0.0.1:1")
      #expect(noRedis.status == 2 && noRedis.error.contains("HINT"))
      let wrongUser = try await run(good, scene.redis.redisURL("nobody"))
      #expect(wrongUser.status == 2 && wrongUser.error.contains("WRONGPASS"))
      let empty = try await TestDatabase.create(.empty)
      let notMigrated = try await run(
        empty.conninfo(), scene.redis.redisURL("bridge"))
      #expect(notMigrated.status == 1 && notMigrated.error.contains("migrate up"))
      try await empty.drop()
      for result in [noDatabase, noRedis, wrongUser, notMigrated] {
        #expect(result.error.split(separator: "\n").count <= 2, "\(result.error)")
      }
    }
  }

  @Test func wrongCallsAreRefusedInTwoLines() async throws {
    let none = try await Tool.run(
      Tool.product("bridge"), ["run"], environment: ["REDIS_URL": ""])
    #expect(none.status == 1)
    #expect(none.error.contains("REDIS_URL"))
    let scheme = try await Tool.run(Tool.product("bridge"), ["run", "--redis", "http://x"])
    #expect(scheme.status == 1)
    #expect(scheme.error.contains("redis[s]://"))
    let option = try await Tool.run(Tool.product("bridge"), ["run", "--nonsense"])
    #expect(option.status == 1)
    let instance = try await Tool.run(
      Tool.product("bridge"), ["run", "--redis", "redis://x", "--instance", ""])
    #expect(instance.status == 1)
    #expect(instance.error.contains("--instance"))
    for result in [none, scheme, option, instance] {
      #expect(result.error.split(separator: "\n").count <= 2, "\(result.error)")
    }
    let help = try await Tool.run(Tool.product("bridge"), ["--help"])
    #expect(help.status == 0 && help.output.contains("watch"))
  }
}

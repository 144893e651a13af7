internal import Foundation
internal import HotConfig
internal import Postgres
internal import Redis
internal import Synchronization
internal import TestSupport
internal import Testing

/// The library on real servers: what it promises beyond a subscription that works.
@Suite(.timeLimit(.minutes(4))) struct HotConfigTests {
  private func configuration(_ scene: Scene, redis: Bool = true) throws -> HotConfigConfiguration {
    HotConfigConfiguration(
      services: ["ai"],
      postgres: PostgresConfiguration(conninfo: scene.database.conninfo(user: "pod_ai")),
      redis: redis
        ? try RedisConfiguration(
          url: scene.redis.redisURL("pod-ai"), caFile: scene.redis.redisCAFile,
          passwordFile: scene.redis.redisPasswordFile("pod-ai")) : nil)
  }

  private func inFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ark-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  @Test func itIsWarmWhenItIsConnectedAndTellsChanges() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.8', 'r')")
      let config = try await HotConfig.connect(configuration(scene))
      #expect(config.state == .ready)
      let ai = config.service("ai")
      #expect(try ai.value(orgID: org, "threshold", as: Double.self) == 0.8)
      #expect(throws: HotConfigError.noValue(service: "ai", key: "none", orgID: org)) {
        try ai.value(orgID: org, "none", as: String.self)
      }
      #expect(
        throws: HotConfigError.wrongType(
          service: "ai", key: "threshold", orgID: org, type: "Bool")
      ) {
        try ai.value(orgID: org, "threshold", as: Bool.self)
      }

      let changes = config.changes(service: "ai", key: "threshold")
      for (value, version) in [("0.81", 2), ("0.82", 3)] {
        try await app.query(
          "SELECT api.set_configs($1, 'r')",
          [
            .json(
              """
              [{"service": "ai", "key": "threshold", "value": \(value)},
               {"service": "ai", "key": "model", "value": "\(version == 2 ? "medium" : "large")"}]
              """)
          ])
      }
      var seen: [String?] = []
      for await change in changes {
        #expect(change.service == "ai" && change.key.orgID == org && change.key.key == "threshold")
        seen.append(change.new?.text)
        if change.new?.version == 3 { break }
      }
      #expect(seen == ["0.81", "0.82"] || seen == ["0.82"])
      // Both keys of a transaction at once.
      #expect(try ai.value(orgID: org, "model", as: String.self) == "large")
      try await typedValues(scene, org, app, ai)
      let rest = config.changes(service: "ai")
      await config.close()
      for await _ in rest {}
      // Of what is over there are no changes.
      for await _ in config.changes(service: "ai") {}
      await app.close()
      try await bridge.stop()
    }
  }

  private struct Plan: Decodable, Equatable {
    var steps: [Int]
    var name: String?
  }

  private func typedValues(
    _ scene: Scene, _ org: Int64, _ app: PostgresConnection, _ ai: ServiceConfig
  ) async throws {
    let owner = try await scene.database.connect()
    // Beyond what a Double holds.
    let large: Int64 = 9_007_199_254_740_993
    for (key, type, value) in [
      ("limit", "integer", "42"), ("large", "integer", "\(large)"), ("on", "boolean", "true"),
      ("off", "boolean", "false"), ("ratio", "number", "0.25"),
      ("plan", "json", #"{"steps": [1, 2], "name": null}"#),
    ] {
      try await owner.query(
        "SELECT admin.define_key('ai', $1, $2, 'd')", [.text(key), .text(type)])
      try await app.query(
        "SELECT api.set_config('ai', $1, $2, 'r')", [.text(key), .text(value)])
    }
    await owner.close()
    try await eventually { ai.value(orgID: org, "plan") != nil }
    #expect(try ai.value(orgID: org, "limit", as: Int.self) == 42)
    #expect(try ai.value(orgID: org, "large", as: Int64.self) == large)
    #expect(ai.value(orgID: org, "large")?.integer == large)
    #expect(try ai.value(orgID: org, "on", as: Bool.self))
    #expect(try !ai.value(orgID: org, "off", as: Bool.self))
    #expect(ai.value(orgID: org, "off")?.boolean == false)
    #expect(try ai.json(orgID: org, "plan", as: Plan.self) == Plan(steps: [1, 2], name: nil))
    func mistake(_ key: String, _ type: String) -> HotConfigError {
      .wrongType(service: "ai", key: key, orgID: org, type: type)
    }
    #expect(throws: mistake("ratio", "Int")) { try ai.value(orgID: org, "ratio", as: Int.self) }
    #expect(throws: mistake("on", "Int64")) { try ai.value(orgID: org, "on", as: Int64.self) }
    #expect(throws: mistake("limit", "Plan")) { try ai.json(orgID: org, "limit", as: Plan.self) }
    #expect(throws: HotConfigError.noValue(service: "ai", key: "none", orgID: org)) {
      try ai.json(orgID: org, "none", as: Plan.self)
    }
  }

  /// A thousand hear an announcement in the same millisecond, and do not ask in the same one. The bridge is
  /// gone: what is published is the test's.
  @Test func oneOfAThousandWaitsByChance() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      var configuration = try configuration(scene)
      configuration.silence = .seconds(3600)
      configuration.reconcile = .seconds(3600) ... .seconds(3601)
      configuration.jitter = .seconds(2)
      let config = try await HotConfig.connect(configuration)
      let service = config.service("ai")
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.1', 'r')")
      try await eventually { service.value(orgID: org, "threshold")?.version == 1 }
      try await bridge.stop()
      let epoch = try #require(service.epoch)
      let redis = try await scene.operator()
      var seq: Int64 = 1_000_000
      var version: Int64 = 1
      func publish(_ message: FeedMessage) async throws {
        _ = try await redis.send(["PUBLISH", message.channel, message.payload])
      }
      /// How long it takes until the service has another five changes, one by one.
      func changes() async throws -> Duration {
        let start = ContinuousClock.now
        for _ in 1...5 {
          version += 1
          seq += 1
          try await app.query(
            "SELECT api.set_config('ai', 'threshold', $1, 'r')", [.text("0.\(version)")])
          try await publish(
            .announcement(
              service: "ai", key: "threshold", version: version, orgID: org,
              FeedMessage.Position(epoch: epoch, incarnation: .max, seq: seq)))
          try await eventually { service.value(orgID: org, "threshold")?.version == version }
        }
        return start.duration(to: .now)
      }
      try await publish(
        .heartbeat(
          service: "ai", FeedMessage.Position(epoch: epoch, incarnation: .max, seq: seq),
          subscribers: 1000))
      // Five times up to two seconds: less than 0.8 in all happens once in ten thousand times.
      let took = try await changes()
      #expect(took > .milliseconds(800))
      await redis.close()
      await config.close()
      await app.close()
    }
  }

  /// A pooler's connection is kept, unless it is told otherwise, and what the pooler closes is no loss.
  @Test(arguments: [nil, .zero, .seconds(600)] as [Duration?])
  func throughAPoolerItHoldsAConnectionAsLongAsItIsTold(_ linger: Duration?) async throws {
    let pooler = try await Stack.current.withPgBouncer()
    let address = "host=\(pooler.podsPgbouncerHost) port=\(pooler.podsPgbouncerPort)"
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      var configuration = try configuration(scene)
      configuration.postgres.conninfo = "\(address) dbname=\(scene.database.name) user=pod_ai"
      configuration.linger = linger
      let config = try await HotConfig.connect(configuration)
      let console = try await PostgresConnection.connect(
        PostgresConfiguration(conninfo: "\(address) dbname=pgbouncer user=operator"))
      func clients() async throws -> Int {
        try await console.execute("SHOW CLIENTS")[0].count {
          $0["database"] == scene.database.name && $0["user"] == "pod_ai"
        }
      }
      func change(_ value: String) async throws {
        try await app.query("SELECT api.set_config('ai', 'threshold', $1, 'r')", [.text(value)])
        try await eventually {
          config.service("ai").value(orgID: org, "threshold")?.text == value
        }
      }
      try await change("0.1")
      try await eventually { try await clients() == (linger == .zero ? 0 : 1) }
      try await console.execute("KILL \(scene.database.name)")
      try await console.execute("RESUME \(scene.database.name)")
      try await change("0.2")
      try await eventually { try await clients() == (linger == .zero ? 0 : 1) }
      await config.close()
      try await eventually { try await clients() == 0 }
      for connection in [console, app] { await connection.close() }
      #expect(try await bridge.stop() == 0)
    }
  }

  /// Of PostgreSQL itself nothing is held between two reads.
  @Test func withoutAPoolerItHoldsNoConnection() async throws {
    try await Scene.play { scene in
      let owner = try await scene.database.connect()
      let config = try await HotConfig.connect(configuration(scene))
      try await eventually {
        try await owner.value(
          "SELECT count(*) FROM pg_stat_activity WHERE usename = 'pod_ai' AND datname = current_database()"
        ) == "0"
      }
      #expect(config.service("ai").epoch != nil)
      await config.close()
      await owner.close()
    }
  }

  @Test func withoutRedisItPolls() async throws {
    try await Scene.play { scene in
      let (org, app) = try await scene.tenant()
      var configuration = try configuration(scene, redis: false)
      configuration.poll = .milliseconds(200)
      let config = try await HotConfig.connect(configuration)
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.3', 'r')")
      try await eventually { config.service("ai").value(orgID: org, "threshold")?.text == "0.3" }
      await config.close()
      await app.close()
    }
  }

  /// What its login may load besides from now on is nothing new in the database, but it is to the pod. Here
  /// it neither polls nor compares.
  @Test func whatItIsBoundToLaterArrivesAtOnce() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let owner = try await scene.database.connect()
      let orgs = [
        try await owner.createOrganization("one"), try await owner.createOrganization("two"),
        try await owner.createOrganization("three"),
      ]
      for org in orgs {
        let app = try await scene.app(org)
        try await app.query("SELECT api.set_config('ai', 'threshold', '0.\(org)', 'r')")
        await app.close()
      }
      try await owner.query("SELECT admin.bind_pod('pod_webhook', 'ai', $1)", [.int(orgs[0])])
      var configuration = try configuration(scene)
      configuration.postgres.conninfo = scene.database.conninfo(user: "pod_webhook")
      configuration.poll = .seconds(3600)
      configuration.reconcile = .seconds(3600) ... .seconds(3601)
      let config = try await HotConfig.connect(configuration)
      let ai = config.service("ai")
      func held() -> [Int64] {
        orgs.filter { ai.values[ConfigValue.Key(orgID: $0, key: "threshold")] != nil }
      }
      #expect(held() == [orgs[0]])
      try await owner.query("SELECT admin.bind_pod('pod_webhook', 'ai', $1)", [.int(orgs[1])])
      try await eventually { held() == [orgs[0], orgs[1]] }
      try await owner.query("SELECT admin.bind_pod('pod_webhook', 'ai')")
      try await eventually { held() == orgs }
      await config.close()
      await owner.close()
      #expect(try await bridge.stop() == 0)
    }
  }

  /// A bridge that is not there, or Redis: the same.
  @Test func withoutABridgeItPolls() async throws {
    try await Scene.play { scene in
      let (org, app) = try await scene.tenant()
      var configuration = try configuration(scene)
      configuration.poll = .milliseconds(500)
      configuration.silence = .seconds(1)
      let subscriptions = Mutex(0)
      let config = try await HotConfig.connect(configuration) { event in
        if case .subscribed = event { subscriptions.withLock { $0 += 1 } }
      }
      // Redis answers, and nobody publishes: it may be the wrong one, or the connection a dead one.
      try await eventually("another subscription") { subscriptions.withLock { $0 } > 1 }
      for (round, trouble) in ["silence", "crash"].enumerated() {
        if trouble == "crash" { try await scene.redis.control("crash", "redis") }
        try await app.query(
          "SELECT api.set_config('ai', 'threshold', $1, 'r')", [.text("0.\(round)")])
        try await eventually {
          config.service("ai").value(orgID: org, "threshold")?.text == "0.\(round)"
        }
        #expect(config.state == .ready, "what is polled is current")
      }
      await config.close()
      await app.close()
    }
  }

  /// Somebody publishes what no bridge of ours will ever reach. What it says is not heeded any more; so the
  /// database is asked.
  @Test func aNumberTooHighCostsSecondsOnly() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      var configuration = try configuration(scene)
      configuration.poll = .milliseconds(500)
      configuration.silence = .seconds(2)
      let config = try await HotConfig.connect(configuration)
      let service = config.service("ai")
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.1', 'r')")
      try await eventually { service.value(orgID: org, "threshold")?.text == "0.1" }
      let redis = try await RedisConnection.connect(
        RedisConfiguration(
          url: scene.redis.redisURL("bridge"), caFile: scene.redis.redisCAFile,
          passwordFile: scene.redis.redisPasswordFile("bridge")))
      let epoch = try #require(service.epoch)
      let forged = FeedMessage.heartbeat(
        service: "ai",
        FeedMessage.Position(epoch: epoch, incarnation: .max, seq: .max))
      let reached = try await redis.send(["PUBLISH", forged.channel, forged.payload])
      #expect(reached == .integer(1))
      for round in 2...4 {
        try await app.query(
          "SELECT api.set_config('ai', 'threshold', $1, 'r')", [.text("0.\(round)")])
        try await eventually { service.value(orgID: org, "threshold")?.text == "0.\(round)" }
      }
      #expect(config.state == .ready)
      await redis.close()
      await config.close()
      await app.close()
      try await bridge.stop()
    }
  }

  @Test func whatIsKeptServesAStartWithoutServers() async throws {
    try await Scene.play(ownPostgres: true) { scene in
      try await inFolder { folder in
        let (org, app) = try await scene.tenant()
        try await app.query("SELECT api.set_config('ai', 'threshold', '0.4', 'r')")
        var configuration = try configuration(scene, redis: false)
        configuration.lastKnownGood = folder
        configuration.patience = .seconds(1)
        let first = try await HotConfig.connect(configuration)
        try await eventually {
          FileManager.default.fileExists(atPath: folder + "/ai.json")
        }
        await first.close()
        await app.close()
        try await scene.redis.control("crash", "postgres")

        let second = try await HotConfig.connect(configuration)
        #expect(second.state == .stale)
        #expect(second.service("ai").value(orgID: org, "threshold")?.text == "0.4")
        configuration.lastKnownGood = nil
        await #expect {
          _ = try await HotConfig.connect(configuration)
        } throws: { error in
          guard case HotConfigError.notLoaded(service: "ai", let why) = error else { return false }
          return why.contains("connect")
        }
        try await scene.redis.control("up", "postgres")
        try await eventually { second.state == .ready }
        await second.close()
      }
    }
  }

  @Test func administratorsSeeWhatPodsHaveApplied() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (_, app) = try await scene.tenant()
      var configuration = try configuration(scene)
      configuration.pod = "ai-7d9c5b6f4-x2k9p"
      configuration.report = .milliseconds(200)
      let config = try await HotConfig.connect(configuration)
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.5', 'r')")
      let dba = try await scene.database.connect(as: "dba")
      try await eventually {
        try await dba.value(
          """
          SELECT state FROM admin.pods('ai') WHERE pod = 'ai-7d9c5b6f4-x2k9p' AND service = 'ai'
          AND reloads = 1 AND reload_ms_max > 0 AND is_current AND behind = 0
          """) == "READY"
      }
      // Between two reads it holds no connection.
      try await eventually {
        try await dba.value(
          "SELECT count(*) FROM pg_stat_activity WHERE usename = 'pod_ai' AND datname = current_database()"
        ) == "0"
      }
      #expect(try await dba.value("SELECT count(*) FROM admin.drift()") == "0")
      await config.close()
      // Who does not follow is told apart.
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.6', 'r')")
      try await eventually {
        try await dba.value("SELECT why FROM admin.drift() WHERE pod = 'ai-7d9c5b6f4-x2k9p'")
          == "1 announcements behind"
      }
      for connection in [app, dba] { await connection.close() }
      try await bridge.stop()
    }
  }
}

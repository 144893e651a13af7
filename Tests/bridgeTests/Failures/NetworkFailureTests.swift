internal import Foundation
internal import HotConfig
internal import Postgres
internal import Redis
internal import TestSupport
internal import Testing

/// The ways between the bridge, the pods and the servers. Dropped packets are dropped by the kernel: they
/// are neither acknowledged nor reset.
@Suite(.timeLimit(.minutes(6))) struct NetworkFailureTests {
  private func databaseRelay(_ trial: Trial) -> (Relay, conninfo: String) {
    let stack = trial.scene.database.stack
    let relay = Relay(toSocket: "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)")
    return (relay, "host=127.0.0.1 port=\(relay.port) dbname=\(trial.scene.database.name)")
  }

  /// Row "LISTEN socket black-holed": the bridge's other connection works, so nothing else shows it.
  @Test func theListeningSocketIsBlackHoled() async throws {
    try await Trial.play { trial in
      let (relay, conninfo) = databaseRelay(trial)
      defer { relay.stop() }
      let bridge = try await trial.bridge(database: "\(conninfo) user=bridge")
      try await bridge.waitForLine("leads")
      let writer = try await trial.writer()
      let pod = try await trial.pod()
      // It has heard itself once.
      try await eventually {
        try await trial.owner {
          try await $0.value("SELECT last_value FROM config.feed_awake") == "0"
        }
      }
      #expect(relay.drop(whereSaid: "LISTEN config_feed") == 1)
      for _ in 0..<4 {
        let value = try await writer.set("flag")
        try await eventually { pod.value(writer.orgID, "flag") == value }
      }
      try await bridge.waitForLine("NOTIFY no longer comes back")
      let value = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == value }
      // The pod may have read it with something else: while the way is there, it is announced, too.
      try await trial.settle()
    }
  }

  /// Both of the bridge's connections to PostgreSQL, and every new one: another bridge takes over.
  @Test func theBridgesWayToPostgreSQLIsBlackHoled() async throws {
    try await Trial.play { trial in
      let (relay, conninfo) = databaseRelay(trial)
      defer { relay.stop() }
      let first = try await trial.bridge("one", database: "\(conninfo) user=bridge")
      try await first.waitForLine("leads")
      let second = try await trial.bridge("two")
      let writer = try await trial.writer()
      let pod = try await trial.pod()
      relay.drop()
      let value = try await writer.set("flag")
      try await second.waitForLine("leads")
      try await eventually { pod.value(writer.orgID, "flag") == value }
      try await first.waitForLine("interrupted")
      relay.heal()
      try await eventually(within: .seconds(60), first.log) { first.log.contains("leader=two") }
    }
  }

  /// Row "PgBouncer in the path": of the bridge, and of the pods.
  @Test func aPoolerIsInThePath() async throws {
    let pooler = try await Stack.current.withPgBouncer()
    try await Trial.play { trial in
      let conninfo =
        "host=\(pooler.pgbouncerHost) port=\(pooler.pgbouncerPort) dbname=\(trial.scene.database.name)"
      let bridge = try await trial.bridge(database: "\(conninfo) user=bridge")
      let writer = try await trial.writer()
      let pod = try await trial.pod { $0.database = conninfo }
      // Before it knows that it hears nothing, and after.
      for round in 1...10 {
        let value = try await writer.set("flag", by: round % 2 == 0 ? .call : .statement)
        try await eventually { pod.value(writer.orgID, "flag") == value }
        if round == 5 { try await bridge.waitForLine("NOTIFY does not come through") }
      }
      // Whoever polls wants no NOTIFY.
      try await trial.owner { owner in
        let awake = try await owner.value("SELECT last_value FROM config.feed_awake")
        #expect(awake == "1")
      }
    }
  }

  /// Row "Redis restarted": announcements are lost, and changes are not.
  @Test func redisRestarts() async throws {
    try await Trial.play { trial in
      trial.allow { $0.mayMissAnnouncements = true }
      try await trial.bridge()
      let writer = try await trial.writer()
      let pod = try await trial.pod()
      try await trial.pod(boundTo: writer.orgID)
      let before = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == before }
      try await trial.scene.redis.control("crash", "redis")
      let meanwhile = try await writer.set("flag")
      // It may have asked the database by now.
      #expect([before, meanwhile].contains(pod.value(writer.orgID, "flag")))
      try await trial.scene.redis.control("up", "redis")
      let after = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == after }
    }
  }

  /// Row "Redis black-holed", for everybody.
  @Test func redisIsBlackHoled() async throws {
    try await Trial.play(within: .seconds(90)) { trial in
      let relay = Relay(to: trial.scene.redis.redisPort)
      defer { relay.stop() }
      let bridge = try await trial.bridge(redisPort: relay.port)
      let writer = try await trial.writer()
      let pod = try await trial.pod { $0.redisPort = relay.port }
      let before = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == before }

      relay.drop()
      // Nobody can announce it; the pod notices that it hears nothing, and asks the database.
      let meanwhile = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == meanwhile }
      try await bridge.waitForLine("interrupted")
      #expect(trial.heard(writer.orgID, "flag", version: 2) == 0)
      relay.heal()
      // The judge waits for all that was not announced, too.
      try await eventually(within: .seconds(90), bridge.log) {
        trial.heard(writer.orgID, "flag", version: 2) > 0
      }
      let after = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == after }
    }
  }

  /// Row "subscriber black-holed": from Redis and the database, together.
  @Test func aSubscriberIsBlackHoled() async throws {
    try await Trial.play(within: .seconds(90)) { trial in
      try await trial.bridge()
      let writer = try await trial.writer()
      let relay = Relay(to: trial.scene.redis.redisPort)
      let (database, conninfo) = databaseRelay(trial)
      defer { relay.stop(); database.stop() }
      let lucky = try await trial.pod()
      let pod = try await trial.pod("the black-holed one") { options in
        options.redisPort = relay.port
        options.database = conninfo
        options.tune = { $0.grace = .seconds(8) }
      }
      let before = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == before }
      relay.drop()
      database.drop()
      let after = try await writer.set("flag")
      try await eventually { lucky.value(writer.orgID, "flag") == after }
      // It serves the last known good value, and says so.
      try await eventually { pod.state == .stale }
      #expect(pod.value(writer.orgID, "flag") == before)
      relay.heal()
      database.heal()
      try await eventually(within: .seconds(90), "\(pod.interruptions)") {
        pod.value(writer.orgID, "flag") == after && pod.state == .ready
      }
    }
  }

  /// Row "subscriber's output buffer overrun": Redis cuts off who does not read.
  @Test func aSubscribersOutputBufferIsOverrun() async throws {
    try await Trial.play(within: .seconds(90)) { trial in
      try await trial.bridge()
      let writer = try await trial.writer()
      let relay = Relay(to: trial.scene.redis.redisPort, receiveBuffer: 4096)
      defer { relay.stop() }
      let pod = try await trial.pod("the slow one") { $0.redisPort = relay.port }
      let before = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == before }
      let redis = try await RedisConnection.connect(
        RedisConfiguration(
          url: trial.scene.redis.redisURL("operator"), caFile: trial.scene.redis.redisCAFile,
          passwordFile: trial.scene.redis.redisPasswordFile("operator")))
      func subscribers() async throws -> Int {
        let list = try await redis.send(["CLIENT", "LIST", "TYPE", "PUBSUB"]).string ?? ""
        return list.split(separator: "\n").count { $0.contains("user=pod-ai ") }
      }
      try await eventually { try await subscribers() == 1 }
      _ = try await redis.send(
        ["CONFIG", "SET", "client-output-buffer-limit", "pubsub 512kb 512kb 0"])
      /// Whether Redis has cut it off, and for this: whoever is lost otherwise shows nothing of the kind.
      func isOverrun() throws -> Bool {
        try String(contentsOfFile: trial.scene.redis.log(of: "redis"), encoding: .utf8)
          .split(separator: "\n").contains {
            $0.contains("user=pod-ai ") && $0.contains("for overcoming of output buffer limits")
          }
      }
      relay.stall()
      // Until Redis has had enough; the recorder reads.
      try await eventually(within: .seconds(90), "a subscriber that is cut off") {
        try await writer.setMany(100, "k", to: Writer.value())
        try await trial.fill("ai")
        if try isOverrun() { return true }
        if try await subscribers() == 0 {
          // The pod has given it up, being faster: once more, with the next connection.
          relay.resume()
          try await eventually { try await subscribers() == 1 }
          relay.stall()
        }
        return false
      }
      _ = try await redis.send(
        ["CONFIG", "SET", "client-output-buffer-limit", "pubsub 32mb 8mb 60"])
      let after = try await writer.set("flag")
      relay.resume()
      try await eventually(within: .seconds(60), "\(pod.interruptions)") {
        pod.value(writer.orgID, "flag") == after
      }
      await redis.close()
    }
  }
}

internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// The bridge dies, stands still, or is not woken.
@Suite(.timeLimit(.minutes(6))) struct BridgeFailureTests {
  /// How long the bridge is made to wait at a time: less than what it puts up with (5 s), or it would lose
  /// its connections, and come back later each time.
  private static let attempt = Duration.seconds(1)

  /// Row "bridge killed before PUBLISH".
  @Test func killedBeforePublish() async throws {
    try await Trial.play { trial in
      let relay = Relay(to: trial.scene.redis.redisPort)
      defer { relay.stop() }
      let first = try await trial.bridge("one", redisPort: relay.port)
      let writer = try await trial.writer()
      try await trial.pod()
      try await trial.pod(boundTo: writer.orgID)

      let version = try await Self.standBeforePublish(trial, writer, relay)
      #expect(relay.held > 0)
      #expect(trial.heard(writer.orgID, "flag", version: version) == 0)
      try await first.stop(SIGKILL)
      // What was on its way is lost with it.
      relay.swallow()
      relay.release()

      let second = try await trial.bridge("two")
      try await second.waitForLine(" leads")
      try await eventually { trial.heard(writer.orgID, "flag", version: version) == 1 }
    }
  }

  /// Row "after PUBLISH before the cursor".
  @Test func killedAfterPublishBeforeTheCursor() async throws {
    try await Trial.play { trial in
      let first = try await trial.bridge("one")
      let writer = try await trial.writer()
      try await trial.pod()
      let gate = try await trial.scene.database.connect()
      let watcher = try await trial.scene.database.connect()
      // The cursor's row is locked, so the bridge stands still after PUBLISH and before its advance.
      var version: Int64 = 0
      try await eventually(within: .seconds(150), "a bridge that waits for its cursor") {
        version += 1
        try await gate.execute("BEGIN; SELECT FROM config.feed FOR UPDATE")
        try await writer.set("flag")
        let end = ContinuousClock.now + Self.attempt
        while ContinuousClock.now < end {
          let waiting = try await watcher.value(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE wait_event_type = 'Lock' AND query LIKE '%feed_advance%'
            AND datname = current_database()
            """)
          // With this round's version in hand: it may be the last round's that it has read in between.
          if waiting == "1", trial.heard(writer.orgID, "flag", version: version) > 0 { return true }
          try await Task.sleep(for: .milliseconds(10))
        }
        // It waits to renew its lead: another round, when it goes on.
        try await gate.execute("ROLLBACK")
        try await eventually { trial.heard(writer.orgID, "flag", version: version) > 0 }
        return false
      }
      let before = trial.heard(writer.orgID, "flag", version: version)
      try await first.stop(SIGKILL)
      try await watcher.query(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE usename = 'bridge' AND datname = current_database()
        """)
      try await gate.execute("ROLLBACK")
      try await trial.bridge("two")
      try await eventually {
        trial.heard(writer.orgID, "flag", version: version) == before + 1
      }
      for connection in [gate, watcher] { await connection.close() }
    }
  }

  /// Row "two leaders (SIGSTOP, then continued)": the first publishes, late, what it had in hand.
  @Test func twoLeaders() async throws {
    try await Trial.play { trial in
      let relay = Relay(to: trial.scene.redis.redisPort)
      defer { relay.stop() }
      let first = try await trial.bridge("one", redisPort: relay.port)
      let writer = try await trial.writer()
      let pod = try await trial.pod()
      try await trial.pod(boundTo: writer.orgID)
      let old = try await Self.standBeforePublish(trial, writer, relay)
      first.kill(SIGSTOP)

      let second = try await trial.bridge("two")
      try await second.waitForLine(" leads")
      let newer = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == newer }

      // Its message, sent before it stood still, arrives behind the other one's.
      let before = trial.heard(writer.orgID, "flag", version: old)
      relay.release()
      try await eventually { trial.heard(writer.orgID, "flag", version: old) == before + 1 }
      first.kill(SIGCONT)
      try await eventually("\(first.log)") {
        first.log.contains("lost the lead") || first.log.contains("leader=two")
      }
      #expect(pod.value(writer.orgID, "flag") == newer)
      let newest = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == newest }
      #expect(second.isRunning && !second.log.contains("lost the lead"))
    }
  }

  /// Changes until the leader has one in hand that it cannot publish, because `relay` holds it back.
  /// - Returns: Its version, of the key `flag`.
  private static func standBeforePublish(
    _ trial: Trial, _ writer: Writer, _ relay: Relay
  ) async throws -> Int64 {
    let watcher = try await trial.scene.database.connect()
    var version: Int64 = 0
    try await eventually(within: .seconds(150), "a bridge that waits for Redis") {
      version += 1
      relay.hold()
      let at = try await watcher.value("SELECT clock_timestamp()")
      try await writer.set("flag")
      let end = ContinuousClock.now + attempt
      while ContinuousClock.now < end {
        // It has read after the commit, found what it has to publish, and asks for nothing more.
        let reading = try await watcher.value(
          """
          SELECT count(*) FROM pg_stat_activity, config.feed AS f, config.service_configs AS c
          WHERE datname = current_database() AND usename = 'bridge' AND query LIKE '%feed_read%'
          AND state = 'idle' AND query_start > $1::timestamptz
          AND c.key = 'flag' AND NOT pg_visible_in_snapshot(c.xid, f.snapshot)
          AND c.changed_at < query_start AND state_change < clock_timestamp() - interval '0.1 s'
          """, [.text(at)])
        if reading == "1", relay.held > 0 { return true }
        try await Task.sleep(for: .milliseconds(10))
      }
      // It waits with a heartbeat: another round, when it goes on.
      relay.release()
      try await eventually { trial.heard(writer.orgID, "flag", version: version) > 0 }
      return false
    }
    await watcher.close()
    return version
  }

  /// Row "NOTIFY lost": not sent, not needed as it seemed, and the connection that hears it gone.
  @Test func aLostNotify() async throws {
    try await Trial.play { trial in
      let bridge = try await trial.bridge()
      let writer = try await trial.writer()
      let silent = trial.writer(writer.orgID, setup: "SET app.wake_up = off")
      let pod = try await trial.pod()
      for round in 0..<3 {
        switch round {
        case 0: break
        case 1:
          // Writers believe that the bridge is awake, while it sleeps.
          try await trial.owner { owner in
            try await eventually {
              try await owner.value("SELECT last_value FROM config.feed_awake") == "0"
            }
            try await owner.query("SELECT setval('config.feed_awake', 1)")
          }
        default:
          try await trial.owner { owner in
            let ended = try await owner.query(
              """
              SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE usename = 'bridge' AND datname = current_database() AND query LIKE 'LISTEN%'
              """)
            #expect(ended.count == 1)
          }
        }
        let value = try await (round == 0 ? silent : writer).set("flag", by: .statement)
        try await eventually { pod.value(writer.orgID, "flag") == value }
      }
      try await eventually { bridge.log.contains("interrupted") }
    }
  }
}

internal import Postgres
internal import TestSupport
internal import Testing

/// Databases that are not the ones the cursor knew.
@Suite(.timeLimit(.minutes(4))) struct EpochTests {
  @Test func aCursorIsRefusedToWhoHasWrittenOrNoLongerLeads() async throws {
    try await TestDatabase.with(.migrated) { database in
      let one = try await database.connect(as: "bridge")
      let two = try await database.connect(as: "bridge")
      let first = try await one.query("SELECT * FROM config.feed_lead('one', '1 minute')")[0]
      let read = "SELECT since, snapshot FROM config.feed_read(\(first["incarnation"]!))"
      let batch = try await one.query(read)[0]
      // Its own transaction is not in its snapshot: what it has written would count as seen.
      try await one.execute("BEGIN; SELECT pg_current_xact_id()")
      #expect(await sqlState { try await one.query(read) } == "55000")
      try await one.execute("ROLLBACK")
      // Another one leads: the old leader neither reads nor moves the cursor.
      try await one.query("SELECT config.feed_resign('one')")
      let second = try await two.query("SELECT * FROM config.feed_lead('two', '1 minute')")[0]
      #expect(second["leads"] == "t" && second["incarnation"] != first["incarnation"])
      #expect(await sqlState { try await one.query(read) } == "AR410")
      let advance = await sqlState {
        try await one.query(
          "SELECT config.feed_advance($1, $2, $3, '{}')",
          [.text(first["incarnation"]), .text(batch["since"]), .text(batch["snapshot"])])
      }
      #expect(advance == "AR410")
      for connection in [one, two] { await connection.close() }
    }
  }

  /// The clock was set back by an hour, and the leader is gone.
  @Test func aLeaseOfAnotherTimeHoldsNobodyUp() async throws {
    try await TestDatabase.with(.migrated) { database in
      let (owner, two) = (try await database.connect(), try await database.connect(as: "bridge"))
      let lead = "SELECT leads FROM config.feed_lead('two', '3 s')"
      for (ahead, leads) in [("30 s", "f"), ("60 s", "f"), ("1 hour", "t")] {
        try await owner.query(
          """
          UPDATE config.feed
          SET leader = 'one', lease_until = clock_timestamp() + interval '\(ahead)'
          """)
        #expect(try await two.value(lead) == leads, "\(ahead)")
      }
      for connection in [owner, two] { await connection.close() }
    }
  }

  /// What another history has stamped ahead of this one is stamped anew; what is not stays as it is, held
  /// by whom it may.
  @Test func aNewEpochStampsWhatLiesAhead() async throws {
    try await TestDatabase.with(.migrated) { database in
      let (owner, bridge) = (
        try await database.connect(), try await database.connect(as: "bridge")
      )
      try await owner.execute(
        """
        ALTER TABLE config.service_configs DISABLE TRIGGER stamp;
        UPDATE config.service_configs SET xid = '4000000000000' WHERE service = 'ai';
        ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER stamp;
        """)
      // Somebody writes one of the others.
      try await owner.execute(
        "BEGIN; SELECT FROM config.service_configs WHERE service = 'email' FOR UPDATE")
      let lead = try await bridge.query(
        "SELECT * FROM config.feed_lead('one', '1 minute')", timeout: .seconds(20))[0]
      let announced = try await bridge.query(
        "SELECT service FROM config.feed_read(\(lead["incarnation"]!))"
      ).compactMap { $0["service"] }
      #expect(Set(announced).isSuperset(of: ["ai", "email"]))
      try await owner.execute("COMMIT")
      #expect(
        try await owner.value(
          "SELECT count(*) FROM config.service_configs WHERE xid >= pg_current_xact_id()") == "0")
      for connection in [owner, bridge] { await connection.close() }
    }
  }

  /// Between a crash and the next lead the database is not the one that the epoch belongs to: what a pod
  /// asks with means nothing any more, and what it gets is nothing to go on from.
  @Test func betweenACrashAndTheNextLeadThereIsNoSnapshot() async throws {
    try await TestDatabase.with(.migrated) { database in
      let (owner, bridge, pod) = (
        try await database.connect(), try await database.connect(as: "bridge"),
        try await database.connect(as: "pod_ai")
      )
      let lead = "SELECT epoch FROM config.feed_lead('one', '1 minute')"
      let epoch = try await bridge.value(lead)
      let all = "SELECT * FROM api.pod_configs('ai')"
      let first = try await pod.query(all)[0]
      #expect(first["epoch"] == epoch && first["snapshot"] != nil)
      let since = [first["epoch"], first["snapshot"]].map { PostgresParameter.text($0) }
      let delta = "SELECT * FROM api.pod_configs('ai', $1::text::bigint, $2::text::pg_snapshot)"
      #expect(try await pod.query(delta, since)[0]["complete"] == "f")
      // What a crash does to it.
      try await owner.execute("DELETE FROM config.boot")
      for load in [try await pod.query(delta, since), try await pod.query(all)] {
        #expect(load[0]["complete"] == "t" && load[0]["snapshot"] == nil)
        #expect(load[0]["epoch"] == epoch && load[0]["key"] != nil)
      }
      let next = try await bridge.value(lead)
      #expect(Int64(next ?? "")! > Int64(epoch ?? "")!)
      let load = try await pod.query(delta, since)
      #expect(load[0]["complete"] == "t" && load[0]["snapshot"] != nil && load[0]["epoch"] == next)
      for connection in [owner, bridge, pod] { await connection.close() }
    }
  }

  @Test func aStandbyGivesNoCursor() async throws {
    try await Scene.play(ownPostgres: true) { scene in
      let stack = scene.redis
      let standby = try await PostgresServer.copy(of: stack, name: "standby")
      try await standby.start()
      let conninfo =
        "host=\(stack.postgresHost) port=\(standby.port) dbname=\(scene.database.name) user="
      let bridge = try await PostgresConnection.connect(
        PostgresConfiguration(conninfo: conninfo + "bridge"))
      for call in ["config.feed_lead('x', '1 s')", "config.feed_read(0)"] {
        let state = await sqlState { try await bridge.query("SELECT \(call)") }
        #expect(state == "55000")
      }
      await bridge.close()
      // A pod gets everything there, and no snapshot to go on from.
      let pod = try await PostgresConnection.connect(
        PostgresConfiguration(conninfo: conninfo + "pod_ai"))
      // Also to whoever asks for what is new, with what the primary has given him.
      let primary = try await scene.database.connect(as: "bridge")
      try await primary.query("SELECT config.feed_lead('x', '1 s')")
      await primary.close()
      let lucky = try await scene.database.connect(as: "pod_ai")
      let asked = try await lucky.query("SELECT epoch, snapshot FROM api.pod_configs('ai')")[0]
      let since = [asked["epoch"], asked["snapshot"]].map { PostgresParameter.text($0) }
      let delta = "SELECT * FROM api.pod_configs('ai', $1::text::bigint, $2::text::pg_snapshot)"
      let fresh = try await lucky.query(delta, since)
      #expect(fresh[0]["complete"] == "f" && fresh[0]["snapshot"] != nil)
      await lucky.close()
      try await eventually("a standby of that epoch") {
        try await pod.query("SELECT * FROM api.pod_configs('ai')")[0]["epoch"] == asked["epoch"]
      }
      for arguments in [nil, since] {
        let load =
          if let arguments { try await pod.query(delta, arguments) } else {
            try await pod.query("SELECT * FROM api.pod_configs('ai')")
          }
        #expect(load[0]["complete"] == "t" && load[0]["snapshot"] == nil)
        #expect(load.count > 1 && load[0]["key"] != nil)
      }
      await pod.close()
      // Of several servers the bridge finds the primary, though nobody has told it to look for that.
      let leader = try scene.bridge(
        database:
          "host=\(stack.postgresHost),\(stack.postgresHost) port=\(standby.port),\(stack.postgresPort) dbname=\(scene.database.name) user=bridge"
      )
      try await leader.waitForLine("leads")
      #expect(try await leader.stop() == 0)
    }
  }

  /// A snapshot every five seconds, and from the oldest on two minutes are complete.
  @Test func theRingHoldsTwoMinutes() async throws {
    try await TestDatabase.with(.migrated) { database in
      let owner = try await database.connect()
      let bridge = try await database.connect(as: "bridge")
      func lead() async throws {
        try await bridge.query("SELECT config.feed_lead('one', '1 minute')")
      }
      /// Ages, in steps that a slow machine does not blur.
      func ages() async throws -> [String] {
        try await owner.query(
          "SELECT CASE WHEN taken_at > now() - interval '1 min' THEN 'new' ELSE extract(minute FROM now() - taken_at)::int::text END AS age FROM config.feed_ring ORDER BY taken_at"
        ).compactMap { $0["age"] }
      }
      try await lead()
      try await owner.execute(
        """
        DELETE FROM config.feed_ring;
        INSERT INTO config.feed_ring (snapshot, taken_at)
        SELECT f.snapshot, now() - make_interval(mins => age, secs => 30)
        FROM config.feed AS f, unnest(ARRAY[1, 2, 3, 9]) AS age
        """)
      try await lead()
      #expect(try await ages() == ["2", "1", "new"])
      // The next one is due in five seconds. (Where a second passes meanwhile, once more.)
      var young: [String] = []
      try await eventually("a quick machine") {
        try await owner.execute(
          """
          DELETE FROM config.feed_ring WHERE taken_at > now() - interval '1 min';
          INSERT INTO config.feed_ring (snapshot, taken_at)
          SELECT f.snapshot, clock_timestamp() - interval '4 s' FROM config.feed AS f
          """)
        try await lead()
        young = try await ages()
        return try await owner.value(
          "SELECT max(taken_at) > clock_timestamp() - interval '4.9 s' FROM config.feed_ring")
          == "t"
      }
      #expect(young == ["2", "1", "new"])
      try await owner.execute(
        "UPDATE config.feed_ring SET taken_at = now() - interval '6 s' WHERE taken_at > now() - interval '1 min'"
      )
      try await lead()
      #expect(try await ages() == ["2", "1", "new", "new"])
      // Announced again is what the oldest had not seen, which is everything here; the others have seen it.
      try await owner.execute(
        """
        UPDATE config.feed SET snapshot = pg_current_snapshot();
        UPDATE config.feed_ring AS r SET snapshot = CASE
            WHEN r.taken_at = (SELECT min(o.taken_at) FROM config.feed_ring AS o) THEN '3:3:' ELSE f.snapshot END
        FROM config.feed AS f
        """)
      let again = try await bridge.value(
        "SELECT count(*) FROM config.feed_replay((SELECT incarnation FROM config.feed_status()))")
      #expect(again != "0")
      #expect(
        try await owner.value("SELECT count(*) FROM config.service_configs") == again)
      for connection in [owner, bridge] { await connection.close() }
    }
  }
}

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
      let load = try await pod.query("SELECT * FROM api.pod_configs('ai')")
      #expect(load[0]["complete"] == "t" && load[0]["snapshot"] == nil)
      await pod.close()
    }
  }
}

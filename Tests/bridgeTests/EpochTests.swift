internal import Foundation
internal import HotConfig
internal import Postgres
internal import TestSupport
internal import Testing

/// Databases that are not the ones the cursor knew.
@Suite(.timeLimit(.minutes(4))) struct EpochTests {
  @Test func afterACrashTheEpochRisesAndSubscribersConverge() async throws {
    try await Scene.play(ownPostgres: true) { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      var owner = try await scene.database.connect()
      let org = try await owner.createOrganization("acme")
      var app = try await scene.app(org)
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.1', 'before')")
      let subscriber = try await scene.subscriber("ai")
      try await eventually { subscriber.held["\(org)/threshold"] == "0.1@1" }
      let before = try #require(subscriber.epoch)

      try await scene.redis.control("crash", "postgres")
      #expect(subscriber.config.value(orgID: org, "threshold")?.text == "0.1")
      try await scene.redis.control("up", "postgres")
      for connection in [owner, app] { await connection.close() }
      owner = try await scene.database.connect()
      app = try await scene.app(org)
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.2', 'after')")
      let stored = try await scene.stored("ai")
      try await eventually(within: .seconds(30), "\(stored), not \(subscriber.held)") {
        subscriber.held == stored && subscriber.epoch ?? 0 > before
      }
      await subscriber.stop()
      for connection in [owner, app] { await connection.close() }
      try await bridge.stop()
    }
  }

  @Test func afterDropAndRestoreVersionsMayFall() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.1', 'saved')")
      let subscriber = try await scene.subscriber("ai")
      let dump = "\(scene.redis.folder)/dump"
      let bin = scene.database.stack.postgresBin
      let saved = try await Tool.run(
        "\(bin)/pg_dump", ["-Fc", "-f", dump, "-d", scene.database.conninfo()])
      #expect(saved.status == 0, "\(saved.error)")
      for value in ["0.2", "0.3", "0.4"] {
        try await app.query(
          "SELECT api.set_config('ai', 'threshold', $1, 'lost')", [.text(value)])
      }
      try await eventually { subscriber.held["\(org)/threshold"] == "0.4@4" }
      let before = try #require(subscriber.epoch)
      await app.close()

      try await scene.database.drop()
      let maintenance = try await PostgresConnection.connect(
        PostgresConfiguration(conninfo: scene.database.stack.conninfo(database: "postgres")))
      try await maintenance.query("CREATE DATABASE \(scene.database.name)")
      await maintenance.close()
      let restored = try await Tool.run(
        "\(bin)/pg_restore", ["--exit-on-error", "-d", scene.database.conninfo(), dump])
      #expect(restored.status == 0, "\(restored.error)")
      let after = try await scene.database.connect()
      try await after.query("SELECT admin.apply_database_settings()")

      try await eventually(within: .seconds(40), "0.1@1, not \(subscriber.held)") {
        subscriber.held["\(org)/threshold"] == "0.1@1" && subscriber.epoch ?? 0 > before
      }
      #expect(subscriber.held == (try await scene.stored("ai")))
      await subscriber.stop()
      await after.close()
      try await bridge.stop()
    }
  }

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
      let standby = "\(stack.folder)/postgres/standby"
      let socket = stack.postgresHost
      // As root the cluster belongs to postgres, and so must its copy.
      let asOwner =
        getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []
      let copy =
        asOwner + [
          "\(stack.postgresBin)/pg_basebackup", "-R", "-c", "fast", "-D", standby,
          "-d", "host=\(socket) port=\(stack.postgresPort) user=postgres",
        ]
      let copied = try await Tool.run("/usr/bin/env", copy)
      #expect(copied.status == 0, "\(copied.error)")
      let port = String(Int(stack.postgresPort)! + 1)
      let started = try await Tool.run(
        "\(Stack.root)/scripts/stack",
        ["daemon", "standby", "--dir", stack.folder, "--"] + asOwner + [
          "\(stack.postgresBin)/postgres", "-D", standby, "-c", "port=\(port)",
          "-c", "unix_socket_directories=\(socket)", "-c", "listen_addresses=",
          "-c", "max_connections=400", "-c", "max_prepared_transactions=20",
        ])
      #expect(started.status == 0, "\(started.error)")

      let conninfo = "host=\(socket) port=\(port) dbname=\(scene.database.name) user="
      var connection: PostgresConnection?
      try await eventually(within: .seconds(30), "the standby") {
        connection = try? await PostgresConnection.connect(
          PostgresConfiguration(conninfo: conninfo + "bridge"))
        return connection != nil
      }
      let bridge = try #require(connection)
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

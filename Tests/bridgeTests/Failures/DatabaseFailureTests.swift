internal import Foundation
internal import HotConfig
internal import Postgres
internal import TestSupport
internal import Testing

/// The database goes away, comes back, comes back older, or is another one.
@Suite(.timeLimit(.minutes(6))) struct DatabaseFailureTests {
  /// A pod's epoch, after which a higher one must come.
  private func risen(_ pod: Pod, above before: Int64?) async throws {
    let before = try #require(before)
    try await eventually(within: .seconds(60), "an epoch above \(before): \(pod.interruptions)") {
      pod.epoch ?? 0 > before
    }
  }

  /// Row "database down for a minute (pods serve the last known good)".
  @Test func theDatabaseIsDownForAMinute() async throws {
    try await Trial.play(ownPostgres: true, within: .seconds(120)) { trial in
      try await trial.bridge()
      let writer = try await trial.writer()
      let pod = try await trial.pod { $0.tune = { $0.grace = .seconds(20) } }
      let patient = try await trial.pod("with a longer grace")
      let value = try await writer.set("flag")
      try await eventually {
        pod.value(writer.orgID, "flag") == value && patient.value(writer.orgID, "flag") == value
      }
      try await trial.scene.redis.control("down", "postgres")
      let down = ContinuousClock.now
      while down.duration(to: .now) < .seconds(60) {
        #expect(pod.value(writer.orgID, "flag") == value)
        #expect(patient.state == .ready || down.duration(to: .now) > .seconds(80))
        try await Task.sleep(for: .milliseconds(500))
      }
      #expect(pod.state == .stale)
      try await trial.scene.redis.control("up", "postgres")
      let after = try await writer.set("flag")
      try await eventually(within: .seconds(120), "\(pod.interruptions)") {
        pod.value(writer.orgID, "flag") == after && pod.state == .ready
      }
    }
  }

  /// Row "PostgreSQL crashed (immediate stop) with a writer on `synchronous_commit = off`": what
  /// `api.set_config` has acknowledged survives; a plain statement's may not, and pods agree all the same.
  @Test func postgreSQLCrashesUnderAnAsynchronousWriter() async throws {
    try await Trial.play(ownPostgres: true, within: .seconds(90)) { trial in
      try await trial.owner { owner in
        // What is not waited for stays away from the disk for long.
        try await owner.query("ALTER SYSTEM SET wal_writer_delay = '10s'")
        try await owner.query("ALTER SYSTEM SET wal_writer_flush_after = '1GB'")
        try await owner.query("SELECT pg_reload_conf()")
      }
      let bridge = try await trial.bridge()
      let setup = "SET synchronous_commit = off"
      let writer = try await trial.writer(setup: setup)
      let careless = try await trial.writer(setup: setup)
      let pod = try await trial.pod()
      try await writer.set("flag")
      let before = pod.epoch
      let mark = trial.history.mark
      for round in 0..<60 {
        try await writer.set("k\(round % 7)")
        let value = try await careless.set("k\(round % 7)", by: .statement)
        if round == 59 { try await eventually { pod.value(careless.orgID, "k3") == value } }
      }
      // Whoever would bring the next commit to the disk stands still: the bridge, which commits every second,
      // and the server's own.
      bridge.kill(SIGSTOP)
      let flushers = try await trial.owner { owner in
        try await owner.query(
          """
          SELECT pid FROM pg_stat_activity WHERE backend_type
          IN ('walwriter', 'checkpointer', 'background writer', 'autovacuum launcher')
          """
        ).map { try $0.decode("pid", as: Int32.self) }
      }
      #expect(flushers.count == 4)
      for pid in flushers { kill(pid, SIGSTOP) }
      let lost = try await careless.set("k3", by: .statement)
      try await trial.scene.redis.control("crash", "postgres")
      // Of the careless one's, and of his alone.
      trial.history.forgive(from: mark, of: careless.orgID)
      try await trial.scene.redis.control("up", "postgres")
      let stored = try await trial.owner { owner in
        try await owner.value(
          "SELECT value FROM config.service_configs WHERE org_id = $1 AND key = 'k3'",
          [.int(careless.orgID)])
      }
      #expect(stored != nil && stored != lost, "the crash has lost nothing, and so shows nothing")
      bridge.kill(SIGCONT)
      try await risen(pod, above: before)
      try await writer.set("flag")
      try await careless.set("k3", by: .statement)
    }
  }

  /// A transaction that is prepared outlives the crash, with the rows that it holds. Nobody waits for it.
  @Test func postgreSQLCrashesWithAPreparedTransaction() async throws {
    try await Trial.play(ownPostgres: true, within: .seconds(90)) { trial in
      try await trial.bridge()
      let writer = try await trial.writer()
      let pod = try await trial.pod()
      try await writer.set("held")
      let prepared = trial.writer(writer.orgID, setup: "SET app.wake_up = off")
      let late = Writer.value()
      try await prepared.set("ai", ["held"], to: late, end: "PREPARE TRANSACTION 'trial'")
      let before = pod.epoch
      try await trial.scene.redis.control("crash", "postgres")
      try await trial.scene.redis.control("up", "postgres")
      try await risen(pod, above: before)
      let value = try await writer.set("free")
      try await eventually(within: .seconds(60)) { pod.value(writer.orgID, "free") == value }
      #expect(pod.value(writer.orgID, "held") != late)
      try await trial.owner { try await $0.query("COMMIT PREPARED 'trial'") }
      try await eventually { pod.value(writer.orgID, "held") == late }
    }
  }

  /// Beyond what was asked for: a process of the server is killed, so the server ends all others and recovers
  /// without having been stopped. Neither its files nor the time of its start tell.
  @Test func aProcessOfPostgreSQLIsKilled() async throws {
    try await Trial.play(ownPostgres: true, within: .seconds(90)) { trial in
      try await trial.bridge()
      let writer = try await trial.writer()
      let pod = try await trial.pod()
      let value = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == value }
      let before = pod.epoch
      let start = "SELECT pg_postmaster_start_time()"
      let victim = try await trial.scene.database.connect()
      let started = try await victim.value(start)
      let pid = await victim.backendPID
      await writer.close()
      #expect(kill(pid, SIGKILL) == 0)
      try await risen(pod, above: before)
      #expect(try await trial.owner { try await $0.value(start) } == started)
      await victim.close()
      let after = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == after }
    }
  }

  /// Row "promotion of a synchronous standby": nothing that was acknowledged is lost.
  @Test func aSynchronousStandbyIsPromoted() async throws {
    try await Trial.play(ownPostgres: true, within: .seconds(90)) { trial in
      let standby = try await follow(trial, isSynchronous: true)
      try await trial.bridge()
      let writer = try await trial.writer()
      let pod = try await trial.pod()
      for round in 0..<20 { try await writer.set("k\(round % 3)") }
      try await eventually { pod.epoch != nil }
      let before = pod.epoch
      try await trial.scene.redis.control("crash", "postgres")
      try await standby.promote()
      try await risen(pod, above: before)
      for round in 0..<5 { try await writer.set("k\(round)") }
    }
  }

  /// Row "asynchronous promotion with loss": pods had seen what is lost, and give it up.
  @Test func anAsynchronousStandbyIsPromotedWithLoss() async throws {
    try await Trial.play(ownPostgres: true, within: .seconds(90)) { trial in
      let standby = try await follow(trial, isSynchronous: false)
      try await trial.bridge()
      let writer = try await trial.writer()
      let pod = try await trial.pod()
      try await trial.pod(boundTo: writer.orgID)
      let kept = try await writer.set("flag")
      // The standby has it, and gets nothing more.
      let replica = try await standby.connect(database: trial.scene.database.name)
      try await eventually {
        try await replica.value("SELECT value FROM config.service_configs WHERE key = 'flag'")
          == kept
      }
      try await replica.query("ALTER SYSTEM SET primary_conninfo = ''")
      try await replica.query("SELECT pg_reload_conf()")
      try await eventually {
        try await replica.value("SELECT count(*) FROM pg_stat_wal_receiver") == "0"
      }
      let mark = trial.history.mark
      for _ in 0..<5 { try await writer.set("flag") }
      let lost = try await writer.set("flag")
      try await writer.set("new")
      try await eventually {
        pod.value(writer.orgID, "flag") == lost && pod.value(writer.orgID, "new") != nil
      }
      let before = pod.epoch

      try await trial.scene.redis.control("crash", "postgres")
      trial.history.forgive(from: mark)
      try await standby.promote()
      try await risen(pod, above: before)
      try await eventually {
        pod.value(writer.orgID, "flag") == kept && pod.value(writer.orgID, "new") == nil
      }
      // The versions of the lost ones are given out again.
      try await writer.set("flag")
      await replica.close()
    }
  }

  /// Row "pod reads from a lagging replica": one that always has, and one that had read newer values
  /// from the primary.
  @Test func aPodReadsFromALaggingReplica() async throws {
    try await Trial.play(ownPostgres: true, within: .seconds(90)) { trial in
      let standby = try await PostgresServer.copy(of: trial.scene.redis, name: "standby")
      try await standby.start()
      try await trial.bridge()
      let writer = try await trial.writer()
      let lucky = try await trial.pod()
      let pod = try await trial.pod("the one at the replica") {
        $0.database =
          "host=\(trial.scene.redis.postgresHost) port=\(standby.port) dbname=\(trial.scene.database.name)"
      }
      let stack = trial.scene.redis
      let primary = Relay(toSocket: "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)")
      defer { primary.stop() }
      let moving = try await trial.pod("the one that moves to the replica") {
        $0.database =
          "host=127.0.0.1,\(stack.postgresHost) port=\(primary.port),\(standby.port) dbname=\(trial.scene.database.name)"
      }
      let before = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == before }
      let replica = try await standby.connect()
      try await replica.query("SELECT pg_wal_replay_pause()")
      try await eventually {
        try await replica.value("SELECT pg_get_wal_replay_pause_state()") == "paused"
      }
      let loads = pod.loads
      let after = try await writer.set("flag")
      try await eventually {
        lucky.value(writer.orgID, "flag") == after && moving.value(writer.orgID, "flag") == after
      }
      // It was told, has asked more than once, and has not been given it.
      try await eventually { pod.loads > loads + 2 }
      #expect(pod.value(writer.orgID, "flag") == before)
      primary.stop()
      let moved = moving.loads
      let newest = try await writer.set("flag")
      try await eventually { moving.loads > moved + 2 }
      #expect(moving.value(writer.orgID, "flag") == after)
      try await replica.query("SELECT pg_wal_replay_resume()")
      try await eventually {
        [pod, moving].allSatisfy { $0.value(writer.orgID, "flag") == newest }
      }
      await replica.close()
    }
  }

  /// Row "dump and restore into the same one": versions fall.
  @Test func aDumpIsRestoredIntoTheSameCluster() async throws {
    try await Trial.play(within: .seconds(90)) { trial in
      try await trial.bridge()
      let writer = try await trial.writer()
      let pod = try await trial.pod()
      let kept = try await writer.set("flag")
      let dump = try await dump(trial)
      let mark = trial.history.mark
      for _ in 0..<3 { try await writer.set("flag") }
      let lost = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == lost }
      let before = pod.epoch
      await writer.close()

      let database = trial.scene.database
      try await database.drop()
      trial.history.forgive(from: mark)
      try await restore(dump, into: database.stack, named: database.name)
      try await risen(pod, above: before)
      try await eventually { pod.value(writer.orgID, "flag") == kept }
      try await trial.writer(writer.orgID).set("flag")
    }
  }

  /// Row "dump and restore into a new cluster", to which everybody moves.
  @Test func aDumpIsRestoredIntoANewCluster() async throws {
    try await Trial.play(ownPostgres: true, within: .seconds(90)) { trial in
      let new = try await Stack.start(only: "postgres")
      do {
        let old = trial.scene.redis
        let name = trial.scene.database.name
        trial.move(
          to: """
            host=\(old.postgresHost),\(new.postgresHost) port=\(old.postgresPort),\(new.postgresPort) \
            dbname=\(name) user= target_session_attrs=read-write
            """)
        try await trial.bridge()
        let writer = try await trial.writer()
        let pod = try await trial.pod()
        let kept = try await writer.set("flag")
        let dump = try await dump(trial)
        let roles = "\(old.folder)/roles.sql"
        try await tool(
          "\(old.postgresBin)/pg_dumpall",
          [
            "--roles-only", "-f", roles, "-d",
            "host=\(old.postgresHost) port=\(old.postgresPort) user=postgres",
          ])
        let mark = trial.history.mark
        for _ in 0..<3 { try await writer.set("flag") }
        let lost = try await writer.set("flag")
        try await eventually { pod.value(writer.orgID, "flag") == lost }
        let before = pod.epoch

        try await old.control("crash", "postgres")
        trial.history.forgive(from: mark)
        // It makes the superuser once more, which is there already.
        _ = try await Tool.run(
          "\(new.postgresBin)/psql", ["-Xq", "-d", new.conninfo(database: "postgres"), "-f", roles])
        try await restore(dump, into: new, named: name)
        try await risen(pod, above: before)
        try await eventually { pod.value(writer.orgID, "flag") == kept }
        try await writer.set("flag")
        try await trial.settle(within: .seconds(90))
      } catch {
        try? await new.destroy()
        throw error
      }
      // The trial's end looks at it.
    }
  }

  /// Row "point-in-time recovery to before the last change".
  @Test func recoveryToAPointInTime() async throws {
    try await Trial.play(ownPostgres: true, within: .seconds(90)) { trial in
      let stack = trial.scene.redis
      let archive = "\(stack.folder)/postgres/archive"
      try await tool("/usr/bin/env", PostgresServer.asOwner + ["mkdir", archive])
      try await trial.owner { owner in
        try await owner.query("ALTER SYSTEM SET archive_mode = on")
        try await owner.query("ALTER SYSTEM SET archive_command = 'cp %p \(archive)/%f'")
      }
      try await stack.control("down", "postgres")
      try await stack.control("up", "postgres")
      let restored = try await PostgresServer.copy(
        of: stack, name: "restored", isStandby: false, port: Int(stack.postgresPort)!)

      try await trial.bridge()
      let writer = try await trial.writer()
      let pod = try await trial.pod()
      let kept = try await writer.set("flag")
      try await trial.owner { try await $0.query("SELECT pg_create_restore_point('before')") }
      let mark = trial.history.mark
      try await writer.set("flag")
      let lost = try await writer.set("flag")
      try await writer.delete("flag")
      try await writer.set("new")
      try await eventually {
        pod.value(writer.orgID, "flag") == nil && pod.value(writer.orgID, "new") != nil
      }
      let before = pod.epoch
      #expect(kept != lost)
      try await trial.owner { owner in
        let file = try await owner.value("SELECT pg_walfile_name(pg_switch_wal())")
        try await eventually {
          try await owner.value(
            "SELECT last_archived_wal >= $1 FROM pg_stat_archiver", [.text(file)]) == "t"
        }
      }

      try await stack.control("crash", "postgres")
      trial.history.forgive(from: mark)
      try await restored.append(
        "restore_command = 'cp \(archive)/%f %p'", to: "postgresql.auto.conf")
      try await restored.append("recovery_target_name = 'before'", to: "postgresql.auto.conf")
      try await restored.append("recovery_target_action = 'promote'", to: "postgresql.auto.conf")
      try await restored.append("", to: "recovery.signal")
      try await restored.start()
      try await risen(pod, above: before)
      try await eventually {
        pod.value(writer.orgID, "flag") == kept && pod.value(writer.orgID, "new") == nil
      }
      try await writer.set("flag")
    }
  }

  /// Beyond the rows: files copied while the server was down, and put back. Nothing in them
  /// tells that time has passed.
  @Test func aCopyOfTheFilesIsPutBack() async throws {
    try await Trial.play(ownPostgres: true, within: .seconds(90)) { trial in
      let stack = trial.scene.redis
      let data = "\(stack.folder)/postgres/data"
      try await trial.bridge()
      let writer = try await trial.writer()
      let pod = try await trial.pod()
      let kept = try await writer.set("flag")
      try await eventually { pod.value(writer.orgID, "flag") == kept }
      try await stack.control("down", "postgres")
      try await tool("/bin/cp", ["-a", data, "\(data).copy"])
      try await stack.control("up", "postgres")
      let mark = trial.history.mark
      for _ in 0..<3 { try await writer.set("flag") }
      let lost = try await writer.set("flag")
      try await eventually(within: .seconds(60)) { pod.value(writer.orgID, "flag") == lost }
      let before = pod.epoch

      try await stack.control("down", "postgres")
      trial.history.forgive(from: mark)
      try await tool("/bin/rm", ["-rf", data])
      try await tool("/bin/mv", ["\(data).copy", data])
      try await stack.control("up", "postgres")
      try await risen(pod, above: before)
      try await eventually { pod.value(writer.orgID, "flag") == kept }
      try await writer.set("flag")
    }
  }

  // MARK: What they need

  /// Starts a standby, and has everybody look for the primary on both servers.
  private func follow(_ trial: Trial, isSynchronous: Bool) async throws -> PostgresServer {
    let stack = trial.scene.redis
    let standby = try await PostgresServer.copy(of: stack, name: "standby")
    try await standby.start()
    if isSynchronous {
      try await trial.owner { owner in
        try await owner.query("ALTER SYSTEM SET synchronous_standby_names = '*'")
        try await owner.query("SELECT pg_reload_conf()")
        try await eventually {
          try await owner.value("SELECT sync_state FROM pg_stat_replication") == "sync"
        }
      }
    }
    trial.move(
      to: """
        host=\(stack.postgresHost),\(stack.postgresHost) port=\(stack.postgresPort),\(standby.port) \
        dbname=\(trial.scene.database.name) user= target_session_attrs=read-write
        """)
    return standby
  }

  private func dump(_ trial: Trial) async throws -> String {
    let file = "\(trial.scene.redis.folder)/dump"
    let database = trial.scene.database
    try await tool(
      "\(database.stack.postgresBin)/pg_dump", ["-Fc", "-f", file, "-d", database.conninfo()])
    return file
  }

  private func restore(_ dump: String, into stack: Stack, named name: String) async throws {
    let maintenance = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: stack.conninfo(database: "postgres")))
    try await maintenance.query("CREATE DATABASE \(name)")
    await maintenance.close()
    try await tool(
      "\(stack.postgresBin)/pg_restore",
      ["--exit-on-error", "-d", stack.conninfo(database: name), dump])
    let owner = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: stack.conninfo(database: name)))
    try await owner.query("SELECT admin.apply_database_settings()")
    await owner.close()
  }

  private func tool(_ path: String, _ arguments: [String]) async throws {
    let result = try await Tool.run(path, arguments)
    guard result.status == 0 else { throw TestSupportError("\(path): \(result.error)") }
  }
}

internal import Foundation
internal import Postgres
internal import Synchronization
internal import TestSupport

extension ChaosCast {
  /// Does a step. What it cannot do, since a server is down, is left undone.
  func take(_ step: ChaosStep) async throws {
    switch step {
    case .killBridge(let number): bridge(number)?.kill(SIGKILL)
    case .terminateBridge(let number): bridge(number)?.kill(SIGTERM)
    case .stopBridge(let number): bridge(number)?.kill(SIGSTOP)
    case .continueBridge(let number): bridge(number)?.kill(SIGCONT)
    case .startBridge(let number): try start(number)
    case .dropBridgeRedis(let number): redis[number].drop()
    case .dropBridgeDatabase(let number): database[number].drop()
    case .dropListener(let number): database[number].drop(whereSaid: "LISTEN config_feed")
    case .healBridge(let number): heal(number)
    case .dropPod(let number):
      redis[Self.bridges + number].drop()
      database[Self.bridges + number].drop()
    case .healPod(let number): heal(Self.bridges + number)
    case .stallPod(let number): redis[Self.bridges + number].stall()
    case .overrunPod(let number):
      // The recorder reads.
      _ = try? await operate([
        "CONFIG", "SET", "client-output-buffer-limit", "pubsub 512kb 512kb 0",
      ])
      redis[Self.bridges + number].stall()
      let service = [1: "email", 4: "features"][number] ?? "ai"
      errand { try await self.trial.fill(service) }
    case .crashRedis: try await crashRedis()
    case .failOver(let isKilled): failOver(isKilled: isKilled)
    case .crashPostgres:
      try await trial.scene.redis.control("crash", "postgres")
      trial.history.forgive(from: 0, of: careless.orgID)
      try await trial.scene.redis.control("up", "postgres")
    case .crashPooler:
      try await trial.scene.redis.control("crash", "pgbouncer")
      try await trial.scene.redis.control("up", "pgbouncer")
    case .stopPostgres(let seconds):
      try await trial.scene.redis.control("down", "postgres")
      try await Task.sleep(for: .seconds(seconds))
      try await trial.scene.redis.control("up", "postgres")
    case .promoteStandby: try await promoteStandby()
    case .restoreDump: try await restoreDump()
    case .putFilesBack: try await putFilesBack()
    case .readFromReplica(let number): try await readFromReplica(number)
    case .terminateSessions(let ofBridges):
      _ = try? await trial.owner { owner in
        try await owner.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE $1",
          [.text(ofBridges ? "bridge" : "pod%")])
      }
    case .pretendAwake:
      _ = try? await trial.owner { try await $0.query("SELECT setval('config.feed_awake', 1)") }
    case .longTransaction, .longTransactionElsewhere, .crowd, .prepare, .burst, .delete,
      .deleteOrganization, .changeBehindTheTrigger, .rollBack:
      try await write(step)
    case .replay:
      _ = try? await trial.scene.tool("bridge", "bridge", ["replay", "--all"])
    }
  }

  /// The recorder hears Redis again before the bridges do: what is announced once more after the crash, as
  /// it must be, is recorded.
  private func crashRedis() async throws {
    let recordings = trial.history.recordings
    for relay in redis.prefix(Self.bridges) { relay.hold() }
    defer { for relay in redis.prefix(Self.bridges) { relay.release() } }
    try await trial.scene.redis.control("crash", "redis")
    try await trial.scene.redis.control("up", "redis")
    try await eventually("a recorder") { trial.history.recordings > recordings }
    expectedRecordings.withLock { $0 = trial.history.recordings }
  }

  /// Once in a round: who is down cannot be failed over to.
  private func failOver(isKilled: Bool) {
    guard let group, isFirst("failOver") else { return }
    // The recorder follows, and misses what falls between the two.
    trial.allow { $0.mayMissAnnouncements = true }
    let master = group.servers[0]
    master.kill(isKilled ? SIGKILL : SIGSTOP)
    guard !isKilled else { return }
    errand {
      _ = try? await group.sentinels[0].waitForLine("+switch-master", within: .seconds(60))
      master.kill(SIGCONT)
    }
  }

  /// The steps in which somebody writes.
  private func write(_ step: ChaosStep) async throws {
    switch step {
    case .longTransaction(let seconds):
      errand { writer in
        try await writer.set(
          "ai", ["long"], to: Writer.value(), before: "SELECT pg_sleep(\(seconds))")
      }
    case .longTransactionElsewhere(let seconds):
      let stack = trial.scene.redis
      errand {
        let connection = try await PostgresConnection.connect(
          PostgresConfiguration(conninfo: stack.conninfo(database: "postgres")))
        _ = try? await connection.execute(
          "BEGIN; SELECT pg_current_xact_id(); SELECT pg_sleep(\(seconds)); COMMIT")
        await connection.close()
      }
    case .crowd(let count): errand { try await self.crowd(count) }
    case .prepare:
      let name = Writer.value()
      let writer = trial.writer(writers[0].orgID, setup: "SET app.wake_up = off")
      // A key of its own: it stays locked until the round ends. Without the marker, which is published.
      let key = "prepared\(name.dropFirst(Judge.marker.count))"
      let isPrepared =
        (try? await writer.set(
          "ai", [key], to: name, end: "PREPARE TRANSACTION '\(name)'")) != nil
      if isPrepared { self.isPrepared(name) }
      await writer.close()
    case .burst(let count): burst(count)
    case .delete: errand { writer in try await writer.set("ai", ["k1", "b1"], to: nil) }
    case .deleteOrganization: errand { try await self.deleteOrganization() }
    case .changeBehindTheTrigger: errand { try await self.changeBehindTheTrigger() }
    case .rollBack:
      errand { writer in
        try await writer.set("ai", ["k2", "undone"], to: Writer.value(), end: "ROLLBACK")
      }
    default: break
    }
  }

  private func burst(_ count: Int) {
    errand { writer in try await writer.setMany(count, "b", to: Writer.value()) }
  }

  private func crowd(_ count: Int) async throws {
    var crowd: [PostgresConnection] = []
    for _ in 0..<count {
      guard let one = try? await trial.scene.database.connect(as: "app") else { break }
      _ = try? await one.execute("BEGIN; SELECT pg_current_xact_id()")
      crowd.append(one)
    }
    try? await Task.sleep(for: .seconds(2))
    for one in crowd { await one.close() }
  }

  /// One that was there for a moment: everybody forgets it.
  private func deleteOrganization() async throws {
    let writer = try await trial.writer()
    try? await writer.set("ai", ["k1", "k2"], to: Writer.value())
    try? await trial.owner { owner in
      let slug = try await owner.value(
        "SELECT slug FROM core.organizations WHERE id = $1", [.int(writer.orgID)])
      try await owner.query("SELECT admin.delete_organization($1, $1, 'chaos')", [.text(slug)])
    }
    // What is deleted has a newer version than what was written.
    await writer.close()
  }

  /// In a service of its own, whose pod compares everything every other second.
  private func changeBehindTheTrigger() async throws {
    let orgID = writers[1].orgID
    let key = History.Key(orgID: orgID, service: "features", key: "behind")
    trial.allow { $0.mayChangeSilently.insert(key) }
    try await trial.owner { owner in
      // Not one of the writers', who would rightly call it lost.
      try await owner.execute(
        """
        BEGIN; SET LOCAL ROLE ark_system;
        INSERT INTO config.service_configs (org_id, service, key, value)
        VALUES (\(orgID), 'features', 'behind', 'true') ON CONFLICT DO NOTHING;
        COMMIT;
        BEGIN; SET LOCAL session_replication_role = replica;
        UPDATE config.service_configs SET value = '\(Writer.value())'
        WHERE org_id = \(orgID) AND service = 'features' AND key = 'behind';
        COMMIT;
        """)
    }
  }
}

internal import Foundation
internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// `kill -9` of the daemon's process, stopped at a call or at a commit: before the server has it, or when it
/// is done and before the daemon has heard of it.
@Suite(.timeLimit(.minutes(4))) struct DaemonKillTests {
  /// Where it is stopped.
  enum Point: Sendable, CustomStringConvertible {
    case call(String, String)
    case closing
    case commit(String)

    var description: String {
      switch self {
      case .call(let method, let path): "\(method) \(path)"
      case .closing: "closing"
      case .commit(let function): function
      }
    }
  }

  static let points: [(Change, Point)] = [
    (.create, .commit("claim")), (.create, .call("POST", "/namespaces")),
    (.create, .call("POST", "/networkpolicies")), (.create, .call("PATCH", "-acme")),
    (.create, .commit("complete")), (.create, .commit("heartbeat")), (.undo, .commit("claim")),
    (.undo, .call("PATCH", "-acme")), (.undo, .closing), (.undo, .call("DELETE", "/pods/slips")),
    (.undo, .call("DELETE", "-acme")), (.undo, .commit("complete")),
    (.suspend, .call("PATCH", "-acme")), (.suspend, .commit("complete")),
    (.delete, .call("DELETE", "-acme")), (.delete, .commit("fail")),
    // The commit that turns a creation into an undo, for good.
    (.undo, .commit("fail")),
    (.quota, .commit("complete")), (.members, .commit("complete")),
    (.transfer, .commit("complete")), (.resume, .commit("complete")),
    (.reconcile, .commit("complete")), (.rollout, .commit("complete")),
    (.compare, .commit("complete")), (.delete, .commit("complete")),
    (.sweep, .call("DELETE", "-acme")), (.sweep, .commit("complete")),
    (.sweep, .commit("report_namespaces")), (.create, .commit("maintain")),
    // Where the namespace bears a later fence than was given out.
    (.quota, .commit("jump_fence")), (.suspend, .commit("jump_fence")),
  ]

  /// Each function that commits something is met somewhere; the others only read.
  @Test func everyCommitIsMet() {
    let met = Self.points.compactMap {
      if case .commit(let function) = $0.1 { function } else { nil }
    }
    let readers: Set = [
      "next_due", "usage_due", "check_database", "required_rights", "plan_objects", "comparisons",
      "find_strays", "status",
    ]
    let all = Queue.functions.map {
      String($0.dropFirst("provisioning.".count).prefix { $0 != "(" })
    }
    #expect(
      Set(met).union(UsageKillTests.functions).union(["release"]).union(readers) == Set(all))
  }

  @Test(arguments: points, [Trap.Side.before, .after])
  func aKilledDaemonIsSucceeded(_ at: (Change, Point), _ side: Trap.Side) async throws {
    let (change, point) = at
    try await Trial.play { trial in
      let scene = trial.scene
      let id = try await prepare(change, point, in: scene)
      // Then the first attempt has to report that the namespace is not gone yet.
      let isHeld = if case (.delete, .commit("fail")) = at { true } else { false }
      if isHeld { try await hold(scene) }
      let isMet = Mutex(false)
      let gate = "/labels/isolation-ready"
      let server = try await ScriptedAPIServer.start { request in
        switch point {
        // So long that it has to extend its lease.
        case .commit("heartbeat"): return request.method == "POST" ? .silence : .forward
        case .call(let method, let path) where request.asks(method, path): break
        case .closing where request.asks("PATCH", "-acme") && request.text.contains(gate): break
        case .call, .closing, .commit: return .forward
        }
        if side == .after { _ = try await request.forward() }
        isMet.withLock { $0 = true }
        return .silence
      }
      defer { server.stop() }
      var trap: Trap?
      if case .commit(let function) = point {
        // As it is called. Its name alone is asked for before the daemon begins.
        let arguments = function == "maintain" ? "()" : "($1"
        trap = Trap("provisioning.\(function)\(arguments)", side)
      }
      let relay = Relay(
        toSocket: "\(Stack.current.postgresHost)/.s.PGSQL.\(Stack.current.postgresPort)", trap: trap
      )
      defer { relay.stop() }
      let daemon = try scene.daemon(
        "dies", lease: 1, workers: 1, conninfo: relay.conninfo(to: scene.database),
        kubeconfig: try server.kubeconfig())
      try await eventually("\(point); \(daemon.log)") {
        trap?.isSprung ?? isMet.withLock { $0 }
      }
      try await daemon.stop(SIGKILL)
      relay.stop()
      if isHeld { try await letGo(scene) }
      let killed = try await scene.owner.value("SELECT clock_timestamp()::text") ?? ""
      let successor = try scene.daemon("succeeds", lease: 1)
      // It may have nothing to do, and hears no signal before it is up.
      try await eventually("a successor that listens; \(successor.log)") {
        try await scene.owner.value(
          """
          SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database()
          AND usename = 'provisioner' AND query LIKE 'LISTEN%' AND backend_start > $1::timestamptz
          """, [.text(killed)]) == "t"
      }
      try await eventually("timed work; \(successor.log)") {
        try await scene.owner.value(
          "SELECT bool_and(next_at > clock_timestamp() AND error IS NULL) FROM provisioning.maintenance"
        ) == "t"
      }
      // A survey that nobody has reported is asked for again within a minute.
      try await eventually(within: .seconds(120), "\(change); \(successor.log)") {
        let open = try await scene.owner.value(
          "SELECT count(*) FROM provisioning.jobs WHERE state IN ('queued', 'running')")
        // Of what is swept no row tells before the survey has come to it.
        if change == .sweep, try await scene.status(scene.namespacePath()) != 404 { return false }
        return try await scene.organizationStatus(id) == change.status && open == "0"
      }
      let status = try await successor.stop()
      #expect(status == 0, "\(successor.log)")
    }
  }

  /// Brings an organisation to where the daemon meets the point.
  private func prepare(_ change: Change, _ point: Point, in scene: Scene) async throws -> Int64 {
    let worker = try scene.worker("before")
    switch (change, point) {
    case (.undo, .commit("fail")):
      try await scene.breakBlueprint()
      return try await scene.organization()
    case (_, .commit("jump_fence")):
      let id = try await scene.prepare(change, by: worker)
      _ = try await scene.kubernetes.mergePatch(
        scene.namespacePath(),
        ["metadata": ["annotations": [Fence.fenceAnnotation: "700"]]])
      return id
    case (.sweep, .commit("report_namespaces")):
      let id = try await scene.organization()
      try await scene.leaveNamespace(of: id, by: worker)
      return id
    default: return try await scene.prepare(change, by: worker)
    }
  }

  /// The commit with which a daemon that is told to stop hands back what it was just given.
  @Test(arguments: [Trap.Side.before, .after])
  func aDaemonKilledWhileItHandsBackIsSucceeded(_ side: Trap.Side) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let id = try await scene.organization()
      let trap = Trap("provisioning.release($1", side)
      let relay = Relay(
        toSocket: "\(Stack.current.postgresHost)/.s.PGSQL.\(Stack.current.postgresPort)", trap: trap
      )
      defer { relay.stop() }
      // Somebody holds the job's row: the claim waits, with the lane in its hands.
      let holder = try await scene.database.connect()
      try await holder.execute("BEGIN; SELECT FROM provisioning.jobs FOR UPDATE")
      let daemon = try scene.daemon(
        "dies", lease: 1, workers: 1, conninfo: relay.conninfo(to: scene.database))
      func backends(_ condition: String) async throws -> String? {
        try await scene.owner.value(
          """
          SELECT count(*) FROM pg_stat_activity
          WHERE datname = current_database() AND usename = 'provisioner' AND \(condition)
          """)
      }
      try await eventually("a claim that waits, and a listener; \(daemon.log)") {
        guard try await backends("query LIKE 'LISTEN%'") == "1" else { return false }
        return try await backends("wait_event_type = 'Lock' AND query LIKE '%claim%'") == "1"
      }
      daemon.kill(SIGTERM)
      // It has heard of it when it no longer listens.
      try await eventually("SIGTERM; \(daemon.log)") {
        try await backends("query LIKE 'LISTEN%'") == "0"
      }
      try await holder.execute("COMMIT")
      await holder.close()
      try await eventually("the hand-back; \(daemon.log)") { trap.isSprung }
      try await daemon.stop(SIGKILL)
      relay.stop()
      let state = try await scene.owner.value("SELECT state FROM provisioning.jobs")
      #expect(state == (side == .before ? "running" : "queued"))
      let successor = try scene.daemon("succeeds", lease: 1)
      try await eventually("COMMITTED; \(successor.log)") {
        try await scene.organizationStatus(id) == "COMMITTED"
      }
      let status = try await successor.stop()
      #expect(status == 0, "\(successor.log)")
    }
  }
}

extension Relay {
  /// How the provisioner reaches a database through it.
  func conninfo(to database: TestDatabase) -> String {
    "host=127.0.0.1 port=\(port) dbname=\(database.name) user=provisioner"
  }
}

internal import Foundation
internal import HotConfig
internal import Postgres
internal import Synchronization
internal import TestSupport

/// Who suffers the chaos: bridges and pods behind relays of their own, and writers who never stop.
final class ChaosCast: Sendable {
  private struct State {
    var bridges: [DaemonProcess?]
    var stopped: Set<Int> = []
    var errands: [Task<Void, Never>] = []
    var prepared: [String] = []
  }

  static let bridges = 3
  static let pods = 4

  private let trial: Trial
  private let writers: [Writer]
  /// Whose transactions need not reach the disk before they are acknowledged.
  private let careless: Writer
  /// Of each bridge, then of each pod.
  private let redis: [Relay]
  private let database: [Relay]
  private let state = Mutex(State(bridges: Array(repeating: nil, count: bridges)))

  init(_ trial: Trial) async throws {
    self.trial = trial
    let stack = trial.scene.redis
    let socket = "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)"
    redis = (0..<Self.bridges + Self.pods).map { _ in
      Relay(to: stack.redisPort, receiveBuffer: 4096)
    }
    database = (0..<Self.bridges + Self.pods).map { _ in Relay(toSocket: socket) }
    writers = [try await trial.writer(), try await trial.writer()]
    careless = try await trial.writer(setup: "SET synchronous_commit = off")
    for number in 0..<Self.bridges { try start(number) }
    let first = writers[0].orgID
    for number in 0..<Self.pods {
      let (redis, conninfo) = (
        redis[Self.bridges + number].port, conninfo(Self.bridges + number)
      )
      let adapt: (inout Pod.Options) -> Void = { options in
        options.redisPort = redis
        options.database = conninfo
        if number == 1 { options.service = "email" }
        // One that asks everything every few seconds, and one that hears nothing.
        if number == 2 { options.tune = { $0.reconcile = .seconds(3) ... .seconds(5) } }
        if number == 3 {
          options.tune = {
            $0.redis = nil; $0.poll = .seconds(1)
          }
        }
      }
      if number == 2 {
        try await trial.pod(boundTo: first, adapt)
      } else {
        try await trial.pod("pod \(number)", adapt)
      }
    }
  }

  private func conninfo(_ relay: Int) -> String {
    "host=127.0.0.1 port=\(database[relay].port) dbname=\(trial.scene.database.name)"
  }

  /// Starts a bridge, unless it runs.
  private func start(_ number: Int) throws {
    if state.withLock({ $0.bridges[number]?.isRunning ?? false }) { return }
    let bridge = try trial.start(
      "bridge \(number)", database: "\(conninfo(number)) user=bridge",
      redisPort: redis[number].port)
    state.withLock { $0.bridges[number] = bridge }
  }

  private func bridge(_ number: Int) -> DaemonProcess? { state.withLock { $0.bridges[number] } }

  // MARK: Writers

  /// Writes until the task is cancelled, whatever comes of it.
  func write(seed: UInt64) async {
    await withTaskGroup { group in
      for (number, writer) in (writers + [careless]).enumerated() {
        group.addTask {
          var chance = SeededGenerator(seed: seed &+ UInt64(number) &* 1_000_003)
          while !Task.isCancelled {
            let keys = (0..<Int.random(in: 1...3, using: &chance)).map { _ in
              "k\(Int.random(in: 0..<12, using: &chance))"
            }
            let service = Bool.random(using: &chance) ? "ai" : "email"
            let way: Writer.Way = Bool.random(using: &chance) ? .call : .statement
            try? await writer.set(
              service, Array(Set(keys)).sorted(), to: Writer.value(), by: way)
            try? await Task.sleep(
              for: .milliseconds(Int.random(in: 0...60, using: &chance)))
          }
        }
      }
    }
  }

  // MARK: Steps

  /// Does a step. What it cannot do, since a server is down, is left undone.
  func take(_ step: ChaosStep) async throws {
    switch step {
    case .killBridge(let number):
      bridge(number)?.kill(SIGKILL)
      _ = state.withLock { $0.stopped.remove(number) }
    case .terminateBridge(let number): bridge(number)?.kill(SIGTERM)
    case .stopBridge(let number):
      bridge(number)?.kill(SIGSTOP)
      _ = state.withLock { $0.stopped.insert(number) }
    case .continueBridge(let number):
      bridge(number)?.kill(SIGCONT)
      _ = state.withLock { $0.stopped.remove(number) }
    case .startBridge(let number): try start(number)
    case .dropBridgeRedis(let number): redis[number].drop()
    case .dropBridgeDatabase(let number): database[number].drop()
    case .healBridge(let number): heal(number)
    case .dropPod(let number):
      redis[Self.bridges + number].drop()
      database[Self.bridges + number].drop()
    case .healPod(let number): heal(Self.bridges + number)
    case .stallPod(let number): redis[Self.bridges + number].stall()
    case .crashRedis:
      try await trial.scene.redis.control("crash", "redis")
      try await trial.scene.redis.control("up", "redis")
    case .crashPostgres:
      try await trial.scene.redis.control("crash", "postgres")
      trial.history.forgive(from: 0, of: careless.orgID)
      try await trial.scene.redis.control("up", "postgres")
    case .terminateSessions(let ofBridges):
      _ = try? await trial.owner { owner in
        try await owner.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE $1",
          [.text(ofBridges ? "bridge" : "pod%")])
      }
    case .pretendAwake:
      _ = try? await trial.owner { try await $0.query("SELECT setval('config.feed_awake', 1)") }
    case .longTransaction(let seconds):
      errand { writer in
        try await writer.set(
          "ai", ["long"], to: Writer.value(), before: "SELECT pg_sleep(\(seconds))")
      }
    case .prepare:
      let name = Writer.value()
      let writer = trial.writer(writers[0].orgID, setup: "SET app.wake_up = off")
      // A key of its own: it stays locked until the round ends. Without the marker, which is published.
      let key = "prepared\(name.dropFirst(Judge.marker.count))"
      let isPrepared =
        (try? await writer.set(
          "ai", [key], to: name, end: "PREPARE TRANSACTION '\(name)'")) != nil
      if isPrepared { state.withLock { $0.prepared.append(name) } }
      await writer.close()
    case .burst(let count):
      errand { writer in
        try await writer.set("ai", (0..<count).map { "b\($0)" }, to: Writer.value())
      }
    case .delete:
      errand { writer in try await writer.set("ai", ["k1", "b1"], to: nil) }
    case .rollBack:
      errand { writer in
        try await writer.set("ai", ["k2", "undone"], to: Writer.value(), end: "ROLLBACK")
      }
    case .replay:
      _ = try? await trial.scene.tool("bridge", "bridge", ["replay", "--all"])
    }
  }

  /// Something that a writer of his own does while the chaos goes on.
  private func errand(_ body: @escaping @Sendable (Writer) async throws -> Void) {
    let writer = trial.writer(writers[1].orgID)
    let task = Task {
      try? await body(writer)
      await writer.close()
    }
    state.withLock { $0.errands.append(task) }
  }

  private func heal(_ relay: Int) {
    redis[relay].heal()
    redis[relay].resume()
    database[relay].heal()
  }

  // MARK: After the storm

  /// Makes everything whole.
  func calm() async throws {
    for relay in redis.indices { heal(relay) }
    for number in 0..<Self.bridges {
      bridge(number)?.kill(SIGCONT)
      try start(number)
    }
    let (errands, prepared) = state.withLock { state in
      defer {
        state.errands = []
        state.prepared = []
        state.stopped = []
      }
      return (state.errands, state.prepared)
    }
    for errand in errands { await errand.value }
    try await trial.owner { owner in
      for name in prepared { try await owner.query("COMMIT PREPARED '\(name)'") }
    }
  }

  /// One more change of each organisation, which everybody must hear of.
  func probe() async throws {
    for writer in writers + [careless] {
      for service in ["ai", "email"] {
        try await eventually(within: .seconds(60), "a write after the storm") {
          (try? await writer.set("probe", of: service)) != nil
        }
      }
    }
  }

  func end() {
    for relay in redis + database { relay.stop() }
  }
}

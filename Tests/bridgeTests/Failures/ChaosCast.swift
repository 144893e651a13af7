internal import Foundation
internal import HotConfig
internal import Postgres
internal import Redis
internal import Synchronization
internal import TestSupport

/// Who suffers the chaos: bridges and pods behind relays of their own, and writers who never stop.
final class ChaosCast: Sendable {
  private struct State {
    var bridges: [DaemonProcess?]
    var errands: [Task<Void, Never>] = []
    var prepared: [String] = []
    /// What this round has done that it does once.
    var done: Set<String> = []
    /// What the end of the round takes back.
    var undo: [@Sendable () async throws -> Void] = []
    var number = 0
  }

  static let bridges = 3
  static let pods = 5

  let trial: Trial
  /// Where Redis is, if it is several, whom the Sentinels know: then nobody's way to it is a relay.
  let group: RedisGroup?
  let writers: [Writer]
  /// Whose transactions need not reach the disk before they are acknowledged.
  let careless: Writer
  /// Of each bridge, then of each pod.
  let redis: [Relay]
  let database: [Relay]
  /// How often the recorder must have begun to hear. Began it more often, it has missed something.
  let expectedRecordings: Mutex<Int>
  private let state = Mutex(State(bridges: Array(repeating: nil, count: bridges)))

  init(_ trial: Trial, group: RedisGroup? = nil) async throws {
    self.trial = trial
    self.group = group
    expectedRecordings = Mutex(trial.history.recordings)
    let stack = trial.scene.redis
    redis = (0..<Self.bridges + Self.pods).map { _ in
      Relay(to: stack.redisPort, receiveBuffer: 4096)
    }
    database = (0..<Self.bridges + Self.pods).map { Relay(toSocket: Self.home($0, stack)) }
    writers = [try await trial.writer(), try await trial.writer()]
    careless = try await trial.writer(setup: "SET synchronous_commit = off")
    for number in 0..<Self.bridges { try start(number) }
    for number in 0..<Self.pods { try await startPod(number) }
  }

  /// The socket of a bridge's or a pod's database. One of the bridges, and one of the pods, goes through the
  /// pooler.
  private static func home(_ relay: Int, _ stack: Stack) -> String {
    [2, bridges].contains(relay)
      ? "\(stack.pgbouncerHost)/.s.PGSQL.\(stack.pgbouncerPort)"
      : "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)"
  }

  /// From now on it finds the database where it did at first.
  func turnHome(_ relay: Int) {
    database[relay].turn(toSocket: Self.home(relay, trial.scene.redis))
  }

  private func startPod(_ number: Int) async throws {
    let (redis, conninfo) = (redisPort(Self.bridges + number), conninfo(Self.bridges + number))
    let adapt: (inout Pod.Options) -> Void = { options in
      options.redisPort = redis
      options.database = conninfo
      switch number {
      case 1: options.service = "email"
      // One that asks everything every few seconds, one that hears nothing, and one that nobody but a
      // comparison tells what is changed behind the triggers' back.
      case 2: options.tune = { $0.reconcile = .seconds(3) ... .seconds(5) }
      case 3:
        options.tune = {
          $0.redis = nil; $0.poll = .seconds(1)
        }
      case 4:
        options.service = "features"
        options.tune = { $0.reconcile = .seconds(1) ... .seconds(2) }
      default: break
      }
    }
    if number == 2 {
      try await trial.pod(boundTo: writers[0].orgID, adapt)
    } else {
      try await trial.pod("pod \(number)", adapt)
    }
  }

  private func conninfo(_ relay: Int) -> String {
    "host=127.0.0.1 port=\(database[relay].port) dbname=\(trial.scene.database.name)"
  }

  private func redisPort(_ relay: Int) -> Int? { group == nil ? redis[relay].port : nil }

  /// Starts a bridge, unless it runs.
  func start(_ number: Int) throws {
    if state.withLock({ $0.bridges[number]?.isRunning ?? false }) { return }
    let bridge = try trial.start(
      "bridge \(number)", database: "\(conninfo(number)) user=bridge",
      redisPort: redisPort(number))
    state.withLock { $0.bridges[number] = bridge }
  }

  func bridge(_ number: Int) -> DaemonProcess? { state.withLock { $0.bridges[number] } }

  /// A number that was not given before.
  func number() -> Int {
    state.withLock { state in
      state.number += 1
      return state.number
    }
  }

  /// A transaction that calm ends.
  func isPrepared(_ name: String) { state.withLock { $0.prepared.append(name) } }

  /// Whether this round has not done it before.
  func isFirst(_ what: String) -> Bool { state.withLock { $0.done.insert(what).inserted } }

  /// The end of the round does it.
  func atCalm(_ undo: @escaping @Sendable () async throws -> Void) {
    state.withLock { $0.undo.append(undo) }
  }

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

  /// Something that somebody does while the chaos goes on.
  func errand(_ body: @escaping @Sendable () async throws -> Void) {
    let task = Task { _ = try? await body() }
    state.withLock { $0.errands.append(task) }
  }

  /// Something that a writer of his own does meanwhile.
  func errand(_ body: @escaping @Sendable (Writer) async throws -> Void) {
    let writer = trial.writer(writers[1].orgID)
    errand {
      try? await body(writer)
      await writer.close()
    }
  }

  // MARK: After the storm

  /// Makes everything whole.
  func calm() async throws {
    for relay in redis.indices { heal(relay) }
    for number in 0..<Self.bridges {
      bridge(number)?.kill(SIGCONT)
      try start(number)
    }
    _ = try? await operate(["CONFIG", "SET", "client-output-buffer-limit", Self.usualLimit])
    let (errands, undo) = state.withLock { state in
      defer { (state.errands, state.undo, state.done) = ([], [], []) }
      return (state.errands, state.undo)
    }
    for undo in undo { try await undo() }
    for errand in errands { await errand.value }
    try await endPrepared("COMMIT PREPARED")
  }

  /// Ends what is prepared, unless a failure has taken it back.
  func endPrepared(_ how: String) async throws {
    let prepared = state.withLock { state in
      defer { state.prepared = [] }
      return state.prepared
    }
    try await trial.owner { owner in
      let there = try await owner.query(
        "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"
      ).compactMap { $0["gid"] }
      for name in prepared where there.contains(name) { try await owner.query("\(how) '\(name)'") }
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

  /// As Redis has it from the start.
  private static let usualLimit = "pubsub 32mb 8mb 60"

  /// Says something to Redis, as an operator, whatever happens to the bridges' and pods' ways.
  @discardableResult
  func operate(_ command: [String]) async throws -> RedisValue {
    let stack = trial.scene.redis
    let redis = try await RedisConnection.connect(
      RedisConfiguration(
        url: stack.redisURL("operator"), caFile: stack.redisCAFile,
        passwordFile: stack.redisPasswordFile("operator")))
    do {
      let answer = try await redis.send(command)
      await redis.close()
      return answer
    } catch {
      await redis.close()
      throw error
    }
  }

  /// How many pods Redis has cut off so far, because they did not read.
  var overruns: Int {
    let log = try? String(contentsOfFile: trial.scene.redis.log(of: "redis"), encoding: .utf8)
    return log?.split(separator: "\n").count {
      $0.contains("for overcoming of output buffer limits") && $0.contains("user=pod-")
    } ?? 0
  }

  func heal(_ relay: Int) {
    redis[relay].heal()
    redis[relay].resume()
    database[relay].heal()
  }

  func end() {
    for relay in redis + database { relay.stop() }
  }
}

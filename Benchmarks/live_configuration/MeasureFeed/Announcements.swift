internal import ArgumentParser
internal import Postgres
internal import Redis
internal import Synchronization

/// From COMMIT to the announcement on Redis, at a rate that writers keep up, whoever announces: changes
/// to rows whose last version is to be heard in the end. Prints changes per second, median and 99th
/// percentile in milliseconds, and the number of keys whose last version was not heard.
struct Announcements: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "announcements")

  @OptionGroup var servers: Servers
  @Option(help: "Changes per second that are tried.") var rate = 200
  @Option var seconds = 5
  @Option(help: "Seconds to wait for the last announcements.") var settle = 3
  @Option var writers = 8
  @Option(help: "SQL of a change: $1 a key's number, $2 a value; returns its version.")
  var change: String
  @Option(help: "Pattern of the announcements.") var pattern: String

  func run() async throws {
    let subscription = try await RedisSubscription.connect(
      try servers.redisConfiguration(as: "operator"))
    try await subscription.psubscribe([pattern])
    let ledger = Ledger()
    let listening = Task {
      for try await message in subscription.messages { ledger.hear(message) }
    }
    let start = ContinuousClock.now
    try await withThrowingTaskGroup { group in
      for writer in 0..<writers {
        group.addTask { try await write(writer, from: start, to: ledger) }
      }
      try await group.waitForAll()
    }
    let took = start.duration(to: .now) / .seconds(1)
    try await Task.sleep(for: .seconds(settle))
    listening.cancel()
    await subscription.close()
    let sum = ledger.sum()
    print(
      "\(Int((Double(sum.count) / took).rounded())) \(fixed(sum.latencies.median)) \(fixed(sum.latencies.quantile(0.99))) \(sum.lost)"
    )
  }

  /// Each writer has its own keys: the versions of one key come in order.
  private func write(
    _ writer: Int, from start: ContinuousClock.Instant, to ledger: Ledger
  ) async throws {
    let connection = try await servers.writerConnection()
    let period = Duration.seconds(1) * Double(writers) / Double(rate)
    var next = start + period * Double.random(in: 0...1)
    var round = 0
    while start.duration(to: .now) < .seconds(seconds) {
      try await Task.sleep(until: next, clock: .continuous)
      next += period
      let key = writer * 10 + round % 10
      round += 1
      try await connection.execute("BEGIN")
      let result = try await connection.query(change, [.int(Int64(key)), .text("\(round)")])
      guard let version = try result.first?.decode("version", as: Int64.self) else {
        throw MeasureError.noRow
      }
      ledger.commit(key: "k\(key)", version: version)
      try await connection.execute("COMMIT")
    }
    await connection.close()
  }
}

/// What was committed, and what was heard of it.
private final class Ledger: Sendable {
  private struct State {
    var pending: [String: ContinuousClock.Instant] = [:]
    var committed: [String: Int64] = [:]
    var heard: [String: Int64] = [:]
    var latencies = Figures()
    var count = 0
  }

  private let state = Mutex(State())

  /// Just before COMMIT.
  func commit(key: String, version: Int64) {
    state.withLock {
      $0.pending["\(key) \(version)"] = .now
      $0.committed[key] = version
      $0.count += 1
    }
  }

  func hear(_ message: RedisMessage) {
    let now = ContinuousClock.now
    guard let match = message.payload.firstMatch(of: /version=([0-9]+)/),
      let version = Int64(match.1)
    else { return }
    let key = String(message.channel.split(separator: ":").last ?? "")
    state.withLock { state in
      state.heard[key] = max(state.heard[key] ?? 0, version)
      if let at = state.pending.removeValue(forKey: "\(key) \(version)") {
        state.latencies.add(at.duration(to: now))
      }
    }
  }

  /// - Returns: How many changes were committed, how long they took to be announced, and of how many keys
  ///   the last version was never heard.
  func sum() -> (count: Int, latencies: Figures, lost: Int) {
    state.withLock { state in
      (state.count, state.latencies, state.committed.count { state.heard[$0.key] ?? 0 < $0.value })
    }
  }
}

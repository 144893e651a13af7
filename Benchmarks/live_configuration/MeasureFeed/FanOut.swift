internal import ArgumentParser
internal import HotConfig
internal import Postgres

/// From COMMIT to the memory of many subscribers, each with its own connections.
struct FanOut: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "fan-out")

  @OptionGroup var servers: Servers
  @Option var subscribers = 1000
  @Option var rounds = 100
  @Option(help: "Milliseconds between two changes.") var pause = 300
  @Option(
    help: "Seconds for which a connection is kept after a read, instead of what holds for a pooler."
  )
  var linger: Int?

  func run() async throws {
    let writer = try await servers.writerConnection()
    let floor = try await bare()
    let arrivals = Arrivals(of: ConfigValue.Key(orgID: servers.org, key: "timeout_ms"))
    var configuration = HotConfigConfiguration(
      services: ["ai"], postgres: PostgresConfiguration(conninfo: servers.pod),
      redis: try servers.redisConfiguration())
    configuration.reconcile = .seconds(3600) ... .seconds(3601)
    configuration.patience = .seconds(60)
    configuration.linger = linger.map { .seconds($0) }
    let fixed = configuration
    let configs = try await withThrowingTaskGroup { group in
      for _ in 0..<subscribers {
        group.addTask { try await HotConfig.connect(fixed) { arrivals.take($0) } }
      }
      return try await group.reduce(into: [HotConfig]()) { $0.append($1) }
    }
    // Until the heartbeats have told how many they are.
    try await Task.sleep(for: .seconds(3))

    var each = Figures()
    var last = Figures()
    let change = Change(connection: writer)
    for round in 0..<rounds {
      arrivals.expect(try await change.begin(1 + round % 1000), by: subscribers)
      let start = try await change.commit()
      let at = await arrivals.all()
      for instant in at { each.add(start.duration(to: instant)) }
      last.add(start.duration(to: at.max() ?? start))
      try await Task.sleep(for: .milliseconds(pause))
    }
    print(
      "| \(subscribers) subscribers\(linger == 0 ? ", no connection kept" : "") | \(MeasureFeedTable.row(each: each, last: last, floor: floor)) |"
    )
    await withTaskGroup { group in
      for config in configs { group.addTask { await config.close() } }
    }
    await writer.close()
  }

  private func bare() async throws -> Figures {
    let floor = try await FanOutFloor(servers, subscribers: subscribers)
    var last = Figures()
    for _ in 0..<rounds {
      last.add(try await floor.last())
      try await Task.sleep(for: .milliseconds(pause))
    }
    await floor.close()
    return last
  }
}

enum MeasureFeedTable {
  /// One subscriber's median and 99th percentile, the last one's, the last one's without us, their ratio,
  /// and whether the target is met.
  static func row(each: Figures, last: Figures, floor: Figures) -> String {
    ([each, last, floor].flatMap { [$0.median, $0.quantile(0.99)].map(fixed) }
      + [fixed(last.median / floor.median), last.quantile(0.99) < 100 ? "yes" : "NO"])
      .joined(separator: " | ")
  }
}

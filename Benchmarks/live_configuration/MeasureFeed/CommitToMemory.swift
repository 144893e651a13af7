internal import ArgumentParser
internal import AsyncIO
internal import HotConfig
internal import Postgres
internal import Redis

/// From COMMIT to one subscriber's memory, beside what its three legs cost bare.
struct CommitToMemory: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "commit-to-memory")

  @OptionGroup var servers: Servers
  @Option var rounds = 300
  @Option(help: "Milliseconds between two changes, at least; as many again by chance.") var pause =
    20

  func run() async throws {
    let writer = try await servers.writerConnection()
    let floor = try await Floor(servers)
    let key = ConfigValue.Key(orgID: servers.org, key: "timeout_ms")
    let arrivals = Arrivals(of: key)
    var configuration = HotConfigConfiguration(
      services: ["ai"], postgres: PostgresConfiguration(conninfo: servers.pod),
      redis: try servers.redisConfiguration())
    configuration.reconcile = .seconds(3600) ... .seconds(3601)
    let config = try await HotConfig.connect(configuration) { arrivals.take($0) }
    let change = Change(connection: writer)

    var bareNotify = Figures()
    var notify = Figures()
    var publish = Figures()
    var read = Figures()
    var announced = Figures()
    var whole = Figures()
    for round in 0..<rounds {
      // The legs like the whole after a pause: who has slept for long wakes slowly, and so does the machine.
      try await rest()
      let legs = try await IOThread.run {
        (
          try await floor.notify(isDurable: true), try await floor.publish(),
          try await floor.read(org: servers.org)
        )
      }
      notify.add(legs.0)
      publish.add(legs.1)
      read.add(legs.2)
      try await rest()
      bareNotify.add(try await IOThread.run { try await floor.notify(isDurable: false) })
      try await rest()
      arrivals.expect(try await change.begin(1 + round % 1000), by: 1)
      let start = try await change.commit()
      guard let last = await arrivals.all().last else { continue }
      // The first rounds warm up.
      guard round >= 20 else { continue }
      whole.add(start.duration(to: last))
      if let at = arrivals.announcedAt { announced.add(start.duration(to: at)) }
    }
    await config.close()
    await floor.close()
    await writer.close()
    let sum = notify.median + publish.median + read.median
    print(
      "| a change every \(pause)-\(2 * pause) ms | \(fixed(bareNotify.median)) | \(fixed(notify.median)) | \(fixed(publish.median)) | \(fixed(read.median)) "
        + "| \(fixed(announced.median)) | \(fixed(whole.median)) | \(fixed(whole.quantile(0.99))) | \(fixed(whole.median / sum)) "
        + "| \(whole.median / sum <= 2 && whole.median < 5 ? "yes" : "NO") |")
  }

  private func rest() async throws {
    try await Task.sleep(for: .milliseconds(Int.random(in: pause...(2 * pause))))
  }
}

internal import ArgumentParser
internal import Daemon
internal import HotConfig
internal import Postgres
internal import Redis

/// `bridge replay`: announces again what holds.
struct Replay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Announce again the versions that hold, of an organisation, a service or a key.",
    discussion: """
      For subscribers that have missed something and cannot tell. Who holds the version already does \
      nothing. Nothing is written to PostgreSQL, and a bridge may be running. Connects as the bridge.
      """)

  @OptionGroup var connections: ConnectionOptions

  @Option(help: ArgumentHelp("Only of this organisation; 0 is the platform.", valueName: "id"))
  var org: Int64?

  @Option(help: ArgumentHelp("Only of this service.", valueName: "name"))
  var service: String?

  @Option(help: ArgumentHelp("Only of this key.", valueName: "key"))
  var key: String?

  @Flag(help: "Everything.")
  var all = false

  @Flag(help: "Say what would be announced, and announce nothing.")
  var dryRun = false

  func validate() throws {
    let isNarrowed = org != nil || service != nil || key != nil
    guard isNarrowed != all else {
      throw ValidationError("say what: --org, --service, --key, or --all")
    }
  }

  func run() async throws {
    let postgres = connections.postgres(applicationName: "bridge replay", primary: true)
    let redis = try connections.redisConfiguration()
    try await Preflight.check(
      postgres: postgres, redis: redis, function: "config.feed_announcements(bigint,text,text)",
      publishing: dryRun ? nil : FeedMessage.checkChannel)
    let messages = try await read(postgres)
    if dryRun {
      for message in messages {
        StandardStream.output.writeLine("\(message.channel) \"\(message.payload)\"")
      }
      return
    }
    let connection = try await RedisConnection.connect(redis)
    do {
      for start in stride(from: 0, to: messages.count, by: 1000) {
        let part = messages[start..<min(start + 1000, messages.count)]
        _ = try await Publisher.publish(Array(part), redis: connection)
      }
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
    StandardStream.output.writeLine("announced \(messages.count)")
  }

  private func read(_ configuration: PostgresConfiguration) async throws -> [FeedMessage] {
    let connection = try await PostgresConnection.connect(configuration)
    do {
      let messages = try await connection.query(
        "SELECT * FROM config.feed_announcements($1, $2, $3)",
        [.int(org), .text(service), .text(key)], timeout: .seconds(60)
      ).map { try FeedMessage(announcement: $0) }
      await connection.close()
      return messages
    } catch {
      await connection.close()
      throw error
    }
  }
}

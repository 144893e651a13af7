internal import HotConfig
internal import Redis

/// PUBLISH, in one pipeline.
enum Publisher {
  /// Publishes and checks every reply: a refused one must not count as published. Nor must one that a
  /// replica has taken, which refuses nothing and passes nothing on: what the server is comes last in the
  /// same pipeline, and a master that was demoted before it says so.
  /// - Returns: How many subscribers each has reached.
  /// - Throws: `RedisError`; `BridgeError.publishRefused`, `publishedOnReplica`, `roleRefused`.
  static func publish(
    _ messages: [FeedMessage], redis: RedisConnection
  ) async throws -> [Int64] {
    let replies = try await redis.pipeline(
      messages.map { ["PUBLISH", $0.channel, $0.payload] } + [["ROLE"]])
    // Who may not ask would publish on a replica for ever, and never know.
    guard case .array(let words?)? = replies.last, let role = words.first?.string else {
      throw BridgeError.roleRefused(reply: replies.last.map { "\($0)" } ?? "nothing")
    }
    guard role == "master" else { throw BridgeError.publishedOnReplica(role: role) }
    return try zip(messages, replies).map { message, reply in
      guard case .integer(let reached) = reply else {
        throw BridgeError.publishRefused(channel: message.channel, reply: "\(reply)")
      }
      return reached
    }
  }
}

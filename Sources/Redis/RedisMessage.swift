/// A message that was published.
public struct RedisMessage: Sendable, Equatable {
  /// The channel that it was published on.
  public let channel: String
  /// The pattern that it came by; `nil` if the channel itself was subscribed to.
  public let pattern: String?
  /// The message.
  public let payload: String
}

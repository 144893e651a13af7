/// A NOTIFY that has arrived.
public struct PostgresNotification: Sendable, Equatable {
  /// The channel.
  public let channel: String
  /// The payload; empty if there was none.
  public let payload: String
  /// Process id of the backend that sent it.
  public let backendPID: Int32
}

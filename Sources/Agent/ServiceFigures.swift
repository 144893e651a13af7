public import Synchronization

/// What has been served of a service since the start.
public final class ServiceFigures: Sendable {
  /// Streams that are open.
  public let readers = Atomic(0)
  /// Events given to the system, one for each reader.
  public let events = Atomic(0)
  /// Events that a reader was not sent because it reads slowly; it gets everything once instead.
  public let skipped = Atomic(0)
  /// Readers cut off because they have read nothing for `AgentLimits.slow`.
  public let dropped = Atomic(0)
}

internal import Synchronization

/// Identifies a request from before it is begun, so that it can be given up at any moment.
final class Ticket: Sendable {
  let isCancelled = Atomic(false)
}

internal import Synchronization

/// How long a worker may act on its job, by its own clock.
///
/// Taken from before the call that asked for it, so that it ends here no later than in the database.
final class Lease: Sendable {
  private let end: Mutex<ContinuousClock.Instant>
  private let cancelled = Mutex(false)

  init(until end: ContinuousClock.Instant) {
    self.end = Mutex(end)
  }

  /// Whether it has not run out.
  var isHeld: Bool { end.withLock { $0 > .now } }

  /// Extends it.
  func extend(until new: ContinuousClock.Instant) { end.withLock { $0 = max($0, new) } }

  /// Whether the job is to end before its next step.
  var isCancelled: Bool { cancelled.withLock { $0 } }

  /// An administrator has cancelled the job.
  func cancel() { cancelled.withLock { $0 = true } }

  /// Another worker has the job.
  func lose() { end.withLock { $0 = .now } }
}

/// A moment by which something must have happened.
public struct Deadline: Sendable, Comparable {
  private let instant: ContinuousClock.Instant?

  /// A moment that never comes.
  public static let never = Deadline(nil)

  private init(_ instant: ContinuousClock.Instant?) {
    self.instant = instant
  }

  /// The moment after `duration` from now.
  public static func after(_ duration: Duration) -> Deadline {
    Deadline(.now + duration)
  }

  /// The moment after `duration` from now; never if it is `nil`.
  public static func after(_ duration: Duration?) -> Deadline {
    duration.map { .after($0) } ?? .never
  }

  /// How long it is until then, at least zero; `nil` if it never comes.
  public var remaining: Duration? {
    instant.map { max(ContinuousClock.now.duration(to: $0), .zero) }
  }

  /// Whether it has come.
  public var hasPassed: Bool { instant.map { $0 <= .now } ?? false }

  /// Returns when it has come.
  /// - Throws: `CancellationError`.
  public func sleep() async throws {
    let poller = Poller.shared
    let ticket = poller.ticket()
    do {
      try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          poller.begin(ticket, .task(continuation), until: self)
          // Cancelled before it began: nobody else ends it.
          if Task.isCancelled { poller.end(ticket, throwing: CancellationError()) }
        }
      } onCancel: {
        poller.end(ticket, throwing: CancellationError())
      }
    } catch is DeadlineExceeded {}
  }

  public static func < (a: Deadline, b: Deadline) -> Bool {
    switch (a.instant, b.instant) {
    case (let a?, let b?): a < b
    case (_?, nil): true
    case (nil, _): false
    }
  }
}

/// A deadline has passed.
public struct DeadlineExceeded: Error, Sendable, Equatable, CustomStringConvertible {
  /// The error.
  public init() {}

  public var description: String { "the deadline has passed" }
}

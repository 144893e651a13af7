/// When a transaction whose locks were not to be had is tried again: exponentially later, with full
/// jitter, so that those who collided do not collide again.
struct LockRetries: Sendable {
  enum Action: Sendable, Equatable {
    /// Again after this pause; which attempt that is.
    case retry(after: Duration, attempt: Int)
    /// It is no matter of locks, or it was tried often enough.
    case giveUp
  }

  /// How often it is tried in all.
  static let limit = 11
  /// lock_not_available, deadlock_detected: another try may succeed.
  static let states: Set<String> = ["55P03", "40P01"]

  private var attempt = 1

  /// - Parameters:
  ///   - sqlState: Of the error.
  ///   - random: A number of milliseconds up to this one.
  mutating func failed(
    _ sqlState: String?, random: (Int) -> Int = { Int.random(in: 0...$0) }
  ) -> Action {
    guard let sqlState, Self.states.contains(sqlState), attempt < Self.limit else { return .giveUp }
    let longest = min(5000, 100 << attempt)
    attempt += 1
    return .retry(after: .milliseconds(random(longest)), attempt: attempt)
  }
}

/// Whether NOTIFY reaches the bridge, judged by calls that it sends itself.
///
/// Until the first has come back nothing is taken for granted. If none ever does, something in between
/// does not carry LISTEN, and the bridge polls; if one stays away later, the connection is gone.
struct Hearing: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// Time between two calls.
  static let period = Duration.seconds(2)
  /// After which a call counts as unheard.
  static let limit = Duration.seconds(5)

  private var calls = 0
  private var calledAt: Instant?
  /// The first call that has not come back.
  private var unheard: (number: Int, since: Instant)?
  private var hasHeard = false

  /// Whether a NOTIFY would be heard.
  var isProven: Bool { hasHeard }

  /// The number of the next call.
  var nextCall: Int { calls + 1 }

  /// When the next call is due.
  func callDue(at now: Instant) -> Instant { calledAt.map { $0 + Self.period } ?? now }

  /// Whether calls stay away that came back before.
  func isLost(at now: Instant) -> Bool { hasHeard && isOverdue(at: now) }

  /// Whether no call has ever come back, for long enough to say so.
  func isDeaf(at now: Instant) -> Bool { !hasHeard && isOverdue(at: now) }

  /// The next call was sent.
  mutating func called(at now: Instant) {
    calls += 1
    calledAt = now
    if unheard == nil { unheard = (calls, now) }
  }

  /// A call came back, and with it all before it.
  mutating func heard(_ number: Int) {
    hasHeard = true
    if let unheard, number >= unheard.number { self.unheard = nil }
  }

  private func isOverdue(at now: Instant) -> Bool {
    guard let unheard else { return false }
    return unheard.since.duration(to: now) >= Self.limit
  }
}

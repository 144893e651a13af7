/// When a service reads the database without having been told to.
struct ReadSchedule: Sendable {
  typealias Instant = ContinuousClock.Instant

  private let configuration: HotConfigConfiguration
  private var pollAt: Instant
  private(set) var reconcileAt: Instant
  /// When the next report may be made, and when it must.
  private var reportAt: Instant
  private var reportLatestAt: Instant
  private var reported: ReloadReport?

  /// How often a pod reports that nothing has changed.
  private static let alive = Duration.seconds(30)

  init(_ configuration: HotConfigConfiguration, at now: Instant) {
    self.configuration = configuration
    pollAt = now
    reconcileAt = now + Self.between(configuration.reconcile)
    reportAt = now + Self.between(.zero...configuration.report)
    reportLatestAt = reportAt
  }

  /// What has to be read now, besides what messages ask for.
  func need(at now: Instant, isHeard: Bool) -> ConfigStore.Need {
    if now >= reconcileAt { return .complete }
    return !isHeard && now >= pollAt ? .delta : .nothing
  }

  /// When to look again if nothing is heard meanwhile.
  func nextLook(at now: Instant, isHeard: Bool, report: ReloadReport) -> Instant {
    var next = reconcileAt
    next = min(next, isHeard ? now + configuration.silence : pollAt)
    if configuration.pod != nil {
      next = min(next, report == reported ? reportLatestAt : reportAt)
    }
    return next
  }

  /// Whether a report is due.
  func isReportDue(_ report: ReloadReport, at now: Instant) -> Bool {
    guard configuration.pod != nil else { return false }
    return now >= (report == reported ? reportLatestAt : reportAt)
  }

  /// A read has come back.
  mutating func wasRead(isComplete: Bool, at now: Instant) {
    pollAt = now + configuration.poll
    if isComplete { reconcileAt = now + Self.between(configuration.reconcile) }
  }

  /// A report was made, or refused: the next is not sooner.
  mutating func wasReported(_ report: ReloadReport, at now: Instant) {
    reported = report
    // By chance, so that a thousand pods that changed at once do not report at once.
    reportAt = now + Self.between(configuration.report...configuration.report * 2)
    reportLatestAt = now + Self.alive
  }

  /// Over how long subscribers spread their reads of one announcement.
  /// - Parameter jitter: For a thousand or more of them.
  static func spread(over jitter: Duration, subscribers: Int64) -> Duration {
    subscribers > 1 ? jitter * Double(min(subscribers, 1000)) / 1000.0 : .zero
  }

  /// A duration by chance.
  static func between(_ bounds: ClosedRange<Duration>) -> Duration {
    bounds.lowerBound + (bounds.upperBound - bounds.lowerBound) * Double.random(in: 0...1)
  }
}

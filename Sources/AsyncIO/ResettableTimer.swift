internal import Synchronization

/// One timer that is set again and again, as libcurl asks for.
public final class ResettableTimer: Sendable {
  /// The wait that is under way; 0: none.
  private let current = Atomic<Poller.Ticket>(0)
  private let handler: @Sendable () -> Void

  /// - Parameters:
  ///   - handler: Called once each time the timer runs out, on `IOExecutor`.
  public init(_ handler: @escaping @Sendable () -> Void) {
    self.handler = handler
  }

  /// Sets the timer anew; `nil` stops it.
  public func set(milliseconds: Int?) {
    let ticket = milliseconds == nil ? 0 : Poller.shared.ticket()
    let last = current.exchange(ticket, ordering: .relaxed)
    if last != 0 { Poller.shared.forget(last) }
    guard let milliseconds else { return }
    let timer = Poller.Waiter.timer { [weak self] in
      // It may have run out in the same moment in which it was set anew.
      guard let self,
        current.compareExchange(expected: ticket, desired: 0, ordering: .relaxed).exchanged
      else { return }
      handler()
    }
    Poller.shared.begin(ticket, timer, until: .after(.milliseconds(milliseconds)))
  }

  deinit {
    let last = current.load(ordering: .relaxed)
    if last != 0 { Poller.shared.forget(last) }
  }
}

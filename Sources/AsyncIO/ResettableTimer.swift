internal import Dispatch

/// One timer that is set again and again, as libcurl asks for.
public final class ResettableTimer {
  private let source: any DispatchSourceTimer

  /// - Parameters:
  ///   - executor: Where the handler runs, and where this object is used.
  ///   - handler: Called once each time the timer runs out.
  public init(executor: QueueExecutor, handler: @escaping @Sendable () -> Void) {
    source = DispatchSource.makeTimerSource(queue: executor.queue)
    source.setEventHandler(handler: handler)
    source.schedule(deadline: .distantFuture)
    source.resume()
  }

  /// Sets the timer anew; `nil` stops it.
  public func set(milliseconds: Int?) {
    let deadline = milliseconds.map { DispatchTime.now() + .milliseconds($0) } ?? .distantFuture
    source.schedule(deadline: deadline, leeway: .microseconds(100))
  }

  deinit { source.cancel() }
}

/// Runs actors on the thread that waits for descriptors and deadlines, where the handlers of their descriptors
/// and timers run, too: they may call them synchronously with `assumeIsolated`.
///
/// A queue of libdispatch would cost each event of a descriptor two changes of thread, and each call from a
/// task of `IOThread` two more.
public final class IOExecutor: SerialExecutor {
  /// There is one thread, and so one executor.
  public static let shared = IOExecutor()

  private init() {}

  public func enqueue(_ job: consuming ExecutorJob) {
    Poller.shared.enqueue(.actor(UnownedJob(job)))
  }

  public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  public func checkIsolated() {
    precondition(Poller.shared.isCurrent, "not on the thread that waits for descriptors")
  }

  /// Runs `body` on the thread, later.
  public func run(_ body: @escaping @Sendable () -> Void) {
    Poller.shared.enqueue(.call(body))
  }
}

internal import Dispatch

/// Runs an actor on a dispatch queue of its own, where the handlers of its descriptors and timers run,
/// too: they may call it synchronously with `assumeIsolated`.
///
/// `DispatchSerialQueue`, which does this elsewhere, is no `SerialExecutor` on Linux.
public final class QueueExecutor: SerialExecutor {
  let queue: DispatchQueue

  /// - Parameter label: Name of the queue, for debuggers.
  public init(label: String) {
    queue = DispatchQueue(label: label)
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  public func checkIsolated() {
    dispatchPrecondition(condition: .onQueue(queue))
  }

  /// Runs `body` on the queue, later.
  public func run(_ body: @escaping @Sendable () -> Void) {
    queue.async(execute: body)
  }
}

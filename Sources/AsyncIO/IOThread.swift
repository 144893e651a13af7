/// The thread that waits for descriptors and deadlines, as a place to run tasks.
///
/// For tasks that wait much and compute little: what they wait for wakes them without a change of thread.
/// Nothing may block there, nor compute for long: every wait of the process stands still meanwhile.
public enum IOThread {
  /// Runs `body`, and the child tasks that it makes, there.
  public static func run<Value: Sendable>(
    _ body: () async throws -> sending Value
  ) async rethrows -> Value {
    try await withTaskExecutorPreference(Poller.shared, operation: body)
  }

  /// Runs `body` there, as a task of its own.
  public static func start(_ body: sending @escaping () async -> Void) -> Task<Void, Never> {
    Task(executorPreference: Poller.shared, operation: body)
  }
}

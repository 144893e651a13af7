/// Does work that goes on for a while when the task is cancelled: what it is at can still come to its end.
/// - Parameters:
///   - grace: How long it has then, before it is cancelled, too.
///   - work: What is done.
/// - Throws: What `work` throws; `CancellationError` if it was not done in time.
func withGrace<Result: Sendable>(
  _ grace: Duration, _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  let (cancellation, signal) = AsyncStream<Never>.makeStream()
  // A task of its own: this one's cancellation would reach its children at once.
  let task = Task {
    try await withThrowingTaskGroup(of: Result.self) { group in
      group.addTask { try await work() }
      group.addTask {
        for await _ in cancellation {}
        try await Task.sleep(for: grace)
        throw CancellationError()
      }
      defer { group.cancelAll() }
      return try await group.next()!
    }
  }
  return try await withTaskCancellationHandler {
    try await task.value
  } onCancel: {
    signal.finish()
  }
}

internal import Synchronization

/// A number of permits, given out in the order in which they were asked for.
public final class AsyncSemaphore: Sendable {
  private struct Waiter {
    let id: UInt64
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var permits: Int
    var nextID: UInt64 = 0
    var waiters: [Waiter] = []
    /// Cancelled before they began to wait.
    var cancelled: Set<UInt64> = []
  }

  private let state: Mutex<State>

  /// - Parameter permits: How many may hold one at a time; 1 makes it a lock.
  public init(permits: Int) {
    precondition(permits > 0)
    state = Mutex(State(permits: permits))
  }

  /// Runs `body` while holding a permit.
  /// - Throws: `CancellationError` if the task is cancelled while it waits, `DeadlineExceeded` if it has
  ///   not got a permit by then, and what `body` throws.
  public func withPermit<Value, Failure>(
    until deadline: Deadline = .never, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(Failure) -> Value
  ) async throws -> Value {
    if !acquireAtOnce() {
      if deadline == .never { try await acquire() } else { try await acquire(until: deadline) }
    }
    defer { release() }
    return try await body()
  }

  private func acquireAtOnce() -> Bool {
    state.withLock { state in
      guard state.permits > 0 else { return false }
      state.permits -= 1
      return true
    }
  }

  private func acquire(until deadline: Deadline) async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await self.acquire()
        return true
      }
      group.addTask {
        try await deadline.sleep()
        return false
      }
      var isGranted = false
      var hasPassed = false
      // Both: a permit that comes at the last moment must not be lost.
      while let result = await group.nextResult() {
        group.cancelAll()
        if case .success(let value) = result {
          if value { isGranted = true } else { hasPassed = true }
        }
      }
      if isGranted { return }
      if hasPassed { throw DeadlineExceeded() }
      throw CancellationError()
    }
  }

  private func acquire() async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    let isGranted = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Bool? = state.withLock { state in
          if state.cancelled.remove(id) != nil { return false }
          if state.permits > 0 {
            state.permits -= 1
            return true
          }
          state.waiters.append(Waiter(id: id, continuation: continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> Waiter? in
        guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return nil
        }
        return state.waiters.remove(at: index)
      }
      waiter?.continuation.resume(returning: false)
    }
    state.withLock { _ = $0.cancelled.remove(id) }
    guard isGranted else { throw CancellationError() }
  }

  /// One permit more, from now on.
  public func add() { release() }

  private func release() {
    let next = state.withLock { state -> Waiter? in
      guard !state.waiters.isEmpty else {
        state.permits += 1
        return nil
      }
      return state.waiters.removeFirst()
    }
    next?.continuation.resume(returning: true)
  }
}

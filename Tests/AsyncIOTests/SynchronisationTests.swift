internal import AsyncIO
internal import Synchronization
internal import Testing

@Suite(.timeLimit(.minutes(1))) struct SynchronisationTests {
  private final class Counter: Sendable {
    let active = Mutex(0)
    let most = Mutex(0)
  }

  @Test func noMoreHoldersThanPermits() async throws {
    let semaphore = AsyncSemaphore(permits: 3)
    let counter = Counter()
    try await withThrowingTaskGroup { group in
      for _ in 0..<50 {
        group.addTask {
          try await semaphore.withPermit {
            let now = counter.active.withLock { active in
              active += 1
              return active
            }
            counter.most.withLock { $0 = max($0, now) }
            try await Task.sleep(for: .milliseconds(1))
            counter.active.withLock { $0 -= 1 }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(counter.most.withLock { $0 } == 3)
  }

  @Test func aCancelledWaiterGivesUpItsPlace() async throws {
    let semaphore = AsyncSemaphore(permits: 1)
    let entered = AsyncSignal()
    let leave = AsyncSignal()
    let holder = Task {
      try await semaphore.withPermit {
        entered.raise()
        await leave.wait()
      }
    }
    await entered.wait()
    let waiter = Task { try await semaphore.withPermit {} }
    waiter.cancel()
    await #expect(throws: CancellationError.self) { try await waiter.value }
    leave.raise()
    try await holder.value
    // The permit is there again.
    try await semaphore.withPermit {}
  }

  @Test func aSignalRaisedBeforeTheWaitWakesOnce() async {
    let signal = AsyncSignal()
    signal.raise()
    signal.raise()
    await signal.wait(timeout: .seconds(10))
    let start = ContinuousClock.now
    await signal.wait(timeout: .milliseconds(50))
    #expect(start.duration(to: .now) >= .milliseconds(50))
  }
}

internal import AsyncIO
internal import Testing

@Suite(.timeLimit(.minutes(1))) struct AsyncSemaphoreTests {
  private actor Log {
    private(set) var order: [Int] = []
    private(set) var most = 0
    private var inside = 0

    func enter() {
      inside += 1
      most = max(most, inside)
    }
    func leave() { inside -= 1 }
    func add(_ number: Int) { order.append(number) }
  }

  @Test func noMoreThanThePermitsAreInside() async throws {
    let semaphore = AsyncSemaphore(permits: 3)
    let log = Log()
    try await withThrowingTaskGroup { group in
      for _ in 0..<30 {
        group.addTask {
          try await semaphore.withPermit {
            await log.enter()
            try await Task.sleep(for: .milliseconds(2))
            await log.leave()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(await log.most == 3)
  }

  @Test func permitsAreGivenInTurn() async throws {
    let semaphore = AsyncSemaphore(permits: 1)
    let log = Log()
    var tasks: [Task<Void, any Error>] = []
    try await semaphore.withPermit {
      for number in 0..<10 {
        tasks.append(Task { try await semaphore.withPermit { await log.add(number) } })
        // Each is in the queue before the next one.
        try await Task.sleep(for: .milliseconds(5))
      }
    }
    for task in tasks { try await task.value }
    #expect(await log.order == Array(0..<10))
  }

  @Test func aCancelledWaiterLeavesTheQueue() async throws {
    let semaphore = AsyncSemaphore(permits: 1)
    try await semaphore.withPermit {
      let task = Task { try await semaphore.withPermit {} }
      try await Task.sleep(for: .milliseconds(20))
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
    try await semaphore.withPermit {}
  }

  @Test func aBodyThatThrowsGivesThePermitBack() async throws {
    struct Failure: Error {}
    let semaphore = AsyncSemaphore(permits: 1)
    await #expect(throws: Failure.self) { try await semaphore.withPermit { throw Failure() } }
    try await semaphore.withPermit {}
  }

  @Test func cancellationAtAnyMomentLosesNoPermit() async throws {
    let semaphore = AsyncSemaphore(permits: 2)
    await withTaskGroup { group in
      for round in 0..<500 {
        group.addTask {
          let task = Task { try await semaphore.withPermit { await Task.yield() } }
          if round % 2 == 0 { task.cancel() }
          _ = await task.result
        }
      }
    }
    try await semaphore.withPermit { try await semaphore.withPermit {} }
  }

  @Test func whoeverGetsNoPermitInTimeLeavesTheQueue() async throws {
    let semaphore = AsyncSemaphore(permits: 1)
    try await semaphore.withPermit {
      await #expect(throws: DeadlineExceeded.self) {
        try await semaphore.withPermit(until: .after(.milliseconds(20))) {}
      }
      let cancelled = Task { try await semaphore.withPermit(until: .after(.seconds(60))) {} }
      cancelled.cancel()
      await #expect(throws: CancellationError.self) { try await cancelled.value }
    }
    try await semaphore.withPermit(until: .after(.seconds(60))) {}
  }

  @Test func aPermitThatComesWithTheDeadlineIsNotLost() async throws {
    let semaphore = AsyncSemaphore(permits: 2)
    await withTaskGroup { group in
      for round in 0..<300 {
        group.addTask {
          let deadline = Deadline.after(.microseconds(round * 10))
          try? await semaphore.withPermit(until: deadline) {
            try? await Task.sleep(for: .microseconds(20))
          }
        }
      }
    }
    try await semaphore.withPermit { try await semaphore.withPermit {} }
  }
}

internal import AsyncIO
internal import Synchronization
internal import Testing

@Suite(.timeLimit(.minutes(1))) struct AsyncSignalTests {
  @Test func wakesTheWaiter() async throws {
    let signal = AsyncSignal()
    async let wait: Void = signal.wait()
    try await Task.sleep(for: .milliseconds(20))
    signal.raise()
    await wait
  }

  @Test func whatWasRaisedBeforeWakesOnce() async {
    let signal = AsyncSignal()
    signal.raise()
    signal.raise()
    await signal.wait()
    let start = ContinuousClock.now
    await signal.wait(timeout: .milliseconds(50))
    #expect(start.duration(to: .now) >= .milliseconds(50))
  }

  @Test func cancellationEndsTheWait() async throws {
    let signal = AsyncSignal()
    let task = Task { await signal.wait() }
    try await Task.sleep(for: .milliseconds(20))
    task.cancel()
    await task.value
  }

  @Test func aTimeoutLeavesItUsable() async {
    let signal = AsyncSignal()
    await signal.wait(timeout: .milliseconds(5))
    signal.raise()
    await signal.wait()
  }

  @Test func noRaiseIsLost() async {
    let (there, back) = (AsyncSignal(), AsyncSignal())
    let rounds = 2000
    let echo = Task {
      for _ in 0..<rounds {
        await there.wait()
        back.raise()
      }
    }
    for _ in 0..<rounds {
      there.raise()
      // A signal that was missed would never come again.
      await back.wait(timeout: .seconds(50))
    }
    await echo.value
  }

  @Test func aRaiseMayComeWithTheTimeout() async {
    let signal = AsyncSignal()
    let isOver = Atomic(false)
    let raiser = Task {
      while !isOver.load(ordering: .relaxed) {
        signal.raise()
        await Task.yield()
      }
    }
    for _ in 0..<300 { await signal.wait(timeout: .microseconds(.random(in: 0...1000))) }
    isOver.store(true, ordering: .relaxed)
    await raiser.value
    signal.raise()
    await signal.wait()
  }
}

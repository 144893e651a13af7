internal import AsyncIO
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
}

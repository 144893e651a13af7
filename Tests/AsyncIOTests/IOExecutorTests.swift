internal import AsyncIO
internal import Glibc
internal import Testing

@Suite(.timeLimit(.minutes(1))) struct IOExecutorTests {
  /// An actor as the HTTP layer has one: its handlers call it synchronously.
  private actor Watcher {
    nonisolated var unownedExecutor: UnownedSerialExecutor {
      IOExecutor.shared.asUnownedSerialExecutor()
    }
    private var watch: DescriptorWatch?
    private var timer: ResettableTimer?
    private(set) var reads = 0
    private(set) var writes = 0
    private(set) var ticks = 0

    func start(_ descriptor: Int32) {
      watch = DescriptorWatch(
        descriptor: descriptor,
        onReadable: { [weak self] in self?.assumeIsolated { $0.read(descriptor) } },
        onWritable: { [weak self] in self?.assumeIsolated { $0.wrote() } })
      timer = ResettableTimer { [weak self] in
        self?.assumeIsolated { $0.ticks += 1 }
      }
    }

    func watch(read: Bool, write: Bool) { watch?.watch(read: read, write: write) }
    func setTimer(_ milliseconds: Int?) { timer?.set(milliseconds: milliseconds) }
    func stop() {
      watch = nil
      timer = nil
    }

    private func read(_ descriptor: Int32) {
      var byte: UInt8 = 0
      if Glibc.read(descriptor, &byte, 1) == 1 { reads += 1 }
    }

    private func wrote() {
      writes += 1
      watch?.watch(read: true, write: false)
    }
  }

  private func eventually(_ condition: () async -> Bool) async throws {
    for _ in 0..<500 {
      if await condition() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("did not come about")
  }

  @Test func handlersRunOnTheActorAsLongAsItWatches() async throws {
    let pair = SocketPair()
    let watcher = Watcher()
    await watcher.start(pair.a)
    await watcher.watch(read: true, write: true)
    pair.send()
    try await eventually { await watcher.reads == 1 }
    try await eventually { await watcher.writes == 1 }
    pair.send()
    try await eventually { await watcher.reads == 2 }
    await watcher.watch(read: false, write: false)
    pair.send()
    try await Task.sleep(for: .milliseconds(50))
    #expect(await watcher.reads == 2)
    await watcher.watch(read: true, write: false)
    try await eventually { await watcher.reads == 3 }
    await watcher.stop()
  }

  @Test func theTimerRunsOutOnceEachTimeItIsSet() async throws {
    let watcher = Watcher()
    let pair = SocketPair()
    await watcher.start(pair.a)
    await watcher.setTimer(10_000)
    await watcher.setTimer(1)
    try await eventually { await watcher.ticks == 1 }
    await watcher.setTimer(0)
    try await eventually { await watcher.ticks == 2 }
    await watcher.setTimer(30)
    await watcher.setTimer(nil)
    try await Task.sleep(for: .milliseconds(80))
    #expect(await watcher.ticks == 2)
    await watcher.stop()
  }

  @Test func aDescriptorIsWatchedUntilItsOwnerLetsGo() async throws {
    let pair = SocketPair()
    let watcher = Watcher()
    // libcurl closes its socket before it lets go of it; the duplicate that is watched stays.
    let own = dup(pair.a)
    await watcher.start(own)
    await watcher.watch(read: false, write: true)
    close(own)
    try await eventually { await watcher.writes == 1 }
    pair.closeA()
    #expect(!pair.isAtEnd)
    await watcher.stop()
    try await eventually { pair.isAtEnd }
  }

  @Test func blockingCallsDoNotHoldUpTheOthers() async throws {
    let start = ContinuousClock.now
    try await withThrowingTaskGroup { group in
      // More than there are cores.
      for _ in 0..<32 { group.addTask { try await BlockingThread.run { usleep(200_000) } } }
      try await group.waitForAll()
    }
    #expect(start.duration(to: .now) < .seconds(2))
  }

  @Test func aBlockingCallIsLeftToItselfAtTheDeadline() async throws {
    #expect(try await BlockingThread.run(until: .after(.seconds(20))) { 1 } == 1)
    await #expect(throws: DeadlineExceeded.self) {
      try await BlockingThread.run(until: .after(.milliseconds(10))) { usleep(200_000) }
    }
  }

  @Test func whatABlockingCallThrowsArrives() async {
    struct Failure: Error {}
    await #expect(throws: Failure.self) { try await BlockingThread.run { throw Failure() } }
  }
}

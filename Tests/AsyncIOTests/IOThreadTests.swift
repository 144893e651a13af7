internal import AsyncIO
internal import Glibc
internal import Synchronization
internal import Testing

@Suite(.timeLimit(.minutes(1))) struct IOThreadTests {
  @Test func whatItRunsStaysThereAcrossWaits() async throws {
    let pair = SocketPair()
    let threads = try await IOThread.run {
      var threads = [Self.thread()]
      try await Deadline.after(.milliseconds(5)).sleep()
      threads.append(Self.thread())
      pair.send()
      try await Readiness(descriptor: pair.a).waitReadable()
      threads.append(Self.thread())
      threads += await withTaskGroup { group in
        for _ in 0..<3 { group.addTask { Self.thread() } }
        return await group.reduce(into: [UInt64]()) { $0.append($1) }
      }
      return threads
    }
    let other = IOThread.start { #expect(Self.thread() == threads[0]) }
    await other.value
    #expect(threads.count == 6 && Set(threads).count == 1)
    #expect(Self.thread() != threads[0])
  }

  @Test func whoNeverWaitsHoldsUpNoDescriptor() async throws {
    let pair = SocketPair()
    let busy = IOThread.start { while !Task.isCancelled { await Task.yield() } }
    // Through the thread's own queue, and past it.
    try await IOThread.run {
      async let readable: Void = Readiness(descriptor: pair.a).waitReadable(
        until: .after(.seconds(30)))
      pair.send()
      try await readable
    }
    try await Readiness(descriptor: pair.a).waitReadable(until: .after(.seconds(30)))
    try await Deadline.after(.milliseconds(5)).sleep()
    busy.cancel()
    await busy.value
  }

  @Test func nothingThatIsGivenToItIsLost() async {
    let count = Counter()
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<500 {
            await IOThread.run { count.count() }
            // Now and then it has gone to sleep before the next one comes.
            if Int.random(in: 0..<50) == 0 { try? await Task.sleep(for: .milliseconds(1)) }
          }
        }
      }
    }
    #expect(count.value == 4000)
  }

  @Test func anErrorComesThrough() async {
    await #expect(throws: DeadlineExceeded.self) {
      try await IOThread.run { throw DeadlineExceeded() }
    }
  }

  private static func thread() -> UInt64 { UInt64(pthread_self()) }

  private final class Counter: Sendable {
    private let total = Atomic(0)
    var value: Int { total.load(ordering: .relaxed) }
    func count() { total.add(1, ordering: .relaxed) }
  }
}

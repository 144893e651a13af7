internal import AsyncIO
internal import Glibc
internal import Testing

@Suite(.timeLimit(.minutes(1))) struct ReadinessTests {
  @Test func waitsUntilDataIsThere() async throws {
    let pair = SocketPair()
    async let wait: Void = Readiness(descriptor: pair.a).waitReadable(until: .after(.seconds(10)))
    try await Task.sleep(for: .milliseconds(20))
    pair.send()
    try await wait
  }

  @Test func theEndOfTheStreamIsReadable() async throws {
    let pair = SocketPair()
    shutdown(pair.b, Int32(SHUT_WR))
    try await Readiness(descriptor: pair.a).waitReadable(until: .after(.seconds(10)))
  }

  @Test func waitsUntilThereIsRoom() async throws {
    let pair = SocketPair()
    pair.fill()
    await #expect(throws: DeadlineExceeded.self) {
      try await Readiness(descriptor: pair.a).waitWritable(until: .after(.milliseconds(20)))
    }
    pair.drain()
    try await Readiness(descriptor: pair.a).waitWritable(until: .after(.seconds(10)))
  }

  @Test func eitherIsEnough() async throws {
    let pair = SocketPair()
    pair.fill()
    pair.send()
    try await Readiness(descriptor: pair.a).waitReadableOrWritable(until: .after(.seconds(10)))
  }

  @Test func aDeadlineThatHasPassedEndsTheWait() async {
    let pair = SocketPair()
    await #expect(throws: DeadlineExceeded.self) {
      try await Readiness(descriptor: pair.a).waitReadable(until: .after(.zero))
    }
  }

  @Test func cancellationEndsTheWait() async throws {
    let pair = SocketPair()
    let task = Task { try await Readiness(descriptor: pair.a).waitReadable() }
    try await Task.sleep(for: .milliseconds(20))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func aCancelledTaskDoesNotBeginToWait() async {
    let pair = SocketPair()
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await Readiness(descriptor: pair.a).waitReadable()
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  /// Readiness, deadline and cancellation at the same time: one of them wins, and the descriptor can be
  /// closed, and its number used again, as soon as the wait is over.
  @Test func whateverComesFirstEndsItOnce() async {
    await withTaskGroup { group in
      for round in 0..<400 {
        group.addTask {
          let pair = SocketPair()
          let task = Task {
            try await Readiness(descriptor: pair.a)
              .waitReadableOrWritable(until: .after(.microseconds(round % 7 * 50)))
          }
          if round % 2 == 0 { pair.send() }
          if round % 3 == 0 { task.cancel() }
          _ = await task.result
        }
      }
    }
  }

  /// Two who wait for the same descriptor, one of them for what does not come.
  @Test func oneDescriptorIsWaitedForTwice() async throws {
    let pair = SocketPair()
    pair.fill()
    let writing = Task { try await Readiness(descriptor: pair.a).waitWritable() }
    let reading = Task { try await Readiness(descriptor: pair.a).waitReadable() }
    try await Task.sleep(for: .milliseconds(20))
    pair.send()
    try await reading.value
    pair.drain()
    try await writing.value
  }

  /// A thousand that end before their deadlines leave these behind; one that does not end finds its own.
  @Test func deadlinesOfEndedWaitsDisturbNobody() async throws {
    try await withThrowingTaskGroup { group in
      for round in 0..<1000 {
        group.addTask {
          let pair = SocketPair()
          pair.send()
          try await Readiness(descriptor: pair.a)
            .waitReadable(until: .after(.seconds(600 - round % 300)))
        }
      }
      try await group.waitForAll()
    }
    let pair = SocketPair()
    await #expect(throws: DeadlineExceeded.self) {
      try await Readiness(descriptor: pair.a).waitReadable(until: .after(.milliseconds(30)))
    }
  }

  @Test func whatCannotBeWaitedForIsReady() async throws {
    let file = open("/dev/zero", O_RDONLY)
    defer { close(file) }
    try await Readiness(descriptor: file).waitReadable(until: .after(.seconds(10)))
    try await Readiness(descriptor: -1).waitReadable(until: .after(.seconds(10)))
  }
}

internal import AsyncIO
internal import Foundation
internal import Testing

@Suite(.timeLimit(.minutes(1))) struct ReadinessTests {
  /// Two connected sockets, closed at the end.
  private func withPair(_ body: (Int32, Int32) async throws -> Void) async throws {
    var pair: [Int32] = [0, 0]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    defer { for descriptor in pair { close(descriptor) } }
    try await body(pair[0], pair[1])
  }

  @Test func dataMakesReadable() async throws {
    try await withPair { here, there in
      async let wait: Void = Readiness(descriptor: here).waitReadable(until: .after(.seconds(10)))
      #expect(write(there, "x", 1) == 1)
      try await wait
      try await Readiness(descriptor: here).waitWritable(until: .after(.seconds(10)))
    }
  }

  @Test func theDeadlineEndsTheWait() async throws {
    try await withPair { here, _ in
      await #expect(throws: DeadlineExceeded.self) {
        try await Readiness(descriptor: here).waitReadable(until: .after(.milliseconds(20)))
      }
    }
  }

  @Test func cancellationEndsTheWait() async throws {
    try await withPair { here, _ in
      let task = Task { try await Readiness(descriptor: here).waitReadable() }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  /// Deadline, data and cancellation at the same moment: each wait ends exactly once.
  @Test func racesEndOnce() async throws {
    for _ in 0..<200 {
      try await withPair { here, there in
        let task = Task {
          try? await Readiness(descriptor: here).waitReadable(until: .after(.microseconds(500)))
        }
        async let writing = Task { _ = write(there, "x", 1) }.value
        async let cancelling = Task { task.cancel() }.value
        _ = await (writing, cancelling)
        await task.value
      }
    }
  }
}

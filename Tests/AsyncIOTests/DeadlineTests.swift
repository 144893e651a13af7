internal import AsyncIO
internal import Testing

struct DeadlineTests {
  @Test func comesAfterItsTime() async throws {
    let deadline = Deadline.after(.milliseconds(20))
    #expect(!deadline.hasPassed)
    try await Task.sleep(for: .milliseconds(25))
    #expect(deadline.hasPassed)
    #expect(deadline.remaining == .zero)
  }

  @Test func neverIsAfterEveryOther() {
    #expect(Deadline.after(.seconds(1_000_000)) < .never)
    #expect(!(Deadline.never < .never))
    #expect(Deadline.after(Duration?.none).remaining == nil)
    #expect(Deadline.after(.seconds(1)) < .after(.seconds(2)))
  }

  @Test func sleepsUntilThen() async throws {
    let deadline = Deadline.after(.milliseconds(20))
    try await deadline.sleep()
    #expect(deadline.hasPassed)
    try await deadline.sleep()
  }

  @Test(.timeLimit(.minutes(1)), arguments: [0, 20])
  func cancellationEndsTheSleep(milliseconds: Int) async throws {
    let task = Task { try await Deadline.never.sleep() }
    try await Task.sleep(for: .milliseconds(milliseconds))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}

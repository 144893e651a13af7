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
}

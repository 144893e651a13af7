internal import Testing

@testable internal import AsyncIO

struct DeadlineQueueTests {
  @Test func theNextOneComesFirst() {
    var queue = DeadlineQueue()
    let deadlines = (0..<500).map { _ in Deadline.after(.seconds(Int.random(in: 1...1000))) }
    for (ticket, deadline) in deadlines.enumerated() {
      queue.insert(deadline, UInt64(ticket), live: 1000) { _ in true }
    }
    #expect(queue.first == deadlines.min())
    #expect(queue.removePassed().isEmpty)
  }

  @Test func whatHasPassedComesOutInItsOrder() {
    var queue = DeadlineQueue()
    let order = (1...200).map { $0 * 100 }.shuffled()
    for (ticket, ago) in order.enumerated() {
      queue.insert(.after(.milliseconds(-ago)), UInt64(ticket), live: 1000) { _ in true }
    }
    queue.insert(.after(.seconds(60)), 1000, live: 1000) { _ in true }
    let passed = queue.removePassed().map { order[Int($0)] }
    #expect(passed == order.sorted(by: >))
    #expect(queue.first > .after(.seconds(30)) && queue.first < .never)
  }

  /// Deadlines of waits that have ended are dropped when they are the most.
  @Test func theEndedAreDropped() {
    var queue = DeadlineQueue()
    for ticket in 0..<10_000 {
      queue.insert(.after(.seconds(600)), UInt64(ticket), live: 1) { $0 == 9_999 }
      #expect(queue.count <= 68)
    }
  }
}

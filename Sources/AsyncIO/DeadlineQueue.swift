/// Deadlines of waits, the next one first: a binary heap. Most waits end before their deadline; those of
/// ended waits are dropped when they come up, or when they are more than the others.
struct DeadlineQueue: Sendable {
  private struct Entry {
    let deadline: Deadline
    let ticket: Poller.Ticket
  }

  private var heap: [Entry] = []

  /// The next deadline, perhaps of a wait that has ended; `never` if there is none.
  var first: Deadline { heap.first?.deadline ?? .never }

  /// How many there are, those of ended waits included.
  var count: Int { heap.count }

  /// Adds a deadline.
  /// - Parameters:
  ///   - live: How many waits there are.
  ///   - isLive: Whether a wait has not ended.
  mutating func insert(
    _ deadline: Deadline, _ ticket: Poller.Ticket, live: Int, isLive: (Poller.Ticket) -> Bool
  ) {
    if heap.count > 2 * live + 64 {
      heap = heap.filter { isLive($0.ticket) }
      for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }
    heap.append(Entry(deadline: deadline, ticket: ticket))
    var index = heap.count - 1
    while index > 0, heap[index].deadline < heap[(index - 1) / 2].deadline {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  /// Takes the deadlines out that have passed.
  mutating func removePassed() -> [Poller.Ticket] {
    var tickets: [Poller.Ticket] = []
    while let next = heap.first, next.deadline.hasPassed {
      tickets.append(next.ticket)
      heap.swapAt(0, heap.count - 1)
      heap.removeLast()
      sink(0)
    }
    return tickets
  }

  private mutating func sink(_ start: Int) {
    var index = start
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2]
      where child < heap.count && heap[child].deadline < heap[least].deadline {
        least = child
      }
      guard least != index else { return }
      heap.swapAt(index, least)
      index = least
    }
  }
}

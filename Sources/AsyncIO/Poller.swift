internal import CEpoll
internal import Glibc
internal import Synchronization

/// Waits for many descriptors on one thread, with epoll (epoll(7)).
///
/// A wait costs two system calls. A pair of libdispatch's sources, one for the descriptor and one for its
/// deadline, costs six changes of thread, which a thousand subscribers that connect at once have to queue
/// for.
final class Poller: Sendable {
  static let shared = Poller()

  /// Names a wait.
  typealias Ticket = UInt64

  private struct Wait {
    let continuation: CheckedContinuation<Void, any Error>
    let descriptor: Int32
    /// Whether the descriptor is a duplicate of ours: another wait watches the same one.
    let isDuplicate: Bool
  }

  private struct State {
    var waits: [Ticket: Wait] = [:]
    var deadlines = DeadlineQueue()
    /// Until when the thread sleeps, at most.
    var sleepsUntil = Deadline.never
  }

  private let state = Mutex(State())
  private let epoll: Int32
  /// Readable: the thread is to look at the deadlines again.
  private let alarm: Int32
  private let tickets = Atomic<Ticket>(1)
  /// The alarm's own.
  private static let alarmTicket: Ticket = 0

  private init() {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    alarm = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    precondition(epoll >= 0 && alarm >= 0, "no descriptors left")
    var event = epoll_event(
      events: EPOLLIN.rawValue, data: epoll_data_t(u64: Self.alarmTicket))
    precondition(epoll_ctl(epoll, EPOLL_CTL_ADD, alarm, &event) == 0)
    BlockingThread.start { self.work() }
  }

  /// A name for a wait that is about to begin.
  func ticket() -> Ticket { tickets.wrappingAdd(1, ordering: .relaxed).newValue }

  /// Resumes `continuation` when the descriptor can be read or written, or has failed: whoever uses it
  /// next learns of that. Throws `DeadlineExceeded` into it if the deadline comes first.
  func begin(
    _ ticket: Ticket, _ continuation: CheckedContinuation<Void, any Error>, descriptor: Int32,
    read: Bool, write: Bool, until deadline: Deadline
  ) {
    var event = epoll_event(
      events: EPOLLONESHOT.rawValue | (read ? EPOLLRDHUP.rawValue : 0)
        | (read ? EPOLLIN.rawValue : 0) | (write ? EPOLLOUT.rawValue : 0),
      data: epoll_data_t(u64: ticket))
    let mustWake = state.withLock { state -> Bool? in
      var watched = descriptor
      var error = epoll_ctl(epoll, EPOLL_CTL_ADD, watched, &event) == 0 ? 0 : errno
      if error == EEXIST {
        watched = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        error = epoll_ctl(epoll, EPOLL_CTL_ADD, watched, &event) == 0 ? 0 : errno
      }
      // What cannot be waited for is as ready as it will ever be.
      guard error == 0 else { return nil }
      state.waits[ticket] = Wait(
        continuation: continuation, descriptor: watched, isDuplicate: watched != descriptor)
      guard deadline < .never else { return false }
      state.deadlines.insert(deadline, ticket, live: state.waits.count) {
        state.waits[$0] != nil
      }
      guard deadline < state.sleepsUntil else { return false }
      state.sleepsUntil = deadline
      return true
    }
    switch mustWake {
    case true?: eventfd_write(alarm, 1)
    case false?: break
    case nil: continuation.resume()
    }
  }

  /// Ends a wait with an error, if it has not ended.
  func end(_ ticket: Ticket, throwing error: any Error) {
    state.withLock { remove(ticket, from: &$0) }?.resume(throwing: error)
  }

  /// The descriptor is let go of before its waiter goes on, and may close it.
  private func remove(
    _ ticket: Ticket, from state: inout State
  ) -> CheckedContinuation<Void, any Error>? {
    guard let wait = state.waits.removeValue(forKey: ticket) else { return nil }
    epoll_ctl(epoll, EPOLL_CTL_DEL, wait.descriptor, nil)
    if wait.isDuplicate { close(wait.descriptor) }
    return wait.continuation
  }

  private func work() -> Never {
    // Not an array: what one iteration of an endless loop retains, the optimiser (Swift 6.3) may leave to
    // the end that never comes.
    let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 256)
    while true { turn(events) }
  }

  /// Waits once, and resumes whose turn it is.
  private func turn(_ events: UnsafeMutableBufferPointer<epoll_event>) {
    let timeout = state.withLock { state in
      state.sleepsUntil = state.deadlines.first
      return state.sleepsUntil.remaining
    }
    let count = epoll_wait(
      epoll, events.baseAddress, Int32(events.count), Self.milliseconds(timeout))
    for event in events.prefix(Int(max(0, count))) {
      let ticket = event.data.u64
      guard ticket != Self.alarmTicket else {
        var value: eventfd_t = 0
        eventfd_read(alarm, &value)
        continue
      }
      state.withLock { remove(ticket, from: &$0) }?.resume()
    }
    let late = state.withLock { state in
      state.deadlines.removePassed().compactMap { remove($0, from: &state) }
    }
    for continuation in late { continuation.resume(throwing: DeadlineExceeded()) }
  }

  /// Rounded up: to wake before a deadline would be in vain.
  private static func milliseconds(_ duration: Duration?) -> Int32 {
    guard let duration else { return -1 }
    let (seconds, attoseconds) = duration.components
    return Int32(
      clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}

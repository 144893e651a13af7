internal import CEpoll
internal import Glibc
internal import Synchronization

/// Waits for many descriptors and deadlines on one thread, with epoll (epoll(7)), and runs tasks there that
/// prefer it.
///
/// A wait costs two system calls. A pair of libdispatch's sources, one for the descriptor and one for its
/// deadline, costs six changes of thread, which a thousand subscribers that connect at once have to queue
/// for. A task of Swift's pool that waits costs one change of thread, to wake it; one that runs here, none.
final class Poller: TaskExecutor {
  static let shared = Poller()

  /// Names a wait.
  typealias Ticket = UInt64

  private struct Wait {
    let continuation: CheckedContinuation<Void, any Error>
    /// `nil`: it waits for its deadline alone.
    var descriptor: Int32?
    /// Whether the descriptor is a duplicate of ours: another wait watches the same one.
    var isDuplicate = false
  }

  private struct State {
    var waits: [Ticket: Wait] = [:]
    var deadlines = DeadlineQueue()
    /// What is to be run on the thread.
    var jobs: [UnownedJob] = []
    /// Until when the thread sleeps, at most; `nil`: it does not sleep, and looks here before it does.
    var sleepsUntil: Deadline?
  }

  private let state = Mutex(State())
  private let epoll: Int32
  /// Readable: the thread is to look at the jobs and the deadlines again.
  private let alarm: Int32
  private let tickets = Atomic<Ticket>(1)
  /// The alarm's own.
  private static let alarmTicket: Ticket = 0
  /// How often it runs what has come up meanwhile before it looks at the descriptors again.
  private static let rounds = 16

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
      let wait = Wait(
        continuation: continuation, descriptor: watched, isDuplicate: watched != descriptor)
      return add(wait, ticket, until: deadline, to: &state)
    }
    guard let mustWake else { return continuation.resume() }
    if mustWake { eventfd_write(alarm, 1) }
  }

  /// Resumes `continuation` when its wait is ended. Throws `DeadlineExceeded` into it if the deadline comes
  /// first.
  func begin(
    _ ticket: Ticket, _ continuation: CheckedContinuation<Void, any Error>,
    until deadline: Deadline
  ) {
    let mustWake = state.withLock {
      add(Wait(continuation: continuation), ticket, until: deadline, to: &$0)
    }
    if mustWake { eventfd_write(alarm, 1) }
  }

  /// - Returns: Whether the thread is to be woken: it sleeps for longer than that.
  private func add(
    _ wait: Wait, _ ticket: Ticket, until deadline: Deadline, to state: inout State
  ) -> Bool {
    state.waits[ticket] = wait
    guard deadline < .never else { return false }
    state.deadlines.insert(deadline, ticket, live: state.waits.count) { state.waits[$0] != nil }
    guard let sleepsUntil = state.sleepsUntil, deadline < sleepsUntil else { return false }
    state.sleepsUntil = deadline
    return true
  }

  /// Ends a wait, if it has not ended.
  func end(_ ticket: Ticket) {
    state.withLock { remove(ticket, from: &$0) }?.resume()
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
    if let descriptor = wait.descriptor {
      epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
      if wait.isDuplicate { close(descriptor) }
    }
    return wait.continuation
  }

  /// Runs a part of a task on the thread.
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let mustWake = state.withLock { state in
      state.jobs.append(job)
      defer { state.sleepsUntil = nil }
      return state.sleepsUntil != nil
    }
    if mustWake { eventfd_write(alarm, 1) }
  }

  private func work() -> Never {
    // Not an array: what one iteration of an endless loop retains, the optimiser (Swift 6.3) may leave to
    // the end that never comes.
    let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 256)
    while true { turn(events) }
  }

  /// Runs what there is to run, waits once, and resumes whose turn it is.
  @inline(never)
  private func turn(_ events: UnsafeMutableBufferPointer<epoll_event>) {
    for _ in 0..<Self.rounds where runJobs() == 0 { break }
    let timeout = state.withLock { state -> Int32 in
      guard state.jobs.isEmpty else { return 0 }
      state.sleepsUntil = state.deadlines.first
      return Self.milliseconds(state.deadlines.first.remaining)
    }
    let count = epoll_wait(epoll, events.baseAddress, Int32(events.count), timeout)
    let (ready, late) = state.withLock { state in
      state.sleepsUntil = nil
      let ready = events.prefix(Int(max(0, count))).compactMap { event in
        guard event.data.u64 != Self.alarmTicket else {
          var value: eventfd_t = 0
          eventfd_read(alarm, &value)
          return CheckedContinuation<Void, any Error>?.none
        }
        return remove(event.data.u64, from: &state)
      }
      return (ready, state.deadlines.removePassed().compactMap { remove($0, from: &state) })
    }
    for continuation in ready { continuation.resume() }
    for continuation in late { continuation.resume(throwing: DeadlineExceeded()) }
  }

  /// Runs what was there to run at the beginning.
  /// - Returns: How many that were.
  private func runJobs() -> Int {
    let jobs = state.withLock { state in
      defer { state.jobs = [] }
      return state.jobs
    }
    for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
    return jobs.count
  }

  /// Rounded up: to wake before a deadline would be in vain.
  private static func milliseconds(_ duration: Duration?) -> Int32 {
    guard let duration else { return -1 }
    let (seconds, attoseconds) = duration.components
    return Int32(
      clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}

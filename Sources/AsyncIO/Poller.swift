internal import CEpoll
internal import Glibc
internal import Synchronization

/// Waits for many descriptors and deadlines on one thread, with epoll (epoll(7)), and runs tasks there that
/// prefer it, and the actors of `IOExecutor`.
///
/// A wait costs two system calls. A pair of libdispatch's sources, one for the descriptor and one for its
/// deadline, costs six changes of thread, which a thousand subscribers that connect at once have to queue
/// for. A task of Swift's pool that waits costs one change of thread, to wake it; one that runs here, none.
final class Poller: TaskExecutor {
  static let shared = Poller()

  /// Names a wait.
  typealias Ticket = UInt64

  /// Whose turn it is when a wait has ended.
  enum Waiter {
    case task(CheckedContinuation<Void, any Error>)
    /// Called when the deadline has passed, and only then.
    case timer(@Sendable () -> Void)
  }

  /// What is to be run on the thread.
  enum Work {
    case task(UnownedJob)
    /// A part of an actor's.
    case actor(UnownedJob)
    case call(@Sendable () -> Void)
  }

  struct Wait {
    let waiter: Waiter
    /// `nil`: it waits for its deadline alone.
    var descriptor: Int32?
    /// Whether the descriptor is a duplicate of ours: another wait watches the same one.
    var isDuplicate = false
  }

  struct State {
    var waits: [Ticket: Wait] = [:]
    /// What watches a descriptor until it says otherwise; it is handed the events of epoll.
    var watches: [Ticket: @Sendable (UInt32) -> Void] = [:]
    var deadlines = DeadlineQueue()
    var work: [Work] = []
    /// Until when the thread sleeps, at most; `nil`: it does not sleep, and looks here before it does.
    var sleepsUntil: Deadline?
  }

  let state = Mutex(State())
  let epoll: Int32
  /// Readable: the thread is to look at the jobs and the deadlines again.
  private let alarm: Int32
  private let tickets = Atomic<Ticket>(1)
  private let thread = Atomic<UInt>(0)
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

  /// Whether this is the thread.
  var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

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
        waiter: .task(continuation), descriptor: watched, isDuplicate: watched != descriptor)
      return add(wait, ticket, until: deadline, to: &state)
    }
    guard let mustWake else { return continuation.resume() }
    if mustWake { eventfd_write(alarm, 1) }
  }

  /// Waits for the deadline alone. A task is resumed when its wait is ended; `DeadlineExceeded` is thrown into
  /// it if the deadline comes first.
  func begin(_ ticket: Ticket, _ waiter: Waiter, until deadline: Deadline) {
    let mustWake = state.withLock {
      add(Wait(waiter: waiter), ticket, until: deadline, to: &$0)
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
  func end(_ ticket: Ticket, throwing error: (any Error)? = nil) {
    guard case .task(let continuation)? = state.withLock({ remove(ticket, from: &$0) }) else {
      return
    }
    if let error { continuation.resume(throwing: error) } else { continuation.resume() }
  }

  /// The descriptor is let go of before its waiter goes on, and may close it.
  private func remove(_ ticket: Ticket, from state: inout State) -> Waiter? {
    guard let wait = state.waits.removeValue(forKey: ticket) else { return nil }
    if let descriptor = wait.descriptor {
      epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
      if wait.isDuplicate { close(descriptor) }
    }
    return wait.waiter
  }

  /// Runs a part of a task on the thread.
  func enqueue(_ job: consuming ExecutorJob) { enqueue(.task(UnownedJob(job))) }

  /// Runs something on the thread.
  func enqueue(_ work: Work) {
    let mustWake = state.withLock { state in
      state.work.append(work)
      defer { state.sleepsUntil = nil }
      return state.sleepsUntil != nil
    }
    if mustWake { eventfd_write(alarm, 1) }
  }

  private func work() -> Never {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    // Not an array: what one iteration of an endless loop retains, the optimiser (Swift 6.3) may leave to
    // the end that never comes.
    let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 256)
    while true { turn(events) }
  }

  /// Runs what there is to run, waits once, and resumes whose turn it is.
  @inline(never)
  private func turn(_ events: UnsafeMutableBufferPointer<epoll_event>) {
    for _ in 0..<Self.rounds where runWork() == 0 { break }
    let timeout = state.withLock { state -> Int32 in
      guard state.work.isEmpty else { return 0 }
      state.sleepsUntil = state.deadlines.first
      return Self.milliseconds(state.deadlines.first.remaining)
    }
    let count = epoll_wait(epoll, events.baseAddress, Int32(events.count), timeout)
    let (ready, watches, late) = state.withLock { state in
      state.sleepsUntil = nil
      var ready: [Waiter] = []
      var watches: [(handler: @Sendable (UInt32) -> Void, events: UInt32)] = []
      for event in events.prefix(Int(max(0, count))) {
        let ticket = event.data.u64
        if ticket == Self.alarmTicket {
          var value: eventfd_t = 0
          eventfd_read(alarm, &value)
        } else if let handler = state.watches[ticket] {
          watches.append((handler, event.events))
        } else if let waiter = remove(ticket, from: &state) {
          ready.append(waiter)
        }
      }
      return (
        ready, watches, state.deadlines.removePassed().compactMap { remove($0, from: &state) }
      )
    }
    for case .task(let continuation) in ready { continuation.resume() }
    for (handler, events) in watches { handler(events) }
    for waiter in late {
      switch waiter {
      case .task(let continuation): continuation.resume(throwing: DeadlineExceeded())
      case .timer(let handler): handler()
      }
    }
  }

  /// Runs what was there to run at the beginning.
  /// - Returns: How much that was.
  private func runWork() -> Int {
    let work = state.withLock { state in
      defer { state.work = [] }
      return state.work
    }
    for part in work {
      switch part {
      case .task(let job): job.runSynchronously(on: asUnownedTaskExecutor())
      case .actor(let job):
        job.runSynchronously(on: IOExecutor.shared.asUnownedSerialExecutor())
      case .call(let body): body()
      }
    }
    return work.count
  }

  /// Rounded up: to wake before a deadline would be in vain.
  private static func milliseconds(_ duration: Duration?) -> Int32 {
    guard let duration else { return -1 }
    let (seconds, attoseconds) = duration.components
    return Int32(
      clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}

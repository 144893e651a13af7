internal import Dispatch
internal import Glibc
internal import Synchronization

/// Runs C calls that block (name lookup, `PQcancel`) on threads of their own: never on Swift's
/// cooperative pool, which has no more threads than the machine has cores, nor on libdispatch's, which
/// gets further ones only slowly.
public enum BlockingThread {
  private static let timers = DispatchQueue(label: "agent-ready-k8s.blocking")

  /// Runs `body` and returns what it returns. Cannot be cancelled: what blocks, blocks.
  public static func run<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      start { continuation.resume(with: Result { try body() }) }
    }
  }
  /// Runs `body` and returns what it returns, or throws `DeadlineExceeded` and leaves it to itself.
  public static func run<Value: Sendable>(
    until deadline: Deadline, _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    guard let remaining = deadline.remaining else { return try await run(body) }
    let answer = Answer<Value>()
    return try await withCheckedThrowingContinuation { continuation in
      answer.wait(continuation)
      start { answer.give(Result { try body() }) }
      let milliseconds =
        remaining.components.seconds * 1000 + remaining.components.attoseconds
        / 1_000_000_000_000_000
      timers.asyncAfter(deadline: .now() + .milliseconds(Int(clamping: milliseconds))) {
        answer.give(.failure(DeadlineExceeded()))
      }
    }
  }

  static func start(_ work: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Work(work))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let error = pthread_create(
      &thread, &attributes,
      { box in
        Unmanaged<Work>.fromOpaque(box!).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    if error != 0 {
      // No further thread is to be had.
      DispatchQueue.global().async { box.takeRetainedValue().body() }
    }
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Resumes a continuation with the first of several answers.
  private final class Answer<Value: Sendable>: Sendable {
    private let continuation = Mutex<CheckedContinuation<Value, any Error>?>(nil)

    func wait(_ waiter: CheckedContinuation<Value, any Error>) {
      continuation.withLock { $0 = waiter }
    }

    func give(_ result: Result<Value, any Error>) {
      let waiter = continuation.withLock { continuation in
        defer { continuation = nil }
        return continuation
      }
      waiter?.resume(with: result)
    }
  }
}

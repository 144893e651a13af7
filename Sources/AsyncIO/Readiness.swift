internal import Dispatch
internal import Synchronization

/// Waits until a descriptor can be read or written, without holding a thread.
///
/// The descriptor belongs to somebody else (libpq); it must stay open while a wait is under way.
public struct Readiness: Sendable {
  private let descriptor: Int32

  /// Waits on `descriptor`, a socket.
  public init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Returns when the descriptor can be read: data, end of file or an error is there.
  /// - Throws: `DeadlineExceeded`, `CancellationError`.
  public func waitReadable(until deadline: Deadline = .never) async throws {
    try await wait(read: true, write: false, until: deadline)
  }

  /// Returns when the descriptor can be written.
  /// - Throws: `DeadlineExceeded`, `CancellationError`.
  public func waitWritable(until deadline: Deadline = .never) async throws {
    try await wait(read: false, write: true, until: deadline)
  }

  /// Returns when the descriptor can be read or written.
  /// - Throws: `DeadlineExceeded`, `CancellationError`.
  public func waitReadableOrWritable(until deadline: Deadline = .never) async throws {
    try await wait(read: true, write: true, until: deadline)
  }

  private func wait(read: Bool, write: Bool, until deadline: Deadline) async throws {
    let wait = OneWait()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        wait.begin(
          continuation, descriptor: descriptor, read: read, write: write, deadline: deadline)
      }
    } onCancel: {
      wait.end(.failure(CancellationError()))
    }
  }
}

/// One wait: whichever of readiness, deadline and cancellation comes first ends it.
///
/// The continuation is resumed only when every source is cancelled for good: libdispatch may look at
/// the descriptor until then, and its owner may close it as soon as the wait is over.
private final class OneWait: Sendable {
  /// libdispatch allows any thread to cancel a source; Swift's import does not say so.
  private struct Source: @unchecked Sendable {
    let source: any DispatchSourceProtocol
  }

  private struct State {
    var continuation: CheckedContinuation<Void, any Error>?
    var sources: [Source] = []
    var openSources = 0
    var result: Result<Void, any Error>?
  }

  private static let queue = DispatchQueue(label: "agent-ready-k8s.readiness")

  private let state = Mutex(State())

  func begin(
    _ continuation: CheckedContinuation<Void, any Error>, descriptor: Int32, read: Bool,
    write: Bool, deadline: Deadline
  ) {
    var sources: [any DispatchSourceProtocol] = []
    if read {
      sources.append(
        DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: Self.queue))
    }
    if write {
      sources.append(
        DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: Self.queue))
    }
    for source in sources {
      source.setEventHandler { self.end(.success(())) }
    }
    if let remaining = deadline.remaining {
      let timer = DispatchSource.makeTimerSource(queue: Self.queue)
      let nanoseconds =
        remaining.components.seconds * 1_000_000_000
        + remaining.components.attoseconds / 1_000_000_000
      timer.schedule(
        deadline: .now() + .nanoseconds(Int(clamping: nanoseconds)), leeway: .microseconds(100))
      timer.setEventHandler { self.end(.failure(DeadlineExceeded())) }
      sources.append(timer)
    }
    for source in sources {
      source.setCancelHandler { self.closed() }
    }

    let shared = sources.map(Source.init)
    let isCancelled = state.withLock { state in
      state.continuation = continuation
      state.openSources = shared.count
      guard state.result == nil else { return true }
      state.sources = shared
      return false
    }
    // A source must be resumed before it is released, even if it is of no use any more.
    for source in sources { source.resume() }
    if isCancelled { for source in sources { source.cancel() } }
  }

  func end(_ result: Result<Void, any Error>) {
    let sources = state.withLock { state in
      guard state.result == nil else { return [Source]() }
      state.result = result
      defer { state.sources = [] }
      return state.sources
    }
    for source in sources { source.source.cancel() }
  }

  private func closed() {
    let (continuation, result) = state.withLock { state in
      state.openSources -= 1
      guard state.openSources == 0 else {
        return (nil as CheckedContinuation<Void, any Error>?, state.result)
      }
      defer { state.continuation = nil }
      return (state.continuation, state.result)
    }
    if let continuation, let result { continuation.resume(with: result) }
  }
}

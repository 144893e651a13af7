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
    let poller = Poller.shared
    let ticket = poller.ticket()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        poller.begin(
          ticket, continuation, descriptor: descriptor, read: read, write: write, until: deadline)
        // Cancelled before it began: nobody else ends it.
        if Task.isCancelled { poller.end(ticket, throwing: CancellationError()) }
      }
    } onCancel: {
      poller.end(ticket, throwing: CancellationError())
    }
  }
}

internal import UnixSignals

/// Runs work that SIGINT and SIGTERM cancel: the statement on the server, too.
enum Interruptible {
  /// - Parameter work: When it is cancelled it throws a `MigrateFailure` that says what is true now, or
  ///   anything else if nothing was changed: whatever writes must know how that has ended.
  static func run(_ work: @escaping @Sendable () async throws -> Void) async throws {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    try await withThrowingTaskGroup(of: MigrateFailure.Code?.self) { group in
      group.addTask {
        try await work()
        return nil
      }
      group.addTask {
        for await signal in signals {
          return signal == .sigint ? .interrupted : .terminated
        }
        return nil
      }
      let first = try await group.next() ?? nil
      group.cancelAll()
      guard let code = first else { return }
      do {
        // It may also be done.
        if let rest = try await group.next(), rest == nil { return }
      } catch {
        throw failure(error, behind: code)
      }
      throw failure(CancellationError(), behind: code)
    }
  }

  /// What is told when work has thrown behind a signal.
  /// - Parameter code: The signal's.
  static func failure(_ error: any Error, behind code: MigrateFailure.Code) -> MigrateFailure {
    switch error {
    case let failure as MigrateFailure where failure.code == .interrupted:
      MigrateFailure(code: code, message: failure.message, lines: failure.lines)
    // It had failed by itself, and knows what is true now.
    case let failure as MigrateFailure: failure
    default:
      // The cancellation's doing.
      MigrateFailure(
        code: code, message: "stopped by a signal",
        lines: ["NOW: nothing was changed.", "HINT: run migrate again to go on."])
    }
  }
}

internal import UnixSignals

/// Runs work that SIGINT and SIGTERM cancel: the statement on the server, too.
enum Interruptible {
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
      // The work rolls back; whatever it throws is the cancellation's doing.
      _ = try? await group.next()
      throw MigrateFailure(
        code: code, message: "stopped by a signal; the file at hand was rolled back",
        lines: ["HINT: run migrate up again to go on."])
    }
  }
}

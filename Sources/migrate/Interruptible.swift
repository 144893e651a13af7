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
      // The work rolls back; whatever it throws is the cancellation's doing. It may also be done.
      if let rest = try? await group.next(), rest == nil { return }
      throw MigrateFailure(
        code: code, message: "stopped by a signal",
        lines: [
          "NOW: the file at hand was rolled back; those before it stay applied.",
          "HINT: migrate status shows them; run migrate up again to go on.",
        ])
    }
  }
}

internal import Dispatch

/// Runs C calls that block (name lookup, `PQcancel`) on threads of their own, never on Swift's
/// cooperative pool, which has no more threads than the machine has cores.
public enum BlockingThread {
  private static let queue = DispatchQueue(
    label: "agent-ready-k8s.blocking", attributes: .concurrent)

  /// Runs `body` and returns what it returns. Cannot be cancelled: what blocks, blocks.
  public static func run<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try body() }) }
    }
  }
}

internal import Synchronization

/// Stops a client of a relay at a call that a test names: before the server has it, or when it is done
/// and before the client has heard of it. From then on nothing passes on that connection.
public final class Trap: Sendable {
  /// Where the call is stopped.
  public enum Side: Sendable { case before, after }

  private enum State {
    case set
    /// The call has passed; its answer will not.
    case asked(flow: Int)
    case sprung
  }

  private let text: String
  private let side: Side
  private let state = Mutex(State.set)

  /// - Parameter text: What the client sends in it; the first time counts.
  public init(_ text: String, _ side: Side) {
    self.text = text
    self.side = side
  }

  /// Whether the client has met it.
  public var isSprung: Bool {
    state.withLock { if case .sprung = $0 { true } else { false } }
  }

  /// The client sends something.
  /// - Returns: Whether it is stopped here.
  func stops(_ bytes: [UInt8], of flow: Int) -> Bool {
    state.withLock { state in
      guard case .set = state, String(decoding: bytes, as: UTF8.self).contains(text) else {
        return false
      }
      state = side == .before ? .sprung : .asked(flow: flow)
      return side == .before
    }
  }

  /// The server answers.
  /// - Returns: Whether that is stopped here.
  func stopsAnswer(to flow: Int) -> Bool {
    state.withLock { state in
      guard case .asked(flow) = state else { return false }
      state = .sprung
      return true
    }
  }
}

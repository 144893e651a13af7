internal import Synchronization

/// Values that a handler was called with.
final class Collected<Value: Sendable>: Sendable {
  private let values = Mutex([Value]())

  var all: [Value] { values.withLock { $0 } }

  func add(_ value: Value) { values.withLock { $0.append(value) } }
}

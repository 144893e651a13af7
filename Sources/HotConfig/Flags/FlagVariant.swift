internal import FoundationEssentials
internal import Synchronization

/// A variant of a definition that is in use.
final class FlagVariant: Sendable {
  let name: String
  let value: FlagValue
  /// The value as JSON text.
  let text: String
  let counter: FlagCounter
  /// The value as each type that it was asked for, decoded once; `nil`: it is none.
  private let decoded = Mutex<[ObjectIdentifier: (any Sendable)?]>([:])

  init(_ definition: FlagDefinition.Variant, counter: FlagCounter) {
    name = definition.name
    value = definition.value
    text = definition.text
    self.counter = counter
  }

  /// The value decoded from JSON; `nil` if it is not of that type.
  func decode<Value: Decodable & Sendable>(_ type: Value.Type) -> Value? {
    let id = ObjectIdentifier(type)
    if let known = decoded.withLock({ $0[id] }) { return known as? Value }
    // Not in the lock: a type may do anything when it is decoded.
    let value = try? JSONDecoder().decode(type, from: Data(text.utf8))
    decoded.withLock { $0[id] = .some(value) }
    return value
  }
}

/// How often a flag has come to a variant, whatever its definition was at that time.
final class FlagCounter: Sendable {
  private let count = Atomic<Int>(0)

  func add(_ count: Int = 1) { self.count.wrappingAdd(count, ordering: .relaxed) }

  /// The count since it was taken last.
  func take() -> Int { count.exchange(0, ordering: .relaxed) }
}

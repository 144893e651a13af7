internal import Synchronization

/// Why a daemon is not ready, if it is not: one reason per part.
public final class ReadinessState: Sendable {
  private let reasons: Mutex<[String: String]>

  /// Starts not ready: each part must report once.
  public init(parts: [String]) {
    reasons = Mutex(Dictionary(uniqueKeysWithValues: parts.map { ($0, "starting") }))
  }

  /// Reports a part: `nil` is ready, a text says what is missing.
  public func report(_ part: String, _ reason: String?) {
    reasons.withLock { $0[part] = reason }
  }

  /// The parts that are not ready, with the reason, sorted by part. Empty: ready.
  public var missing: [(part: String, reason: String)] {
    reasons.withLock { $0.map { (part: $0.key, reason: $0.value) } }.sorted { $0.part < $1.part }
  }
}

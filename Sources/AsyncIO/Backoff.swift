/// How long to wait before the next attempt: none before the first, then 1, 2, 4, 8 … 60 seconds.
public struct Backoff: Sendable {
  private let base: Duration
  private let limit: Duration
  private let jitter: Double
  private var attempts = 0

  /// - Parameters:
  ///   - base: The second pause; each further one is twice as long.
  ///   - limit: The longest pause.
  ///   - jitter: Which part of a pause is chance, 0 to 1, so that those who failed together do not
  ///     return together.
  public init(
    base: Duration = .seconds(1), limit: Duration = .seconds(60), jitter: Double = 0.2
  ) {
    precondition((0...1).contains(jitter))
    self.base = base
    self.limit = limit
    self.jitter = jitter
  }

  /// The pause before the next attempt.
  public mutating func next() -> Duration {
    var generator = SystemRandomNumberGenerator()
    return next(using: &generator)
  }

  /// The pause before the next attempt, with chance from outside.
  public mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
    defer { attempts += 1 }
    guard attempts > 0 else { return .zero }
    let pause = min(limit, base * (1 << min(attempts - 1, 30)))
    return pause * (1 - jitter * Double.random(in: 0...1, using: &generator))
  }

  /// An attempt has succeeded.
  public mutating func reset() { attempts = 0 }
}

internal import AsyncIO
internal import Postgres
internal import Synchronization

/// The ear of the bridge: a connection that does nothing but hear NOTIFY.
///
/// Not the one that reads the feed: a pooler that lends connections for a transaction would deliver to
/// that one what it has just sent itself, and nothing else ever.
final class Listener: Sendable {
  /// What the bridge sends itself, to see whether it hears.
  struct Call: Sendable, Equatable {
    var instance: String
    var number: Int

    var payload: String { "call \(number) of \(instance)" }
  }

  /// What was heard.
  enum Sound: Sendable, Equatable {
    /// Configuration was changed.
    case change
    /// The bridge that led has given up the lead.
    case resignation
    /// One of this bridge's own calls.
    case call(Int)
  }

  private struct State {
    var sounds: [Sound] = []
    var failure: (any Error)?
    var hearing: Task<Void, Never>?
  }

  private let connection: PostgresConnection
  private let instance: String
  private let state = Mutex(State())
  private let signal = AsyncSignal()

  private init(_ connection: PostgresConnection, instance: String) {
    self.connection = connection
    self.instance = instance
  }

  /// Connects, LISTENs, and hears until it is closed.
  static func connect(
    _ configuration: PostgresConfiguration, instance: String
  ) async throws -> Listener {
    let connection = try await PostgresConnection.connect(configuration)
    do {
      try await connection.query("LISTEN \(Feed.channel)", timeout: .seconds(5))
    } catch {
      await connection.close()
      throw error
    }
    let listener = Listener(connection, instance: instance)
    let hearing = IOThread.start { await listener.hear() }
    listener.state.withLock { $0.hearing = hearing }
    return listener
  }

  /// Returns when something is heard, or at `instant`.
  func wait(until instant: ContinuousClock.Instant) async {
    await signal.wait(timeout: ContinuousClock.now.duration(to: instant))
  }

  /// Wakes who waits, though nothing was heard.
  func interrupt() { signal.raise() }

  /// What was heard since the last time.
  /// - Throws: What the connection was lost with.
  func takeSounds() throws -> [Sound] {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      defer { state.sounds = [] }
      return state.sounds
    }
  }

  /// Closes the connection.
  func close() async {
    let hearing = state.withLock { $0.hearing }
    hearing?.cancel()
    await hearing?.value
    await connection.close()
  }

  private func hear() async {
    do {
      while true {
        let heard = try await connection.nextNotification(timeout: .seconds(3600))
        guard let heard, let sound = sound(heard.payload) else { continue }
        state.withLock { state in
          // A thousand changes are one reason to read.
          if !state.sounds.contains(sound) { state.sounds.append(sound) }
        }
        signal.raise()
      }
    } catch {
      state.withLock { $0.failure = error }
      signal.raise()
    }
  }

  private func sound(_ payload: String) -> Sound? {
    if payload.isEmpty { return .change }
    if payload == Feed.resigned { return .resignation }
    let words = payload.split(separator: " ", maxSplits: 3)
    guard words.count == 4, words[0] == "call", let number = Int(words[1]), words[3] == instance
    else { return nil }
    return .call(number)
  }
}

internal import Foundation
internal import Synchronization
internal import TestSupport
internal import Testing

/// What `make chaos` asks for.
private enum Asked {
  private static let environment = ProcessInfo.processInfo.environment
  static let seed = environment["ARK_CHAOS_SEED"].flatMap { UInt64($0) } ?? 1
  static let minutes = environment["ARK_CHAOS_MINUTES"].flatMap { Double($0) } ?? 1
  /// By hand: a file in which everything is told as it happens. (What goes to standard output,
  /// `swift test` keeps to itself until the end.)
  static let log = environment["ARK_CHAOS_LOG"].flatMap { FileHandle(forWritingAtPath: $0) }
}

/// Failures mixed by chance, for as long as one asks: `make chaos SEED=… MINUTES=…`.
///
/// A round is a number of steps, which its seed decides, and then calm: within it every pod must be
/// right. Round n of a seed is round 0 of seed + n, so that one that failed can be had alone.
@Suite(.timeLimit(.minutes(Int(Asked.minutes.rounded(.up)) + 15))) struct ChaosTests {
  private static let steps = 14

  /// What has happened, with the time; shown at once where somebody waits for it, else on failure.
  private final class Log: Sendable {
    private let lines = Mutex<[String]>([])
    private let start = ContinuousClock.now

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    func tell(_ text: String) {
      let time = start.duration(to: .now).components
      let tenths = time.seconds * 10 + time.attoseconds / 100_000_000_000_000_000
      let line = "chaos: \(tenths / 10).\(tenths % 10) s  \(text)"
      lines.withLock { $0.append(line) }
      Asked.log?.write(Data((line + "\n").utf8))
    }
  }

  @Test func chaos() async throws {
    let log = Log()
    log.tell("SEED=\(Asked.seed) MINUTES=\(Asked.minutes)")
    do {
      try await Trial.play(ownPostgres: true, within: .seconds(120)) { trial in
        // The recorder itself loses what Redis forgets.
        trial.allow { $0.mayMissAnnouncements = true }
        let cast = try await ChaosCast(trial)
        defer { cast.end() }
        let end = ContinuousClock.now + .seconds(Asked.minutes * 60)
        var seed = Asked.seed
        repeat {
          try await round(seed, trial, cast, log)
          seed &+= 1
        } while ContinuousClock.now < end
      }
    } catch {
      Issue.record("\(log.text)\n\nthe last round again: make chaos SEED=… MINUTES=0")
      throw error
    }
  }

  private func round(
    _ seed: UInt64, _ trial: Trial, _ cast: ChaosCast, _ log: Log
  ) async throws {
    log.tell("round SEED=\(seed)")
    let before = trial.history.mark
    let writing = Task { await cast.write(seed: seed) }
    do {
      let plan = ChaosStep.plan(
        seed: seed, steps: Self.steps, bridges: ChaosCast.bridges, pods: ChaosCast.pods)
      for (pause, step) in plan {
        try await Task.sleep(for: pause)
        log.tell("\(step)")
        try await cast.take(step)
      }
    } catch {
      writing.cancel()
      await writing.value
      throw error
    }
    writing.cancel()
    await writing.value
    try await cast.calm()
    try await cast.probe()
    let calm = ContinuousClock.now
    try await trial.settle(within: .seconds(120))
    log.tell(
      """
      right \(calm.duration(to: .now).components.seconds) s after the storm: \
      \(trial.history.mark - before) changes
      """)
    trial.history.forgetPublications()
  }
}

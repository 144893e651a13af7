internal import Foundation
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

/// What `make chaos` asks for.
private enum Asked {
  private static let environment = ProcessInfo.processInfo.environment
  static let seed = environment["ARK_CHAOS_SEED"].flatMap { UInt64($0) } ?? 2
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
    let end = ContinuousClock.now + .seconds(Asked.minutes * 60)
    var seed = Asked.seed
    var isFirst = true
    do {
      repeat {
        try await Trial.play(ownPostgres: true, pooled: true, within: .seconds(120)) { trial in
          if Self.isGroup(seed) {
            let group = try await RedisGroup(of: trial.scene.redis)
            defer { group.stop() }
            try await trial.move(to: group)
            let cast = try await ChaosCast(trial, group: group)
            defer { cast.end() }
            try await round(seed, trial, cast, log)
            seed &+= 1
          } else {
            let cast = try await ChaosCast(trial)
            defer { cast.end() }
            repeat {
              try await round(seed, trial, cast, log)
              seed &+= 1
            } while ContinuousClock.now < end && !Self.isGroup(seed)
            if isFirst { try await loss(trial, cast, log) }
            isFirst = false
          }
        }
      } while ContinuousClock.now < end
    } catch {
      Issue.record("\(log.text)\n\nthe last round again: make chaos SEED=… MINUTES=0")
      throw error
    }
  }

  /// Whether a seed's round has a Redis that fails over. Servers of its own, then: a master that was lost is
  /// not there for the next round.
  private static func isGroup(_ seed: UInt64) -> Bool { seed % 4 == 3 }

  private func round(
    _ seed: UInt64, _ trial: Trial, _ cast: ChaosCast, _ log: Log
  ) async throws {
    log.tell("round SEED=\(seed)\(cast.group == nil ? "" : ", with Sentinels")")
    let before = trial.history.mark
    let writing = Task { await cast.write(seed: seed) }
    do {
      let plan = ChaosStep.plan(
        seed: seed, steps: Self.steps, bridges: ChaosCast.bridges, pods: ChaosCast.pods,
        isGroup: cast.group != nil)
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
    let calm = ContinuousClock.now
    if trial.history.recordings > cast.expectedRecordings.withLock({ $0 }) {
      log.tell("the recorder was cut off, too: whether all was announced is not judged any more")
      trial.allow { $0.mayMissAnnouncements = true }
    }
    // Before anything new is announced: what is missing would be read together with it.
    try await trial.settle(within: .seconds(120))
    try await cast.probe()
    try await trial.settle(within: .seconds(60))
    log.tell(
      """
      right \(calm.duration(to: .now).components.seconds) s after the storm: \
      \(trial.history.mark - before) changes, \(cast.overruns) pods were cut off by Redis so far
      """)
    try await trial.condense()
  }

  /// A feed that loses one key is found: the chaos can fail.
  private func loss(_ trial: Trial, _ cast: ChaosCast, _ log: Log) async throws {
    trial.allow { $0.mayMissAnnouncements = false }
    let right = try await trial.owner { owner in
      let right = try #require(
        try await owner.value("SELECT pg_get_functiondef('config.feed_read'::regproc)"))
      let losing = right.replacing("USING (service);", with: "USING (service) WHERE n.key <> 'k7';")
      #expect(losing != right)
      try await owner.execute(losing)
      return right
    }
    for _ in 0..<3 {
      for writer in cast.writers {
        for service in ["ai", "email"] { try await writer.set("k6", of: service) }
        for service in ["ai", "email"] { try await writer.set("k7", of: service) }
      }
    }
    var findings: [String] = []
    try await eventually("only what is lost: \(findings)") {
      findings = try await trial.judge().findings
      return !findings.isEmpty && findings.allSatisfy { $0.contains("/k7 ") }
    }
    #expect(findings.contains { $0.hasPrefix("never announced") }, "\(findings)")
    // The pods have read it together with its neighbours. One that comes alone, nobody tells them of.
    let writer = cast.writers[0]
    try await writer.set("k7")
    try await eventually("a pod that lacks it: \(findings)") {
      findings = try await trial.judge().findings
      return findings.contains { $0.hasPrefix("pod 0 holds \(writer.orgID)/ai/k7 ") }
    }
    log.tell("a feed that loses is found")
    try await trial.owner { try await $0.execute(right) }
    for writer in cast.writers {
      for service in ["ai", "email"] { try await writer.set("k7", of: service) }
    }
    try await trial.settle(within: .seconds(60))
  }
}

internal import AsyncIO
internal import Postgres
internal import Testing

@testable internal import HotConfig

@Suite struct ServiceMemoryTests {
  private static let start = ContinuousClock.now
  private static let key = ConfigValue.Key(orgID: 1, key: "threshold")
  private static let grace = Duration.seconds(90)

  private func load(
    _ version: Int64, seq: Int64, epoch: Int64 = 1, ofPrimary: Bool = true
  ) -> ConfigLoad {
    ConfigLoad(
      service: "ai", epoch: epoch, seq: seq, snapshot: ofPrimary ? "9:9:" : nil, isComplete: true,
      rows: [
        Self.key: ConfigValue(
          text: "\(version)", type: "integer", version: version, changedMicroseconds: 1_000_000)
      ])
  }

  private func heartbeat(_ seq: Int64, subscribers: Int64? = nil) -> FeedMessage {
    .heartbeat(
      service: "ai", FeedMessage.Position(epoch: 1, incarnation: 1, seq: seq),
      subscribers: subscribers)
  }

  private func state(_ memory: ServiceMemory, after seconds: Int) -> ConfigState {
    memory.state(at: Self.start + .seconds(seconds), grace: Self.grace)
  }

  /// Loaded at the start, and has heard what was loaded.
  private func loaded() -> ServiceMemory {
    var memory = ServiceMemory()
    memory.subscribed(at: Self.start)
    memory.hear(heartbeat(3), at: Self.start)
    memory.need = .nothing
    _ = memory.apply(load(1, seq: 3), heard: memory.heard, askedAt: Self.start, clock: 1_000_000)
    return memory
  }

  @Test func aShortOutageDisturbsNobody() {
    let configuration = HotConfigConfiguration(
      services: ["ai"], postgres: PostgresConfiguration(), redis: nil)
    var (backoff, longest) = (Backoff(), Duration.zero)
    for _ in 0..<200 { longest = max(longest, backoff.next()) }
    #expect(configuration.grace == Self.grace && configuration.grace > longest)
    #expect(longest > .seconds(48) && longest <= .seconds(60))
    var memory = ServiceMemory()
    #expect(state(memory, after: 0) == .error)
    memory = loaded()
    #expect(state(memory, after: 90) == .ready)
    #expect(state(memory, after: 91) == .stale)
  }

  @Test func aHeartbeatWithoutAGapKeepsItCurrent() {
    var memory = loaded()
    memory.hear(heartbeat(3), at: Self.start + .seconds(60))
    #expect(memory.need == .nothing)
    #expect(state(memory, after: 150) == .ready)
    // One that shows a gap does not, until it is read.
    memory.hear(heartbeat(4), at: Self.start + .seconds(120))
    #expect(memory.need == .delta)
    memory.hear(heartbeat(4), at: Self.start + .seconds(121))
    #expect(state(memory, after: 151) == .stale)
  }

  @Test func aStandbyIsNoProof() {
    var memory = loaded()
    _ = memory.apply(
      load(1, seq: 3, ofPrimary: false), heard: nil, askedAt: Self.start + .seconds(80), clock: 0)
    #expect(state(memory, after: 91) == .stale)
  }

  /// The primary that was goes on answering until somebody stops it.
  @Test func anOlderEpochIsNoProof() {
    var memory = loaded()
    var old = load(9, seq: 9)
    old.epoch = 0
    let changes = memory.apply(
      old, heard: nil, askedAt: Self.start + .seconds(80), clock: 1_000_000)
    #expect(changes.isEmpty && memory.store.epoch == 1)
    #expect(state(memory, after: 91) == .stale)
  }

  @Test func theBridgeIsHeardOrNot() {
    var memory = loaded()
    let silence = Duration.seconds(5)
    #expect(memory.isHeard(at: Self.start + silence, silence: silence))
    #expect(!memory.isHeard(at: Self.start + .seconds(6), silence: silence))
    let hadHeard = memory.lose()
    #expect(hadHeard)
    #expect(!memory.isHeard(at: Self.start, silence: silence))
    // Subscribed, and nothing heard: no success.
    memory.subscribed(at: Self.start)
    #expect(memory.need == .delta)
    let hasHeard = memory.lose()
    #expect(!hasHeard)
  }

  @Test func aBridgeOfThePastIsNone() {
    var memory = loaded()
    let silence = Duration.seconds(5)
    let now = Self.start + .seconds(6)
    for (epoch, incarnation) in [(0, 1), (0, 9), (1, 0)] as [(Int64, Int64)] {
      memory.hear(
        .heartbeat(
          service: "ai", FeedMessage.Position(epoch: epoch, incarnation: incarnation, seq: 3)),
        at: now)
      #expect(!memory.isHeard(at: now, silence: silence))
      #expect(memory.need == .nothing && state(memory, after: 91) == .stale)
    }
    memory.hear(heartbeat(3), at: now)
    #expect(memory.isHeard(at: now, silence: silence))
  }

  @Test func whatIsAskedForOnceMoreIsNotLess() {
    var memory = loaded()
    memory.ask(.complete)
    memory.ask(.delta)
    memory.ask(.nothing)
    #expect(memory.need == .complete)
  }

  @Test func theReportCountsChangesButNotTheFirstLoad() {
    var memory = loaded()
    let first = memory.report(at: Self.start, grace: Self.grace)
    #expect(first.reloads == 0)
    _ = memory.apply(load(2, seq: 4), heard: nil, askedAt: Self.start, clock: 1_012_500)
    // Clocks differ: never less than nothing.
    _ = memory.apply(load(3, seq: 5), heard: nil, askedAt: Self.start, clock: 900_000)
    let report = memory.report(at: Self.start, grace: Self.grace)
    #expect(report.reloads == 2 && report.seq == 5 && report.epoch == 1 && report.state == .ready)
    #expect(report.millisecondsSum == 12.5 && report.millisecondsMax == 12.5)
    // A restored value is as old as it says, and was not on its way for so long.
    _ = memory.apply(
      load(1, seq: 5, epoch: 2), heard: nil, askedAt: Self.start, clock: 9_000_000_000)
    let restored = memory.report(at: Self.start, grace: Self.grace)
    #expect(restored.epoch == 2 && restored.reloads == 2 && restored.millisecondsMax == 12.5)
  }

  @Test func theBridgeTellsHowManyListen() {
    var memory = loaded()
    memory.hear(heartbeat(3, subscribers: 1000), at: Self.start)
    memory.hear(heartbeat(3), at: Self.start)
    #expect(memory.subscribers == 1000)
  }
}

internal import Testing

@testable internal import HotConfig

@Suite struct ConfigStoreTests {
  private static let key = ConfigValue.Key(orgID: 1, key: "threshold")

  private func value(_ text: String?, _ version: Int64) -> ConfigValue {
    ConfigValue(text: text, type: "number", version: version, changedMicroseconds: 0)
  }

  private func load(
    _ text: String?, _ version: Int64, epoch: Int64 = 1, seq: Int64 = 0, isComplete: Bool = true
  ) -> ConfigLoad {
    ConfigLoad(
      service: "ai", epoch: epoch, seq: seq, snapshot: "10:10:", isComplete: isComplete,
      rows: [Self.key: value(text, version)])
  }

  private func announcement(
    _ version: Int64, epoch: Int64 = 1, incarnation: Int64 = 1, seq: Int64
  ) -> FeedMessage {
    .announcement(
      service: "ai", key: "threshold", version: version, orgID: 1,
      FeedMessage.Position(epoch: epoch, incarnation: incarnation, seq: seq))
  }

  private func heartbeat(epoch: Int64 = 1, incarnation: Int64 = 1, seq: Int64) -> FeedMessage {
    .heartbeat(
      service: "ai", FeedMessage.Position(epoch: epoch, incarnation: incarnation, seq: seq))
  }

  /// A store that has loaded version 5 and has heard of announcement 7 from incarnation 1.
  private func loaded() -> ConfigStore {
    var store = ConfigStore()
    _ = store.apply(
      load("0.5", 5, seq: 7),
      heard: FeedMessage.Position(epoch: 1, incarnation: 1, seq: 7))
    return store
  }

  @Test func nothingIsKnownBeforeTheFirstLoad() {
    #expect(ConfigStore().need(for: heartbeat(seq: 0)) == .complete)
  }

  @Test func aNewerVersionIsRead() {
    #expect(loaded().need(for: announcement(6, seq: 8)) == .delta)
  }

  @Test func aKnownVersionIsNotReadAgain() {
    #expect(loaded().need(for: announcement(5, seq: 7)) == .nothing)
    #expect(loaded().need(for: announcement(5, seq: 8)) == .nothing)
  }

  @Test func aGapIsReadEvenIfThisKeyIsKnown() {
    #expect(loaded().need(for: announcement(5, seq: 9)) == .delta)
    #expect(loaded().need(for: heartbeat(seq: 8)) == .delta)
    #expect(loaded().need(for: heartbeat(seq: 7)) == .nothing)
  }

  /// Whoever may publish must not be able to end every pod.
  @Test(arguments: [Int64.min, -1, 0, Int64.max - 1, Int64.max])
  func noNumberIsTooBig(_ number: Int64) {
    for message in [heartbeat(seq: number), announcement(5, seq: number)] {
      var store = loaded()
      _ = store.need(for: message)
      _ = store.apply(load("0.5", 5, seq: 7), heard: message.position)
      store.pass(message)
      #expect(store.need(for: announcement(5, seq: 8)) == .nothing)
      #expect(store.need(for: announcement(6, seq: number)) == .delta)
      #expect(store.need(for: announcement(number, seq: 8)) == (number > 5 ? .delta : .nothing))
    }
  }

  @Test func anotherLeaderMayHaveNumberedAnew() {
    #expect(loaded().need(for: heartbeat(incarnation: 2, seq: 5)) == .delta)
    #expect(loaded().need(for: announcement(5, incarnation: 2, seq: 6)) == .delta)
  }

  @Test func anOldLeaderIsNotHeard() {
    var store = loaded()
    _ = store.apply(
      load("0.5", 5, seq: 7, isComplete: false),
      heard: FeedMessage.Position(epoch: 1, incarnation: 2, seq: 7))
    #expect(store.need(for: heartbeat(incarnation: 1, seq: 99)) == .nothing)
  }

  @Test func anotherEpochIsReadCompletely() {
    #expect(loaded().need(for: heartbeat(epoch: 2, seq: 0)) == .complete)
    #expect(loaded().need(for: announcement(9, epoch: 0, seq: 99)) == .nothing)
  }

  @Test func versionsNeverFallWithinAnEpoch() {
    var store = loaded()
    #expect(store.apply(load("0.4", 4, seq: 8), heard: nil).isEmpty)
    #expect(store.values[Self.key]?.text == "0.5")
  }

  @Test func versionsMayFallAcrossEpochs() {
    var store = loaded()
    let changes = store.apply(load("0.1", 1, epoch: 2), heard: nil)
    #expect(changes.map(\.new?.version) == [1])
    #expect(store.values[Self.key]?.text == "0.1")
  }

  @Test func whatANewEpochDoesNotHaveIsGone() {
    var store = loaded()
    let changes = store.apply(
      ConfigLoad(service: "ai", epoch: 2, seq: 0, snapshot: nil, isComplete: true, rows: [:]),
      heard: nil)
    #expect(changes.count == 1 && changes[0].new == nil)
    #expect(store.values.isEmpty)
    #expect(store.since == nil)
  }

  @Test func aMessageCountsOnlyWhenItsLoadHasCome() {
    var store = loaded()
    // The load failed: nothing was applied, and the next heartbeat asks again.
    #expect(store.need(for: announcement(6, seq: 8)) == .delta)
    #expect(store.need(for: heartbeat(seq: 8)) == .delta)
    _ = store.apply(
      load("0.6", 6, seq: 8, isComplete: false),
      heard: FeedMessage.Position(epoch: 1, incarnation: 1, seq: 8))
    #expect(store.need(for: heartbeat(seq: 8)) == .nothing)
  }

  @Test func whatWasChangedBehindTheTriggersIsTakenFromACompleteLoad() {
    var store = loaded()
    #expect(store.apply(load("0.9", 5, seq: 7, isComplete: false), heard: nil).isEmpty)
    let changes = store.apply(load("0.9", 5, seq: 7), heard: nil)
    #expect(changes.map(\.new?.text) == ["0.9"])
    #expect(store.apply(load("0.9", 5, seq: 7), heard: nil).isEmpty)
  }

  @Test func whatIsGoneFromThePrimaryIsGone() {
    var store = loaded()
    let none = ConfigLoad(
      service: "ai", epoch: 1, seq: 7, snapshot: nil, isComplete: true, rows: [:])
    #expect(store.apply(none, heard: nil).isEmpty, "a standby may not have it yet")
    let gone = ConfigLoad(
      service: "ai", epoch: 1, seq: 7, snapshot: "9:9:", isComplete: true, rows: [:])
    #expect(store.apply(gone, heard: nil).map(\.new) == [nil])
  }

  /// A standby that is behind has not what was announced: it is asked again.
  @Test func aStandbyCountsOnlyForWhatItHas() {
    func standby(_ seq: Int64) -> ConfigLoad {
      ConfigLoad(
        service: "ai", epoch: 1, seq: seq, snapshot: nil, isComplete: true,
        rows: [Self.key: value("0.5", 5)])
    }
    let heard = FeedMessage.Position(epoch: 1, incarnation: 2, seq: 8)
    var store = loaded()
    _ = store.apply(standby(7), heard: heard)
    #expect(store.need(for: heartbeat(incarnation: 2, seq: 8)) == .delta)
    #expect(store.since == nil, "and completely")
    _ = store.apply(standby(8), heard: heard)
    #expect(store.need(for: heartbeat(incarnation: 2, seq: 8)) == .nothing)
  }

  @Test func whatWasKeptHoldsUntilSomethingBetterIsKnown() {
    let kept = LastKnownGood(service: "ai", epoch: 5, values: [Self.key: value("0.7", 7)])
    func store() -> ConfigStore {
      var store = ConfigStore()
      store.restore(kept)
      return store
    }
    var restored = store()
    #expect(restored.values[Self.key]?.text == "0.7")
    #expect(restored.since == nil)
    #expect(restored.need(for: heartbeat(epoch: 5, seq: 1)) == .complete)
    // A standby that is behind takes nothing back.
    let behind = ConfigLoad(
      service: "ai", epoch: 5, seq: 3, snapshot: nil, isComplete: true,
      rows: [Self.key: value("0.6", 6)])
    #expect(restored.apply(behind, heard: nil).isEmpty)
    #expect(restored.apply(load("0.8", 8, epoch: 5), heard: nil).map(\.new?.version) == [8])
    // The file may be another database's.
    var other = store()
    #expect(other.apply(load("0.1", 1, epoch: 2), heard: nil).map(\.new?.version) == [1])
    // What was loaded is not restored over.
    var live = loaded()
    live.restore(kept)
    #expect(live.values[Self.key]?.text == "0.5")
  }
}

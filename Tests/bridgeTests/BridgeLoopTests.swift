internal import HotConfig
internal import Testing

@testable internal import bridge

@Suite struct BridgeLoopTests {
  private static let start = ContinuousClock.now
  private static let position = FeedMessage.Position(epoch: 9, incarnation: 3, seq: 6)
  private static let batch = Feed.Batch(
    since: "1:1:", snapshot: "5:5:",
    messages: [
      .announcement(service: "ai", key: "threshold", version: 2, orgID: 1, position)
    ])

  private static let nothing = Feed.Batch(since: "1:1:", snapshot: "1:1:", messages: [])

  /// A loop that hears, and has just taken the lead.
  private func elected() -> BridgeLoop {
    var loop = BridgeLoop()
    loop.handle(.called, at: Self.start)
    loop.handle(.heard(.call(1)), at: Self.start)
    loop.handle(.answered(.ours(incarnation: 3, epoch: 9), seqs: ["ai": 5]), at: Self.start)
    return loop
  }

  /// A loop that leads, has published its first heartbeat, found nothing, and sleeps.
  private func leading() -> BridgeLoop {
    var loop = elected()
    loop.handle(.published(reached: [7]), at: Self.start)
    loop.handle(.wasReplayed([]), at: Self.start)
    for _ in 0..<2 {
      loop.handle(.wasRead(Self.nothing), at: Self.start)
      loop.handle(.slept(true), at: Self.start)
    }
    loop.handle(.wasRead(Self.nothing), at: Self.start)
    return loop
  }

  @Test func itBeginsByAskingForTheLead() {
    #expect(BridgeLoop().next(at: Self.start) == .lead)
  }

  @Test func aLeaderPublishesAHeartbeatThenWhatMayBeLostThenReads() {
    var loop = elected()
    let beat = FeedMessage.heartbeat(
      service: "ai", FeedMessage.Position(epoch: 9, incarnation: 3, seq: 5))
    #expect(loop.next(at: Self.start) == .publish([beat]))
    loop.handle(.published(reached: [7]), at: Self.start)
    #expect(loop.next(at: Self.start) == .replay(incarnation: 3))
    loop.handle(.wasReplayed(Self.batch.messages), at: Self.start)
    #expect(loop.next(at: Self.start) == .publish(Self.batch.messages))
    loop.handle(.published(reached: [7]), at: Self.start)
    #expect(loop.next(at: Self.start) == .read(incarnation: 3))
    // A renewal has lost nothing.
    loop.handle(.answered(.ours(incarnation: 3, epoch: 9), seqs: ["ai": 5]), at: Self.start)
    loop.handle(.published(reached: [7]), at: Self.start)
    #expect(loop.next(at: Self.start) == .read(incarnation: 3))
  }

  @Test func theNextHeartbeatTellsHowManyTheLastHasReached() {
    var loop = elected()
    loop.handle(.published(reached: [1000]), at: Self.start)
    loop.handle(.answered(.ours(incarnation: 3, epoch: 9), seqs: ["ai": 5]), at: Self.start)
    guard case .publish(let messages) = loop.next(at: Self.start) else {
      Issue.record("no heartbeat")
      return
    }
    #expect(messages.map(\.payload) == ["epoch=9 inc=3 seq=5 subs=1000"])
  }

  @Test func theCursorMovesOnlyAfterEveryReply() {
    var loop = leading()
    loop.handle(.heard(.change), at: Self.start)
    #expect(loop.next(at: Self.start) == .read(incarnation: 3))
    loop.handle(.wasRead(Self.batch), at: Self.start)
    #expect(loop.next(at: Self.start) == .publish(Self.batch.messages))
    loop.handle(.published(reached: [7]), at: Self.start)
    #expect(loop.next(at: Self.start) == .advance(incarnation: 3, Self.batch, seqs: ["ai": 6]))
    loop.handle(.advanced, at: Self.start)
    // More may have been committed meanwhile, and more will be.
    #expect(loop.next(at: Self.start) == .wake(incarnation: 3))
    loop.handle(.awake, at: Self.start)
    #expect(loop.next(at: Self.start) == .read(incarnation: 3))
    #expect(loop.seqs == ["ai": 6])
  }

  @Test func theLeadIsRenewedEveryBeat() {
    let loop = leading()
    #expect(loop.next(at: Self.start) == .wait(until: Self.start + BridgeLoop.beat))
    #expect(loop.next(at: Self.start + BridgeLoop.beat) == .lead)
  }

  @Test func aNewLeaderAsksBeforeItSleeps() {
    var loop = elected()
    loop.handle(.published(reached: [7]), at: Self.start)
    loop.handle(.wasReplayed([]), at: Self.start)
    loop.handle(.wasRead(Self.nothing), at: Self.start)
    #expect(loop.next(at: Self.start) == .sleep(incarnation: 3))
    loop.handle(.slept(true), at: Self.start)
    // Once more: what was committed before the answer notified nobody.
    #expect(loop.next(at: Self.start) == .read(incarnation: 3))
    loop.handle(.wasRead(Self.nothing), at: Self.start)
    #expect(loop.next(at: Self.start) == .wait(until: Self.start + BridgeLoop.beat))
  }

  @Test func awakeItReadsEveryFewMillisecondsUntilNothingComes() {
    var loop = leading()
    loop.handle(.heard(.change), at: Self.start)
    loop.handle(.wasRead(Self.batch), at: Self.start)
    loop.handle(.published(reached: [7]), at: Self.start)
    loop.handle(.advanced, at: Self.start)
    loop.handle(.awake, at: Self.start)
    var now = Self.start
    var reads = 0
    while loop.next(at: now) != .sleep(incarnation: 3), reads < 1000 {
      switch loop.next(at: now) {
      case .read:
        reads += 1
        loop.handle(.wasRead(Self.nothing), at: now)
      case .wait(let until):
        #expect(until <= now + BridgeLoop.poll)
        now = until
        loop.handle(.waited, at: now)
      case let other:
        Issue.record("\(other)")
        return
      }
    }
    #expect(now == Self.start + BridgeLoop.vigil)
    #expect(reads == Int(BridgeLoop.vigil / BridgeLoop.poll))
    // A writer has not notified and is not done.
    loop.handle(.slept(false), at: now)
    #expect(loop.next(at: now) == .read(incarnation: 3))
    loop.handle(.wasRead(Self.nothing), at: now)
    #expect(loop.next(at: now) == .wait(until: now + BridgeLoop.poll))
  }

  @Test func whoStandsByAsksAtOnceWhenTheLeaderResigns() {
    var loop = BridgeLoop()
    loop.handle(.answered(.theirs(leader: "other"), seqs: [:]), at: Self.start)
    loop.handle(.heard(.resignation), at: Self.start)
    #expect(loop.next(at: Self.start) == .lead)
  }

  @Test func whoHearsNothingNeverSleeps() {
    var loop = BridgeLoop()
    loop.handle(.called, at: Self.start)
    loop.handle(.answered(.ours(incarnation: 3, epoch: 9), seqs: ["ai": 5]), at: Self.start)
    loop.handle(.published(reached: [7]), at: Self.start)
    loop.handle(.wasReplayed([]), at: Self.start)
    loop.handle(.wasRead(Self.nothing), at: Self.start)
    #expect(loop.next(at: Self.start) == .wake(incarnation: 3))
    loop.handle(.awake, at: Self.start)
    loop.handle(.wasRead(Self.nothing), at: Self.start)
    let poll = Self.start + BridgeLoop.deafPoll
    #expect(loop.next(at: Self.start) == .wait(until: poll))
    #expect(loop.next(at: poll) == .read(incarnation: 3))
    loop.handle(.wasRead(Self.nothing), at: poll)
    // Until it hears.
    loop.handle(.heard(.call(1)), at: poll)
    #expect(loop.next(at: poll) == .sleep(incarnation: 3))
  }

  @Test func itCallsWhenNothingIsInHandAndGivesUpAConnectionThatNoLongerHears() {
    var loop = leading()
    var now = Self.start
    loop.handle(.heard(.change), at: now + Hearing.period)
    loop.handle(
      .answered(.ours(incarnation: 3, epoch: 9), seqs: ["ai": 5]), at: now + Hearing.period)
    loop.handle(.published(reached: [7]), at: now + Hearing.period)
    now += Hearing.period
    #expect(loop.next(at: now) == .read(incarnation: 3), "a change comes first")
    loop.handle(.wasRead(Self.nothing), at: now)
    #expect(loop.next(at: now) == .call(2))
    loop.handle(.called, at: now)
    #expect(loop.next(at: now + Hearing.limit) == .reconnect)
    loop.handle(.heard(.call(2)), at: now)
    #expect(loop.next(at: now + Hearing.limit) == .lead)
  }

  /// What takes longer than a beat is published once, in portions between which the lead is renewed.
  @Test func aRenewalKeepsTheBatchInHand() {
    let messages = (1...2500).map { number -> FeedMessage in
      .announcement(
        service: "ai", key: "key\(number)", version: 1, orgID: 1,
        FeedMessage.Position(epoch: 9, incarnation: 3, seq: 5 + Int64(number)))
    }
    let big = Feed.Batch(since: "1:1:", snapshot: "5:5:", messages: messages)
    var loop = leading()
    loop.handle(.wasRead(big), at: Self.start)
    var now = Self.start
    var published: [FeedMessage] = []
    for _ in 1...3 {
      guard case .publish(let portion) = loop.next(at: now) else {
        Issue.record("no portion")
        return
      }
      published += portion
      loop.handle(.published(reached: portion.map { _ in 7 }), at: now)
      now += BridgeLoop.beat
      #expect(loop.next(at: now) == .lead)
      loop.handle(.answered(.ours(incarnation: 3, epoch: 9), seqs: ["ai": 5]), at: now)
      guard case .publish(let beat) = loop.next(at: now) else {
        Issue.record("no heartbeat")
        return
      }
      #expect(beat.map(\.channel) == ["config:ai:_hb"])
      // It wakes nobody up from what is in hand.
      loop.handle(.heard(.change), at: now)
      loop.handle(.published(reached: [7]), at: now)
    }
    #expect(published == messages)
    #expect(loop.next(at: now) == .advance(incarnation: 3, big, seqs: ["ai": 2505]))
  }

  @Test func anotherIncarnationDropsTheBatchInHandAndReplays() {
    var loop = leading()
    loop.handle(.wasRead(Self.batch), at: Self.start)
    // Another bridge led meanwhile.
    loop.handle(.answered(.ours(incarnation: 5, epoch: 9), seqs: ["ai": 6]), at: Self.start)
    loop.handle(.heard(.change), at: Self.start)
    loop.handle(.published(reached: [7]), at: Self.start)
    #expect(loop.next(at: Self.start) == .replay(incarnation: 5))
  }

  @Test func anotherEpochDropsTheBatchInHand() {
    var loop = leading()
    loop.handle(.wasRead(Self.batch), at: Self.start)
    loop.handle(
      .answered(.ours(incarnation: 3, epoch: 10), seqs: ["ai": 5]), at: Self.start + .seconds(1))
    guard case .publish(let messages) = loop.next(at: Self.start + .seconds(1)) else {
      Issue.record("no heartbeat")
      return
    }
    #expect(messages.map(\.position.epoch) == [10])
  }

  @Test func aStandbyWaitsAndAsksAgain() {
    var loop = BridgeLoop()
    loop.handle(.answered(.theirs(leader: "other"), seqs: [:]), at: Self.start)
    #expect(loop.next(at: Self.start) == .call(1))
    loop.handle(.called, at: Self.start)
    #expect(!loop.leads)
    #expect(loop.next(at: Self.start) == .wait(until: Self.start + BridgeLoop.beat))
    loop.handle(.heard(.change), at: Self.start)
    #expect(loop.next(at: Self.start) == .wait(until: Self.start + BridgeLoop.beat))
    #expect(loop.next(at: Self.start + BridgeLoop.beat) == .lead)
  }

  @Test func aLostLeadIsAskedForAgain() {
    var loop = leading()
    loop.handle(.leadLost, at: Self.start)
    #expect(!loop.leads)
    #expect(loop.next(at: Self.start) == .lead)
  }
}

internal import Testing

@testable internal import bridge

@Suite struct HearingTests {
  private let start = ContinuousClock.now

  @Test func itCallsAtOnceAndThenEveryTwoSeconds() {
    #expect(Hearing.period == .seconds(2) && Hearing.limit == .seconds(5))
    var hearing = Hearing()
    #expect(hearing.callDue(at: start) == start)
    #expect(hearing.nextCall == 1)
    hearing.called(at: start)
    #expect(hearing.callDue(at: start) == start + Hearing.period)
    #expect(hearing.nextCall == 2)
  }

  @Test func itIsProvenByTheFirstCallThatComesBack() {
    var hearing = Hearing()
    hearing.called(at: start)
    #expect(!hearing.isProven)
    hearing.heard(1)
    #expect(hearing.isProven)
    #expect(!hearing.isDeaf(at: start + .seconds(60)))
    #expect(!hearing.isLost(at: start + .seconds(60)))
  }

  @Test func whoHasNeverHeardIsDeafAndRecovers() {
    var hearing = Hearing()
    for second in [0, 2, 4] { hearing.called(at: start + .seconds(second)) }
    #expect(!hearing.isDeaf(at: start + .milliseconds(4999)))
    #expect(hearing.isDeaf(at: start + Hearing.limit))
    #expect(!hearing.isLost(at: start + Hearing.limit))
    hearing.heard(3)
    #expect(!hearing.isDeaf(at: start + Hearing.limit))
  }

  @Test func whoHearsNoLongerIsLost() {
    var hearing = Hearing()
    hearing.called(at: start)
    hearing.heard(1)
    for second in [2, 4, 6] { hearing.called(at: start + .seconds(second)) }
    // An old one proves nothing.
    hearing.heard(1)
    #expect(!hearing.isLost(at: start + .milliseconds(6999)))
    #expect(hearing.isLost(at: start + .seconds(7)))
    #expect(!hearing.isDeaf(at: start + .seconds(7)))
  }
}

internal import AsyncIO
internal import Testing

@Suite struct BackoffTests {
  @Test func pausesDoubleUpToTheLimit() {
    var backoff = Backoff(jitter: 0)
    let pauses = (0..<9).map { _ in backoff.next() }
    #expect(pauses == [0, 1, 2, 4, 8, 16, 32, 60, 60].map { Duration.seconds($0) })
    backoff.reset()
    #expect(backoff.next() == .zero)
  }

  @Test func jitterShortensOnly() {
    var backoff = Backoff(base: .seconds(8), limit: .seconds(8), jitter: 0.5)
    _ = backoff.next()
    for _ in 0..<100 {
      let pause = backoff.next()
      #expect(pause >= .seconds(4) && pause <= .seconds(8))
    }
  }
}

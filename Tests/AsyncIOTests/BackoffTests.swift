internal import AsyncIO
internal import Testing

struct BackoffTests {
  @Test func growsFromNothingToTheLimit() {
    var backoff = Backoff(jitter: 0)
    let pauses = (0..<9).map { _ in backoff.next() }
    #expect(pauses == [0, 1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
    backoff.reset()
    #expect(backoff.next() == .zero)
  }

  @Test func chanceOnlyShortensAPause() {
    let pauses = (0..<50).map { _ in
      var backoff = Backoff(base: .seconds(8), jitter: 0.25)
      _ = backoff.next()
      return backoff.next()
    }
    #expect(pauses.allSatisfy { (.seconds(6)...Duration.seconds(8)).contains($0) })
    #expect(Set(pauses).count > 1)
  }

  @Test func neverEnds() {
    var backoff = Backoff(jitter: 0)
    for _ in 0..<10_000 { _ = backoff.next() }
    #expect(backoff.next() == .seconds(60))
  }
}

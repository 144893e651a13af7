internal import Postgres
internal import Testing

@testable internal import HotConfig

@Suite struct ReadScheduleTests {
  private static let start = ContinuousClock.now

  private func schedule(pod: String? = nil) -> ReadSchedule {
    var configuration = HotConfigConfiguration(
      services: ["ai"], postgres: PostgresConfiguration(), redis: nil)
    configuration.pod = pod
    return ReadSchedule(configuration, at: Self.start)
  }

  private func after(_ seconds: Int) -> ContinuousClock.Instant { Self.start + .seconds(seconds) }

  @Test func withoutABridgeItPollsEveryFiveSeconds() {
    var schedule = schedule()
    #expect(schedule.need(at: Self.start, isHeard: false) == .delta)
    #expect(schedule.need(at: Self.start, isHeard: true) == .nothing)
    schedule.wasRead(isComplete: false, at: Self.start)
    #expect(schedule.need(at: after(4), isHeard: false) == .nothing)
    #expect(
      schedule.nextLook(at: after(4), isHeard: false, report: ReloadReport()) == after(5))
    #expect(schedule.need(at: after(5), isHeard: false) == .delta)
    #expect(schedule.need(at: after(5), isHeard: true) == .nothing)
  }

  @Test func everythingIsComparedEveryFiveToTenMinutes() {
    var times: Set<Duration> = []
    for _ in 0..<100 {
      var schedule = schedule()
      #expect(schedule.need(at: after(299), isHeard: true) == .nothing)
      #expect(schedule.need(at: after(601), isHeard: true) == .complete)
      schedule.wasRead(isComplete: true, at: after(601))
      #expect(schedule.need(at: after(900), isHeard: true) == .nothing)
      #expect(schedule.need(at: after(1202), isHeard: true) == .complete)
      times.insert(Self.start.duration(to: schedule.reconcileAt))
    }
    #expect(times.count > 50, "pods that started together do not read together")
  }

  @Test func aThousandSpreadTheirReadsOverTenMillisecondsAndAFewDoNotWait() {
    let jitter = HotConfigConfiguration(
      services: ["ai"], postgres: PostgresConfiguration(), redis: nil
    ).jitter
    for (subscribers, milliseconds) in [(0, 0), (1, 0), (500, 5), (1000, 10), (50_000, 10)] {
      #expect(
        ReadSchedule.spread(over: jitter, subscribers: Int64(subscribers))
          == .milliseconds(milliseconds))
    }
  }

  @Test func itReportsWhatIsNewWithinSecondsAndThatItLivesEveryHalfMinute() {
    #expect(!schedule().isReportDue(ReloadReport(), at: after(3600)), "without a name it does not")
    var schedule = schedule(pod: "ai-1")
    let first = ReloadReport(state: .ready, epoch: 1, seq: 1)
    #expect(schedule.isReportDue(first, at: after(5)))
    schedule.wasReported(first, at: after(5))
    #expect(!schedule.isReportDue(first, at: after(34)))
    #expect(schedule.isReportDue(first, at: after(35)))
    let second = ReloadReport(state: .ready, epoch: 1, seq: 2)
    #expect(!schedule.isReportDue(second, at: after(9)), "no more often than every five seconds")
    #expect(schedule.isReportDue(second, at: after(15)))
  }
}

internal import AsyncIO
internal import Glibc
internal import Synchronization

/// Reads what messages and the schedule ask for: one read for all that arrived meanwhile.
struct Reader: Sendable {
  private let service: ServiceConfig

  /// Failed reads after which it is no longer tried to read what is new only.
  private static let attempts = 3

  init(of service: ServiceConfig) {
    self.service = service
  }

  private var configuration: HotConfigConfiguration { service.configuration }

  /// Reads until the task is cancelled. A read that fails is tried again: at once, then after 1, 2, 4,
  /// 8 … 60 seconds.
  func run() async {
    var reader = ConfigReader(
      service: service.name, postgres: configuration.postgres, linger: configuration.linger)
    var schedule = ReadSchedule(configuration, at: .now)
    var keeper = Keeper(service)
    var evaluations = EvaluationReport(of: service, at: .now)
    var backoff = Backoff()
    var failures = 0
    while !Task.isCancelled {
      do {
        if try await readIfDue(&reader, &schedule, isCompleteAfterAll: failures >= Self.attempts) {
          backoff.reset()
          failures = 0
          continue
        }
        await keeper.keepIfDue()
        await reportIfDue(&reader, &schedule)
        await evaluations.makeIfDue(&reader, at: .now)
        await reader.rest(at: .now)
        let limits = [reader.idleUntil, evaluations.nextLook(after: .now)].compactMap(\.self)
        await pause(schedule, until: limits.min())
      } catch is CancellationError {
        break
      } catch {
        failures += 1
        service.memory.withLock { $0.failure = error }
        service.tellState()
        let pause = backoff.next()
        service.observe(.interrupted(error: error, retryAfter: pause))
        try? await Deadline.after(pause).sleep()
      }
    }
    await evaluations.makeLast(reader)
    await reader.close()
  }

  /// - Returns: Whether something was read.
  private func readIfDue(
    _ reader: inout ConfigReader, _ schedule: inout ReadSchedule, isCompleteAfterAll: Bool
  ) async throws -> Bool {
    if service.memory.withLock({ $0.need }) != .nothing { try await spread() }
    let now = ContinuousClock.now
    let isReconciling = now >= schedule.reconcileAt
    let (need, since, heard) = service.memory.withLock { memory in
      memory.ask(
        schedule.need(at: now, isHeard: memory.isHeard(at: now, silence: configuration.silence)))
      defer { memory.need = .nothing }
      return (memory.need, memory.store.since, memory.heard)
    }
    guard need != .nothing else { return false }
    let isComplete = need == .complete || since == nil || isCompleteAfterAll
    let load: ConfigLoad
    do {
      load = try await reader.load(since: isComplete ? nil : since)
    } catch {
      service.memory.withLock { $0.ask(need) }
      throw error
    }
    let (changes, epoch) = service.memory.withLock { memory in
      let changes = memory.apply(load, heard: heard, askedAt: now, clock: Self.clock())
      // Not the load's: one of an older epoch is not taken.
      return (changes, memory.store.epoch ?? load.epoch)
    }
    service.keepFlags(changes)
    schedule.wasRead(isComplete: load.isComplete, at: now)
    for change in changes { service.observe(.changed(change)) }
    if isReconciling, !changes.isEmpty {
      service.observe(.drifted(service: service.name, count: changes.count))
    }
    service.observe(
      .loaded(
        isComplete: load.isComplete, rows: load.rows.count, epoch: epoch,
        took: now.duration(to: .now)))
    // Last: whoever waits for it finds everything told.
    service.tell(changes)
    return true
  }

  /// A thousand pods hear an announcement in the same millisecond; a few need not wait for each other.
  private func spread() async throws {
    let span = ReadSchedule.spread(
      over: configuration.jitter, subscribers: service.memory.withLock { $0.subscribers })
    guard span > .zero else { return }
    try await Deadline.after(ReadSchedule.between(.zero...span)).sleep()
  }

  /// - Parameter limit: Then something else is to be done.
  private func pause(_ schedule: ReadSchedule, until limit: ContinuousClock.Instant?) async {
    let now = ContinuousClock.now
    let next = service.memory.withLock { memory in
      schedule.nextLook(
        at: now, isHeard: memory.isHeard(at: now, silence: configuration.silence),
        report: memory.report(at: now, grace: configuration.grace))
    }
    service.tellState()
    await service.wake.wait(
      timeout: max(.milliseconds(1), now.duration(to: min(next, limit ?? next))))
  }

  /// An administrator's convenience: what cannot be reported disturbs nothing.
  private func reportIfDue(_ reader: inout ConfigReader, _ schedule: inout ReadSchedule) async {
    let now = ContinuousClock.now
    let report = service.memory.withLock { $0.report(at: now, grace: configuration.grace) }
    guard let pod = configuration.pod, report.epoch > 0, schedule.isReportDue(report, at: now)
    else { return }
    try? await reader.report(report, pod: pod)
    schedule.wasReported(report, at: now)
  }

  /// Microseconds since 1970.
  private static func clock() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
  }
}

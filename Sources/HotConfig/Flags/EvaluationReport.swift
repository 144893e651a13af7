internal import AsyncIO
internal import Synchronization

/// Tells the database, now and then, how often flags were evaluated: so that it knows which nobody needs.
struct EvaluationReport: Sendable {
  private let service: ServiceConfig
  private(set) var dueAt: ContinuousClock.Instant

  /// The last report, at the end, is given up after so long.
  private static let farewell = Duration.seconds(2)

  init(of service: ServiceConfig, at now: ContinuousClock.Instant) {
    self.service = service
    // The first one soon: a job that lives a minute has evaluated, too.
    dueAt = now + ReadSchedule.between(.zero...service.configuration.report)
  }

  private var isWanted: Bool { service.name == FlagBook.service }

  /// When to look again; `nil`: with whatever comes next.
  func nextLook(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    isWanted && dueAt > now ? dueAt : nil
  }

  /// Reports what was counted since the last time. What cannot be reported is kept for the next time, and
  /// disturbs nothing.
  mutating func makeIfDue(_ reader: inout ConfigReader, at now: ContinuousClock.Instant) async {
    guard isWanted, now >= dueAt else { return }
    let counts = service.flags.withLock { $0.takeCounts() }
    guard !counts.isEmpty else { return }
    do {
      try await reader.report(evaluations: Self.json(counts))
    } catch {
      service.flags.withLock { $0.giveBack(counts) }
    }
    let period = service.configuration.evaluations
    dueAt = .now + ReadSchedule.between(period...period * 2)
  }

  /// The last report, of a service that ends.
  func makeLast(_ reader: ConfigReader) async {
    guard isWanted else { return }
    let counts = service.flags.withLock { $0.takeCounts() }
    guard !counts.isEmpty else { return }
    // The task that ends was cancelled; what it says last is not.
    await Task {
      await withTaskGroup { group in
        group.addTask {
          var reader = reader
          try? await reader.report(evaluations: Self.json(counts))
          await reader.close()
        }
        group.addTask { try? await Deadline.after(Self.farewell).sleep() }
        await group.next()
        group.cancelAll()
      }
    }.value
  }

  /// As `api.report_evaluations` takes it. Names of flags and variants need no escaping.
  static func json(_ counts: FlagCounts) -> String {
    let flags = counts.sorted { $0.key < $1.key }.map { key, variants in
      let numbers = variants.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
      return "\"\(key)\":{\(numbers.joined(separator: ","))}"
    }
    return "{\(flags.joined(separator: ","))}"
  }
}

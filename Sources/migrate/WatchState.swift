/// What somebody who looks at a long statement is told, and when.
struct WatchState: Sendable {
  /// What the server shows of the runner's session.
  struct Sample: Sendable, Equatable {
    /// How long it stands in a queue for a lock; `nil`: it does not.
    var lockWait: Duration?
    /// Who is before it there.
    var blockers: [Blocker] = []
    /// Of CREATE INDEX or REINDEX: what it does now.
    var build: Build?
  }

  struct Blocker: Sendable, Equatable {
    /// 0: it is no session but a prepared transaction.
    var pid: Int
    /// User, age and statement, which change.
    var text: String

    var description: String { pid == 0 ? text : "pid \(pid) \(text)" }
  }

  struct Build: Sendable, Equatable {
    var index: String
    var phase: String
    /// Blocks, or tuples, that are done, and all; 0: unknown.
    var done: Int
    var total: Int

    var description: String {
      let percent = total > 0 ? ", \(min(100, done * 100 / total)) %" : ""
      return "\(index): \(phase)\(percent)"
    }
  }

  enum Action: Sendable, Equatable {
    /// A line that stays.
    case tell(String)
    /// A line that the next one may take the place of.
    case progress(String)
  }

  /// A line that repeats itself comes this often where nothing takes its place.
  static let pause = Duration.seconds(10)

  private var toldBlockers: [Int] = []
  private var toldPhase = ""
  private var lastProgress: Duration?
  /// The waits that have ended.
  private var waited = Duration.zero
  private var waits = Duration.zero

  /// How long it has stood in queues in all.
  var lockWait: Duration { waited + waits }

  /// - Parameters:
  ///   - what: The file and the place of the statement.
  ///   - age: For how long the statement runs.
  ///   - isTerminal: Whether a line can take another's place.
  mutating func see(
    _ sample: Sample, of what: String, age: Duration, isTerminal: Bool
  ) -> [Action] {
    note(sample.lockWait)
    var actions: [Action] = []
    let pids = sample.blockers.map(\.pid)
    if pids != toldBlockers {
      toldBlockers = pids
      actions += sample.blockers.map { .tell("\(what) waits for a lock: \($0.description)") }
    }
    let phase = sample.build?.phase ?? ""
    let isDue = lastProgress.map { age - $0 >= Self.pause } ?? (age >= Self.pause)
    let isNews = !phase.isEmpty && phase != toldPhase
    if isTerminal || isDue || isNews {
      toldPhase = phase
      lastProgress = age
      let doing = sample.build?.description ?? "runs"
      actions.append(.progress("\(what)  \(doing)  \(Self.seconds(age))"))
    }
    return actions
  }

  /// Another statement.
  mutating func statementBegins() {
    note(nil)
    toldBlockers = []
    toldPhase = ""
    lastProgress = nil
  }

  /// Another file.
  mutating func fileBegins() {
    statementBegins()
    waited = .zero
  }

  private mutating func note(_ wait: Duration?) {
    guard let wait else {
      waited += waits
      waits = .zero
      return
    }
    // Less than before: another queue.
    if wait < waits { waited += waits }
    waits = wait
  }

  private static func seconds(_ duration: Duration) -> String {
    "\(duration.components.seconds) s"
  }
}

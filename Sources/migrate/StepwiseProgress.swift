internal import SQLScript

/// How far a file without a transaction has come.
struct StepwiseProgress {
  enum Phase {
    /// The row that the file begins, or goes on, is not written.
    case beginning
    case steps
    /// All statements are done, and the row that it is applied is not written.
    case ending
  }

  var phase = Phase.beginning
  private let start = ContinuousClock.now
  /// How long this run has worked at the file.
  var took: Duration { start.duration(to: .now) }
  /// How many of its statements are done.
  private(set) var done: Int
  /// What those come to, and the one at hand, kept along: a file may have many.
  private(set) var code: CodeHash
  /// What the file has set so far.
  private(set) var settings: [String]
  /// The file's last row in the ledger.
  var entry = 0
  /// How the statement at hand is carried out; `nil`: it was not sent yet, at least by this run.
  var mode: StepMode?
  /// Whether the server has said that the statement at hand is done, which cannot be taken back.
  var isCarriedOut = false
  /// Whether the statement at hand, which runs by itself, was refused in its first transaction, and so was
  /// taken back as a whole; `nil`: it was not refused, or is not one of those.
  var isTakenBack: Bool?
  /// Whether an earlier run ended in the middle of the statement at hand, which may be done.
  private(set) var isInDoubt = false

  /// - Parameter partial: How far an earlier run has come; `nil`: there was none.
  init(_ script: FileScript, _ partial: Ledger.Partial?) {
    done = partial?.done ?? 0
    code = CodeHash(script.steps[..<done])
    settings = script.steps[..<done].filter(\.statement.isSetting).map(\.statement.text)
    isInDoubt = partial?.isInDoubt(script) ?? false
  }

  /// The statement behind those that are done has its turn.
  mutating func begins(_ step: Script.Step) {
    code.add(step)
    mode = nil
    isTakenBack = nil
    isCarriedOut = false
  }

  /// It is done, and recorded.
  mutating func ends(_ step: Script.Step) {
    if step.statement.isSetting { settings.append(step.statement.text) }
    done += 1
    mode = nil
    isCarriedOut = false
    isInDoubt = false
  }

  /// Whether nothing of the file is there after an error of the server's.
  var isClean: Bool {
    guard done == 0 else { return false }
    return mode == .recorded || !isInDoubt && (mode == nil || isTakenBack == true)
  }

  /// Whether the statement at hand was refused behind a COMMIT of its own.
  var hasCommitted: Bool { (mode == .alone || mode == .routine) && isTakenBack == false }

  /// What is not known of a statement that was stopped.
  /// - Parameters:
  ///   - step: The one at hand; `nil`: there is none.
  ///   - isLost: Whether the connection was lost, and not a signal has come.
  func doubt(of step: Script.Step?, isLost: Bool) -> StepwiseReport.Doubt {
    if isCarriedOut { return .row }
    // What an earlier run has left in doubt is so until it is carried out again.
    guard let step, let mode = mode ?? (isInDoubt ? StepMode(step.statement) : nil) else {
      return .none
    }
    return (isLost ? mode != .recorded : mode.isUnseen) ? .statement : .none
  }
}

internal import SQLScript

/// How a statement of a file without a transaction is carried out and recorded.
enum StepMode: Sendable, Equatable {
  /// In a transaction with its row in the ledger: it is done if and only if that says so.
  case recorded
  /// By itself, its row behind it: if the runner ends between the two, it is done and not recorded.
  case alone
  /// CALL and DO: as one of `alone`. What they call may commit in between, and may not inside a transaction.
  case routine
  /// REINDEX CONCURRENTLY: as one of `alone`.
  case reindex
  /// DETACH PARTITION CONCURRENTLY: as one of `alone`. The table that it is detached from.
  case detach(from: [String])
  /// CREATE INDEX CONCURRENTLY: by itself, and the catalog tells whether it is done.
  case index(IndexBuild)
  /// DROP INDEX CONCURRENTLY: by itself; that there is none to drop tells that it is done.
  case indexDrop

  init(_ statement: Statement) {
    switch statement.kind {
    case .indexBuild(let build): self = .index(build)
    case .outsideTransaction("DROP INDEX CONCURRENTLY"): self = .indexDrop
    case .outsideTransaction("REINDEX CONCURRENTLY"): self = .reindex
    case .outsideTransaction("DETACH PARTITION CONCURRENTLY"):
      self = .detach(from: statement.tableLocks.first?.table ?? [])
    case .outsideTransaction: self = .alone
    case .other where ["call", "do"].contains(statement.words.first ?? ""): self = .routine
    case .copyFromStdin, .copyToStdout, .transactionControl, .other: self = .recorded
    }
  }

  /// Whether the ledger tells of a statement that it is not done. One that PostgreSQL may refuse within a
  /// transaction, it does not: that runs by itself then.
  static func isTold(_ step: Script.Step) -> Bool {
    StepMode(step.statement) == .recorded && !step.statement.mayRefuseTransaction
  }

  /// Whether it waits for locks as long as it takes: it blocks nobody meanwhile, and one that gives up leaves
  /// half of its work behind, and has to begin anew.
  var isPatient: Bool {
    switch self {
    case .index, .indexDrop, .reindex, .detach: true
    case .recorded, .alone, .routine: false
    }
  }

  /// Whether nobody has seen how it went when it was stopped.
  var isUnseen: Bool {
    switch self {
    case .alone, .routine, .indexDrop, .reindex, .detach: true
    case .recorded, .index: false
    }
  }
}

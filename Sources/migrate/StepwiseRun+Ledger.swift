internal import Postgres

/// The rows of a file without a transaction: each is told as written, as not written, or as one of which nobody
/// knows, whatever comes between.
extension StepwiseRun {
  /// A row whose answer has not come.
  struct UnansweredRow: Error {
    var event: LedgerEvent
    /// Whether it is one with its statement.
    var isCommit = false
    /// `CancellationError`, or a lost connection.
    var cause: any Error
  }

  /// How long the server has for its answer behind a signal: as long as the row waits for a lock.
  private static let patience = Duration.seconds(3)

  /// Writes a row, also when a signal has come.
  /// - Throws: `UnansweredRow`; `PostgresError` if the server has refused it.
  func write(_ event: LedgerEvent, _ sql: String) async throws -> [PostgresResult] {
    let connection = connection
    do {
      return try await withGrace(Self.patience) { try await connection.execute(sql) }
    } catch let error as PostgresError where !error.isConnectionLost {
      throw error
    } catch {
      throw UnansweredRow(event: event, cause: error)
    }
  }

  /// What writes the row of a statement: without what the file has set, and only with the lock.
  func recording(_ row: LedgerEntry) -> String {
    "\(Runner.resetSettings); \(Ledger.insert(row, ifHeld: SessionLock.isHeld))"
  }

  /// - Throws: `Objection` if no row was written, for want of the lock.
  func entryNumber(_ written: [PostgresResult]) throws -> Int {
    guard written.last?.first != nil else { throw SessionLock.released(by: file.path) }
    return Self.number(of: written)
  }

  static func number(of written: [PostgresResult]) -> Int {
    written.last?.first?["entry_id"].flatMap { Int($0) } ?? 0
  }

  /// The ledger knows of a row that was not answered, if it can be asked.
  /// - Parameter last: The file's last row before that one.
  func isWritten(_ row: UnansweredRow, behind last: Int) async -> Bool? {
    let connection = connection
    guard await connection.isUsable else { return nil }
    let sql = """
      \(Runner.resetSettings);
      SELECT EXISTS (SELECT FROM migrate.ledger
          WHERE version OPERATOR(pg_catalog.=) \(file.version ?? 0)
            AND event OPERATOR(pg_catalog.=) '\(row.event.rawValue)'
            AND entry_id OPERATOR(pg_catalog.>) \(last)) AS written
      """
    // This task may be cancelled.
    return await Task {
      try? await connection.execute(sql, timeout: .seconds(5)).last?.first?["written"]
    }.value.map { $0 == "t" }
  }

  /// What is true behind a row that was not answered.
  func report(_ row: UnansweredRow, _ progress: StepwiseProgress) async -> MigrateFailure {
    let done = progress.done
    let isWritten = await isWritten(row, behind: progress.entry)
    let told: StepwiseReport
    switch (row.event, isWritten) {
    case (.started, true?): told = self.told(0)
    case (.started, false?): told = self.told(0, doubt: .unbegun)
    case (.started, nil): told = self.told(0, doubt: .beginning)
    case (.progressed, true?): told = self.told(done + 1)
    case (.progressed, false?): told = self.told(done, doubt: row.isCommit ? .none : .row)
    case (.progressed, nil): told = self.told(done, doubt: row.isCommit ? .commit : .recording)
    case (.applied, true?):
      runner.report(file, progress.took, waited: runner.watch.lockWait)
      return TransactionalReport(files: [file], before: before).stoppedBehind
    case (.applied, false?): told = self.told(done)
    case (.applied, nil): told = self.told(done, doubt: .end)
    // The file is one that is applied in part all the same.
    default: told = self.told(done, doubt: progress.doubt(of: step(done), isLost: true))
    }
    guard let error = row.cause as? PostgresError else { return told.stopped(left: nil) }
    let sql = SQLErrorReport(
      error, path: file.path, text: script.text, step: row.isCommit ? step(done) : nil)
    return told.unrecorded(sql, isLost: true)
  }
}

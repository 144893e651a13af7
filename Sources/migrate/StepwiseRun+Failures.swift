internal import Postgres
internal import SQLScript

/// What is told, and written down, of a file without a transaction that did not come to its end.
extension StepwiseRun {
  func failure(_ error: any Error, _ progress: StepwiseProgress) async -> MigrateFailure {
    switch error {
    case let failure as MigrateFailure:
      await recordFailure(failure.message, progress)
      return failure
    case let objection as Objection: return await report(objection, progress)
    case let error as PostgresError: return await report(error, progress)
    case let row as UnansweredRow: return await report(row, progress)
    default:
      guard progress.phase != .beginning || partial != nil else {
        return told(0, doubt: .unbegun).stopped(left: nil)
      }
      // A signal; a statement by itself may have been faster.
      let doubt = progress.doubt(of: step(progress.done), isLost: false)
      return told(progress.done, doubt: doubt).stopped(left: await leftover(progress.done))
    }
  }

  private func report(_ objection: Objection, _ progress: StepwiseProgress) async -> MigrateFailure
  {
    let isRecorded = await recordFailure(objection.message, progress)
    guard progress.isCarriedOut else {
      return told(progress.done).refused(objection, isClean: progress.isClean)
    }
    return
      (isRecorded ? told(progress.done + 1) : told(progress.done, doubt: .row))
      .stopped(behind: objection)
  }

  private func report(_ error: PostgresError, _ progress: StepwiseProgress) async -> MigrateFailure
  {
    let done = progress.done
    let isLost = error.isConnectionLost
    if progress.isCarriedOut || progress.phase != .steps {
      return await reportRow(error, progress)
    }
    let sql = SQLErrorReport(error, path: file.path, text: script.text, step: step(done))
    let left = await leftover(done)
    if !isLost {
      await recordFailure(error.message, progress, sqlState: error.sqlState)
    }
    let doubt =
      isLost
      ? progress.doubt(of: step(done), isLost: true) : progress.hasCommitted ? .part : .none
    return told(done, doubt: doubt)
      .failed(sql, isLost: isLost, isClean: progress.isClean, left: left)
  }

  /// The server has refused a row.
  private func reportRow(
    _ error: PostgresError, _ progress: StepwiseProgress
  ) async -> MigrateFailure {
    let done = progress.done
    var error = error
    // Of the ledger's statement, not of the file's.
    error.position = nil
    let sql = SQLErrorReport(error, path: file.path, text: script.text)
    let told: StepwiseReport
    switch progress.phase {
    case .beginning where partial == nil: told = self.told(0, doubt: .unbegun)
    case .beginning:
      told = self.told(done, doubt: progress.doubt(of: step(done), isLost: false))
    case .steps:
      let isRecorded = await recordFailure(error.message, progress, sqlState: error.sqlState)
      told = isRecorded ? self.told(done + 1) : self.told(done, doubt: .row)
    case .ending:
      await recordFailure(error.message, progress, sqlState: error.sqlState)
      told = self.told(done)
    }
    return told.unrecorded(sql, isLost: false)
  }

  /// Writes down why the file did not come to its end; of a statement that is done all the same, that it is.
  /// Not if another runner has had its turn since: a file may have released the lock.
  /// - Returns: Whether it is written.
  @discardableResult
  private func recordFailure(
    _ message: String, _ progress: StepwiseProgress, sqlState: String? = nil
  ) async -> Bool {
    await connection.rollBackTransaction()
    var row = entry(.failed, statement: progress.done)
    if progress.isCarriedOut {
      row.statement = progress.done + 1
      row.codeHash = progress.code.text
    }
    row.error = message
    row.sqlState = sqlState
    let insert = Ledger.insert(row, ifHeld: SessionLock.isHeld, behind: progress.entry)
    let connection = connection
    // What went wrong is told anyway; this task may be cancelled. The file may have changed how the server
    // reads the row: that is set back before.
    return await Task {
      _ = try? await connection.execute(Runner.reset)
      let written = try? await connection.execute("\(SessionLock.regain); \(insert)")
      return written?.last?.first != nil
    }.value
  }

  /// The statement behind so many; `nil`: there is none.
  func step(_ done: Int) -> Script.Step? {
    done < script.steps.count ? script.steps[done] : nil
  }

  /// What the statement that was stopped has left behind, in a line. Asked while what the file has set still
  /// holds: the table may be named without its schema.
  private func leftover(_ done: Int) async -> String? {
    guard let mode = step(done).map({ StepMode($0.statement) }) else { return nil }
    let connection = connection
    // This task may be cancelled.
    return await Task { () -> String? in
      switch mode {
      case .index(let build):
        // One that another session builds is not left.
        guard let name = build.name,
          case .invalid(builder: nil)? = try? await IndexState.read(
            build, compares: false, connection)
        else { return nil }
        return StepwiseReport.leftByBuild(name)
      case .detach(let table):
        let partition = try? await IndexState.pendingDetach(from: table, connection)
        return partition.map { StepwiseReport.leftByDetach($0, from: PlanCommand.name(table)) }
      case .reindex:
        let names = try? await IndexState.leftByReindex(connection)
        return names.map(StepwiseReport.leftByReindex)
      case .recorded, .alone, .routine, .indexDrop: return nil
      }
    }.value
  }
}

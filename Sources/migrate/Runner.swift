internal import Postgres
internal import SQLScript

/// Applies a plan.
struct Runner {
  let connection: PostgresConnection
  let isQuiet: Bool
  /// Values of `:name` and its like.
  var variables: [String: String] = [:]

  /// How often a file is tried again whose locks were not to be had.
  static let lockRetries = 10

  struct Summary: Equatable {
    var applied = 0
  }

  /// Applies every file of the plan, telling each with its milliseconds.
  func apply(_ plan: Plan) async throws -> Summary {
    var summary = Summary()
    for file in plan.versioned {
      try await transaction([file], summary: &summary)
    }
    if !plan.repeatable.isEmpty {
      try await transaction(plan.repeatable, summary: &summary)
    }
    return summary
  }

  private func transaction(_ files: [MigrationFile], summary: inout Summary) async throws {
    for attempt in 1... {
      do {
        let lines = try await connection.transaction { _ in try await self.applyInside(files) }
        if !isQuiet { for line in lines { Output.data(line) } }
        summary.applied += files.count
        return
      } catch let ended as EndedTransaction {
        throw await report(ended)
      } catch let failure as FileFailure {
        let error = failure.error
        if await hasCommitted(failure.xid) {
          let ended = await report(EndedTransaction(file: failure.file, xid: failure.xid))
          let (first, rest) = SQLErrorReport.lines(error, file: failure.file, step: failure.step)
          throw MigrateFailure(
            code: .sql, message: first, lines: rest + [ended.message] + ended.lines)
        }
        if ["55P03", "40P01"].contains(error.sqlState), attempt <= Self.lockRetries {
          let pause = Duration.milliseconds(Int.random(in: 0...min(5000, 100 << attempt)))
          Output.talk(
            "\(failure.file.path): \(error.message); attempt \(attempt + 1) of \(Self.lockRetries + 1)"
          )
          try await Task.sleep(for: pause)
          continue
        }
        throw report(failure, files: files, summary: summary)
      } catch let error as PostgresError where files.count == 1 {
        // At COMMIT: a deferred constraint, or the connection.
        throw report(
          FileFailure(file: files[0], xid: nil, step: nil, error: error), files: files,
          summary: summary)
      }
    }
  }

  private struct FileFailure: Error {
    var file: MigrationFile
    /// The transaction that it ran in.
    var xid: String?
    /// The statement; `nil`: COMMIT.
    var step: Script.Step?
    var error: PostgresError
  }

  private struct EndedTransaction: Error {
    var file: MigrationFile
    var xid: String?
  }

  /// Whether the file itself has committed what it did.
  private func hasCommitted(_ xid: String?) async -> Bool {
    guard let xid, await connection.isUsable else { return false }
    let status = try? await connection.query(
      "SELECT pg_catalog.pg_xact_status($1::xid8) AS status", [.text(xid)])
    return status?.first?["status"] == "committed"
  }

  private func report(_ ended: EndedTransaction) async -> MigrateFailure {
    let before =
      await hasCommitted(ended.xid)
      ? "What it did before that is committed" : "What it did before that was rolled back"
    return MigrateFailure(
      code: .usage,
      message:
        "\(ended.file.path) ends its transaction: COMMIT, ROLLBACK and BEGIN have no place in it",
      lines: [
        "NOW: \(before); what it did after that may be. The file is not recorded.",
        "HINT: undo by hand what is left of it, mend the file, and run migrate up again.",
      ])
  }

  private func applyInside(_ files: [MigrationFile]) async throws -> [String] {
    var lines: [String] = []
    for file in files {
      let xid = try await transactionID()
      let start = ContinuousClock.now
      for step in try Script(file.text, variables: variables).steps {
        do {
          try await send(step)
        } catch let error as PostgresError {
          throw FileFailure(file: file, xid: xid, step: step, error: error)
        }
        try await checkStrings(file, step)
      }
      let took = start.duration(to: .now)
      let isSame = await connection.isInTransaction
      guard isSame, try await transactionID() == xid else {
        throw EndedTransaction(file: file, xid: xid)
      }
      // What a file sets ends with it: the next one, and the ledger's row, start as this one did.
      try await connection.execute("RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL")
      let milliseconds =
        Double(took.components.seconds) * 1000 + Double(took.components.attoseconds) / 1e15
      try await Ledger.record(file, milliseconds: milliseconds, connection)
      lines.append("applied  \(file.path)  \(Output.milliseconds(took))")
    }
    return lines
  }

  private func send(_ step: Script.Step) async throws {
    if let data = step.data {
      try await connection.copy(step.statement.text, data: data.bytes)
    } else {
      try await connection.execute(step.statement.text)
    }
  }

  /// The file was split with standard_conforming_strings on; the server must read the rest so, too.
  private func checkStrings(_ file: MigrationFile, _ step: Script.Step) async throws {
    guard await connection.parameterStatus("standard_conforming_strings") != "on" else { return }
    let place = SourcePosition(offset: step.statement.firstTokenOffset, in: file.text)
    throw MigrateFailure(
      code: .usage, message: "\(file.path):\(place): standard_conforming_strings is off",
      lines: [
        "NOW: \(file.path) rolled back.",
        "HINT: leave it on, and write E'…' where a backslash is to escape.",
      ])
  }

  private func transactionID() async throws -> String? {
    try await connection.query("SELECT pg_catalog.pg_current_xact_id() AS xid")[0]["xid"]
  }

  private func report(
    _ failure: FileFailure, files: [MigrationFile], summary: Summary
  ) -> MigrateFailure {
    let (first, rest) = SQLErrorReport.lines(
      failure.error, file: failure.file, step: failure.step)
    let what = files.count == 1 ? failure.file.path : "all \(files.count) repeatable files"
    let before =
      summary.applied == 0
      ? "nothing was applied" : "\(summary.applied) files before it stay applied"
    let isLock = failure.error.sqlState == "55P03" || failure.error.sqlState == "40P01"
    return MigrateFailure(
      code: failure.error.isConnectionLost ? .connection : isLock ? .lockRetries : .sql,
      message: first,
      lines: rest + ["NOW: \(what) rolled back; \(before). Mend it and run migrate up again."])
  }
}

internal import Postgres
internal import SQLScript

/// Applies a plan: each versioned file by itself, the repeatable ones together.
struct Runner: Sendable {
  let connection: PostgresConnection
  let watch: Watch
  /// Values of `:name` and its like.
  var variables: [String: String] = [:]
  /// The paths of all repeatable files that there are.
  var repeatable: [String] = []

  struct Summary: Equatable {
    var applied = 0
  }

  /// Applies every file of the plan, telling each with its milliseconds.
  func apply(_ plan: Plan) async throws -> Summary {
    var summary = Summary()
    for file in plan.versioned {
      if file.headers.isTransactional {
        try await TransactionalRun(runner: self, files: [file], before: summary.applied).run()
      } else {
        try await StepwiseRun(
          runner: self, script: FileScript(file, variables: variables),
          partial: file.version.flatMap { plan.partial[$0] }
        ).run()
      }
      summary.applied += 1
    }
    if !plan.repeatable.isEmpty {
      try await TransactionalRun(runner: self, files: plan.repeatable, before: summary.applied)
        .run()
      summary.applied += plan.repeatable.count
    }
    return summary
  }

  /// Sends one statement, watched.
  func send(_ step: Script.Step, of script: FileScript) async throws {
    watch.statementBegins("\(script.file.path):\(script.place(of: step).line)")
    defer { watch.statementEnds() }
    if let data = step.data {
      try await connection.copy(step.statement.text, data: data.bytes)
    } else {
      try await connection.execute(step.statement.text)
    }
  }

  /// The file was split with standard_conforming_strings on; the server must read the rest so, too.
  func checkStrings(_ step: Script.Step, of script: FileScript, now: String) async throws {
    guard await connection.parameterStatus("standard_conforming_strings") != "on" else { return }
    throw MigrateFailure(
      code: .usage,
      message: "\(script.file.path):\(script.place(of: step)): standard_conforming_strings is off",
      lines: [now, "HINT: leave it on, and write E'…' where a backslash is to escape."])
  }

  /// Back to the role and the settings that every file starts with.
  static let resetSettings = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL"

  /// What a file sets ends with it: role, settings, what it has prepared, temporary tables; not the lock.
  static let reset = "\(resetSettings); CLOSE ALL; DEALLOCATE ALL; UNLISTEN *; DISCARD TEMP"

  /// - Parameter waited: How much of the time it stood in queues for locks, as far as that was seen.
  func report(_ file: MigrationFile, _ took: Duration, waited: Duration) {
    let state = "applied"
    var record = Record(
      "file", path: file.path, number: file.version, state: state,
      milliseconds: took.milliseconds)
    record.lockWaitMilliseconds = waited.milliseconds
    let wait = waited > .zero ? "  (\(Output.milliseconds(waited)) of them for locks)" : ""
    Output.data(record, "\(state)  \(file.path)  \(Output.milliseconds(took))\(wait)")
  }

  /// How many files stay applied, for an error.
  static func before(_ count: Int) -> String {
    count == 0 ? "nothing was applied" : "\(count) files before it stay applied"
  }
}

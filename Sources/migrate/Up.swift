internal import ArgumentParser

/// `migrate up`.
struct Up: DatabaseCommand {
  static let configuration = CommandConfiguration(
    abstract: "Apply what was not applied yet, and ask the project's checks.",
    discussion: """
      If there is a file sql/checks.sql, it is run at the end, also when there was nothing to do: \
      one SELECT, read-only, whose columns are severity, check, object and fix. Each row is a \
      finding, and one line on standard error. A row of severity error makes the command exit \
      with 7, when everything is applied; one of severity warning does not. No row: all is well.
      """,
    helpNames: [.long, .customShort("?")])

  @OptionGroup var options: ConnectionOptions

  @Option(
    help: ArgumentHelp(
      "Stop behind this number: no later file, no repeatable one, no checks.",
      valueName: "number"))
  var to: Int?

  @Flag(help: "Carry everything out, show the locks of each table, and roll back.")
  var rehearse = false

  @Flag(
    help: "Drop functions, views, triggers and policies that no repeatable file makes any more.")
  var prune = false

  @Option(
    help: ArgumentHelp(
      "Apply what migrate plan --out has written, or nothing if files or database have changed since.",
      valueName: "file"))
  var plan: String?

  func validate() throws {
    if rehearse, prune { throw ValidationError("--rehearse and --prune exclude each other") }
    if to != nil, prune { throw ValidationError("--to and --prune exclude each other") }
    if let to, to < 1 { throw ValidationError("--to is the number of a file") }
  }

  func run() async throws {
    let files = try await options.files()
    let agreed = try plan.map { try PlanDocument.read($0) }
    // What was planned up to a number ends there.
    let limit = to ?? agreed?.upTo
    if let limit { try await options.check(limit, in: files) }
    if limit != nil, prune {
      throw MigrateFailure(
        code: .usage, message: "--prune and a plan that stops behind a number exclude each other")
    }
    let command = self
    try await MigrationWork.run(options) { work in
      let (plan, ledger) = try await work.plan(files, upTo: limit)
      if let agreed {
        try agreed.check(
          plan, try await PlanDocument.Origin.read(work.connection, ledger),
          variables: command.options.variableValues)
      }
      if command.rehearse {
        try await Rehearsal(work: work, plan: plan).run()
        return
      }
      if let partial = plan.partial.values.first {
        throw PartialReport(
          partial, file: plan.versioned.first, variables: command.options.variableValues
        ).failure
      }
      try await UpWork(work: work, files: files, limit: limit, prunes: command.prune).run(plan)
    }
  }
}

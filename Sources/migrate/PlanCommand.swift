internal import ArgumentParser
internal import Postgres
internal import SQLScript

/// `migrate plan`.
struct PlanCommand: DatabaseCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what migrate up would do. Writes nothing: its session is read-only.",
    discussion: """
      For each file its statements, its transactions, and the locks on the tables that it names, with \
      their sizes. What functions and triggers lock besides is seen by migrate up --rehearse.
      """,
    helpNames: [.long, .customShort("?")])

  @OptionGroup var options: ConnectionOptions

  @Option(help: ArgumentHelp("Write the plan to a file, for migrate up --plan.", valueName: "file"))
  var out: String?

  @Option(help: ArgumentHelp("Stop behind this number, as up does.", valueName: "number"))
  var to: Int?

  func validate() throws {
    if let to, to < 1 { throw ValidationError("--to is the number of a file") }
  }

  func run() async throws {
    let files = try await options.files()
    if let to { try await options.check(to, in: files) }
    let command = self
    try await MigrationWork.look(options) { connection in
      let ledger = try await Ledger.read(connection, files: files.versioned)
      let plan = try Plan(
        files: files, ledger: ledger, upTo: command.to, codeHashes: MigrationWork.codeHashes)
      if let partial = plan.partial.values.first {
        throw PartialReport(
          partial, file: plan.versioned.first, variables: command.options.variableValues
        ).failure
      }
      try FileScript.check(plan, variables: command.options.variableValues)
      var document = PlanDocument(
        upTo: command.to, origin: try await PlanDocument.Origin.read(connection, ledger))
      for file in plan.files {
        let planned = try await command.plan(file, connection)
        command.tell(planned, of: file)
        if command.out != nil { document.files.append(planned) }
      }
      if plan.isEmpty { Output.data(Record("done", message: "nothing to do"), "nothing to do") }
      if let out = command.out { try document.write(out) }
    }
  }

  private func plan(
    _ file: MigrationFile, _ connection: PostgresConnection
  ) async throws -> PlanDocument.File {
    let script = try FileScript(file, variables: options.variableValues)
    return PlanDocument.File(
      path: file.path, sha256: "\(script.source.rawHash)", code: FileScript.hash(script.steps[...]),
      isTransactional: script.headers.isTransactional,
      statements: script.steps.map { step in
        PlanDocument.Statement(
          at: "\(script.place(of: step))",
          text: PartialReport.text(of: step, in: script, limit: 200))
      },
      locks: try await PlannedLocks.read(
        script.steps.flatMap(\.statement.tableLocks), connection))
  }

  /// SQL for the size of `c`, a row of pg_class, with indexes and TOAST: a partitioned table is its partitions.
  /// It heeds no search_path.
  static let bytes = """
    CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'p'
        THEN (SELECT pg_catalog.sum(pg_catalog.pg_total_relation_size(p.relid))
              FROM pg_catalog.pg_partition_tree(c.oid) AS p)
        ELSE pg_catalog.pg_total_relation_size(c.oid) END
    """

  private func tell(_ planned: PlanDocument.File, of file: MigrationFile) {
    var record = Record("file", path: file.path, number: file.version, state: "pending")
    record.isTransactional = planned.isTransactional
    record.statements = planned.statements.count
    record.locks = planned.locks
    let mode =
      file.kind == .repeatable
      ? "one transaction with the other repeatable files"
      : planned.isTransactional ? "one transaction" : "one transaction per statement"
    let count =
      planned.statements.count == 1 ? "1 statement" : "\(planned.statements.count) statements"
    let statements = planned.statements.map { "\n  \($0.at): \($0.text.prefix(80))" }.joined()
    Output.data(
      record, "pending  \(file.path)  \(count), \(mode)\(statements)\(Self.lines(planned.locks))")
    for (index, statement) in planned.statements.enumerated() {
      var record = Record("statement", path: file.path, message: statement.text)
      record.statement = index + 1
      record.place = statement.at
      Output.record(record)
    }
  }

  /// Locks that hold somebody up, a line each.
  static func lines(_ locks: [Record.Lock]) -> String {
    locks.map { lock in
      let size = lock.bytes.map { ", \(Self.size($0))" } ?? ", not there yet"
      return "\n  \(lock.mode)  \(lock.table)\(size)"
    }.joined()
  }

  /// As `pg_size_pretty` has it.
  static func size(_ bytes: Int) -> String {
    var value = bytes
    for unit in ["bytes", "kB", "MB", "GB"] {
      if value < 10240 { return "\(value) \(unit)" }
      value = (value + 512) / 1024
    }
    return "\(value) TB"
  }

  /// With quotes where SQL needs them.
  static func name(_ parts: [String]) -> String {
    parts.map { part in
      part.wholeMatch(of: /[a-z_][a-z0-9_]*/) != nil ? part : IndexState.quoted([part])
    }.joined(separator: ".")
  }
}

internal import ArgumentParser
internal import Postgres
internal import SQLScript

/// `migrate plan`.
struct PlanCommand: AsyncParsableCommand {
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

  func run() async throws {
    Output.set(options.format, isQuiet: options.quiet)
    let files = try MigrationFiles.load(from: options.sqlDir)
    let command = self
    try await MigrationWork.look(options) { connection in
      let ledger = try await Ledger.read(connection)
      let plan = try Plan(
        files: files, ledger: ledger, upTo: command.to, codeHash: MigrationWork.codeHash)
      if let partial = plan.partial.values.first {
        throw PartialReport(
          partial, file: plan.versioned.first, variables: command.options.variableValues
        ).failure
      }
      try FileScript.check(plan, variables: command.options.variableValues)
      var document = PlanDocument(history: ledger.lastEntry, files: [])
      for file in plan.files {
        let planned = try await command.plan(file, connection)
        command.tell(planned, of: file)
        document.files.append(planned)
      }
      if plan.isEmpty { Output.data(Record("done", message: "nothing to do"), "nothing to do") }
      if let out = command.out { try document.write(out) }
    }
  }

  private func plan(
    _ file: MigrationFile, _ connection: PostgresConnection
  ) async throws -> PlanDocument.File {
    let script = try FileScript(file, variables: options.variableValues)
    var modes: [String: TableLock.Mode] = [:]
    for lock in script.steps.flatMap(\.statement.tableLocks) {
      let table = Self.name(lock.table)
      modes[table] = max(modes[table] ?? .accessShare, lock.mode)
    }
    let tables = modes.keys.sorted()
    let sizes = try await connection.query(
      """
      SELECT t.name, pg_catalog.pg_total_relation_size(c.oid) AS bytes
      FROM pg_catalog.unnest($1::text[]) AS t (name)
      JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(t.name)
      WHERE c.relkind IN ('r', 'm', 'p')
      """, [.textArray(tables)])
    let bytes = Dictionary(
      sizes.map { ($0["name"] ?? "", $0["bytes"].flatMap { Int($0) }) }, uniquingKeysWith: { $1 })
    return PlanDocument.File(
      path: file.path, sha256: file.rawHash, isTransactional: file.headers.isTransactional,
      statements: script.steps.count,
      locks: tables.map {
        Record.Lock(table: $0, mode: modes[$0]!.rawValue, bytes: bytes[$0] ?? nil)
      })
  }

  private func tell(_ planned: PlanDocument.File, of file: MigrationFile) {
    var record = Record("file", path: file.path, number: file.version, state: "pending")
    record.isTransactional = planned.isTransactional
    record.statements = planned.statements
    record.locks = planned.locks
    let mode =
      file.kind == .repeatable
      ? "one transaction with the other repeatable files"
      : planned.isTransactional ? "one transaction" : "one transaction per statement"
    let count = planned.statements == 1 ? "1 statement" : "\(planned.statements) statements"
    Output.data(record, "pending  \(file.path)  \(count), \(mode)\(Self.lines(planned.locks))")
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

internal import ArgumentParser
internal import Glibc

/// The command `migrate`.
@main
struct Migrate: AsyncParsableCommand {
  static let toolVersion = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Applies SQL migrations to a PostgreSQL database.",
    discussion: """
      Files: sql/migrations/NNNN_<verb>_<object>.sql are applied once, in order, each in one \
      transaction with its row in migrate.ledger; an applied file must not be edited. The files \
      that sql/MANIFEST names are applied again when they change, all in one transaction.

      Files are read as psql reads them: :name, :'name', :"name" and :{?name} take the values that -v \
      gives (their hash is that of the file, without them), COPY … FROM stdin takes the lines below it up \
      to \\., and \\restrict of a dump is passed over. psql's other backslash commands, BEGIN, COMMIT and \
      what has no end are refused before anything is applied.

      Comments at a file's top: -- migrate: no-transaction (its statements run one by one, each \
      recorded: for CREATE INDEX CONCURRENTLY and its like), lock_timeout=10s (instead of 3 s), \
      out-of-order-ok (may be applied behind a later number).

      Exit codes: 0 done; 1 usage, file or configuration; 2 connection; 3 SQL error; 4 pending \
      (status --check); 5 another runner holds the lock, or a pooler loses it; 6 files and history do \
      not fit; 7 all is applied, but sql/checks.sql found an error; 9 a lock was not to be had: the file \
      at hand changed nothing; 10 a file without a transaction is applied in part; 11 the database is newer than the \
      files; 130, 143 stopped by a signal.
      """,
    version: toolVersion,
    subcommands: [
      Up.self, PlanCommand.self, StatusCommand.self, History.self, Show.self, Baseline.self,
      Resume.self, Repair.self, New.self, Renumber.self, Unlock.self,
    ],
    helpNames: [.long, .customShort("?")])

  /// `-vname=value`, which psql takes, in two: the parser would see an option `vname` in it.
  static func variablesApart(_ arguments: some Sequence<String>) -> [String] {
    arguments.flatMap { argument in
      argument.contains(/^-v[A-Za-z_0-9\u{80}-\u{10FFFF}]+=/)
        ? ["-v", String(argument.dropFirst(2))] : [argument]
    }
  }

  /// - Throws: `MigrateFailure` of code `usage` for one that is not UTF-8: it would be taken for another text, and a
  /// variable's value be applied as such.
  private static func checkArguments() throws {
    for index in 0..<Int(CommandLine.argc) {
      guard let text = CommandLine.unsafeArgv[index], String(validatingCString: text) == nil else {
        continue
      }
      // Not the text itself: a password may be in it.
      Output.set(.asked(for: CommandLine.arguments.dropFirst()), isQuiet: false)
      throw MigrateFailure(
        code: .usage, message: "argument \(index) is not UTF-8",
        lines: [MigrateFailure.nothing, "HINT: in a shell, locale shows what it writes."])
    }
  }

  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    Output.takeClosedDescriptors()
    do {
      guard CommandLine.arguments.count > 1 else {
        throw ValidationError("no command: migrate up applies what is new, migrate status shows it")
      }
      try checkArguments()
      // As psql has it, wherever it stands.
      if CommandLine.arguments.dropFirst().contains("-V") {
        Output.plain(toolVersion)
        Output.finish()
      }
      var command = try parseAsRoot(variablesApart(CommandLine.arguments.dropFirst()))
      if let output = (command as? any RecordingCommand)?.output {
        Output.set(output.format, isQuiet: output.quiet)
      }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      Output.finish()
    } catch let failure as MigrateFailure {
      Output.fail(failure)
    } catch {
      let code = exitCode(for: error)
      let text = fullMessage(for: error)
      if code.isSuccess {
        Output.plain(CompletionScript.mended(text))
        Output.finish()
      }
      Output.set(.asked(for: CommandLine.arguments.dropFirst()), isQuiet: false)
      if code == .validationFailure {
        let message = message(for: error).split(separator: "\n").first ?? ""
        let help = text.split(separator: "'").last { $0.hasSuffix("--help") }
        Output.fail(
          MigrateFailure(
            code: .usage, message: String(message),
            lines: ["HINT: \(help ?? "migrate --help") tells more"]))
      }
      Output.fail(MigrateFailure(code: .usage, message: text))
    }
  }
}

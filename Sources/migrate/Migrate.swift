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

      Exit codes: 0 done; 1 usage, file or configuration; 2 connection; 3 SQL error; 4 pending \
      (status --check); 5 another runner holds the lock, or a pooler loses it; 6 an applied file \
      was edited; 7 all is applied, but sql/checks.sql found an error; 9 a lock was not to be had, nothing changed; 11 the database is newer than the \
      files; 130, 143 stopped by a signal.
      """,
    version: toolVersion,
    subcommands: [Up.self, StatusCommand.self],
    helpNames: [.long, .customShort("?")])

  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    do {
      guard CommandLine.arguments.count > 1 else {
        throw ValidationError("no command: migrate up applies what is new, migrate status shows it")
      }
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let failure as MigrateFailure {
      Output.fail(failure)
    } catch {
      let code = exitCode(for: error)
      let text = fullMessage(for: error)
      if code.isSuccess {
        Output.data(text)
        Glibc.exit(0)
      }
      if code == .validationFailure {
        let message = message(for: error).split(separator: "\n").first ?? ""
        let help = text.split(separator: "'").last { $0.hasSuffix("--help") }
        Output.talk("migrate: error: \(message)\nHINT: \(help ?? "migrate --help") tells more")
      } else if !text.isEmpty {
        Output.talk(text)
      }
      Glibc.exit(code == .validationFailure ? 1 : code.rawValue)
    }
  }
}

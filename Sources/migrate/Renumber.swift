internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc

/// `migrate renumber`.
struct Renumber: DatabaseCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give a file that is not applied the next free number, and print its path.",
    helpNames: [.long, .customShort("?")])

  @OptionGroup var options: ConnectionOptions

  @Argument(help: ArgumentHelp("Path; or number, if only one has it.", valueName: "file"))
  var file: String

  func run() async throws {
    // Not as `up` reads them: two files of the same number are what this mends.
    let names = try Self.names(in: options.sqlDir)
    let argument = FileArgument(file, folder: options.sqlDir)
    let matching = names.filter { argument.names("migrations/\($0.text)", number: $0.number) }
    guard let old = matching.first, matching.count == 1 else {
      throw MigrateFailure(
        code: .usage,
        message: matching.isEmpty ? "no file \(file)" : "several files have the number \(file)",
        lines: ["HINT: give its path, like migrations/0007_create_a.sql."])
    }
    let folder = "\(options.sqlDir)/migrations"
    try await MigrationWork.look(options) { connection in
      let ledger = try await Ledger.read(connection)
      let path = "migrations/\(old.text)"
      guard ledger.path(of: old.number) != path else {
        throw MigrateFailure(
          code: .history, message: "\(path) is applied: it keeps its number",
          lines: ["NOW: nothing was renamed."])
      }
      let highest = max(
        ledger.newest, ledger.partial.keys.max() ?? 0, names.map(\.number).max() ?? 0)
      let new = FileName(number: highest + 1, title: old.title)
      // link() refuses a name that is taken.
      guard link("\(folder)/\(old.text)", "\(folder)/\(new.text)") == 0,
        unlink("\(folder)/\(old.text)") == 0
      else {
        throw MigrateFailure(
          code: .usage, message: "cannot rename \(path): \(String(cString: strerror(errno)))")
      }
      Output.data(
        Record("file", path: "migrations/\(new.text)", number: new.number, state: "renumbered"),
        "\(folder)/\(new.text)")
    }
  }

  /// The names in `migrations/`, also if a number comes twice.
  static func names(in folder: String) throws -> [FileName] {
    try MigrationFiles.names(in: folder).compactMap { FileName($0) }
  }
}

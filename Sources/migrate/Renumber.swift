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

  /// Renames a file, unless the new name is taken.
  /// - Parameter remove: Of a path; sets `errno`.
  static func rename(
    _ old: String, to new: String, in folder: String, remove: (String) -> Int32 = { unlink($0) }
  ) throws {
    func failure(_ now: String, _ hint: String? = nil) -> MigrateFailure {
      MigrateFailure(
        code: .usage, message: "cannot rename \(old): \(String(cString: strerror(errno)))",
        lines: ["NOW: \(now)."] + (hint.map { ["HINT: \($0)."] } ?? []))
    }
    let nothing = "nothing was renamed"
    // rename() would replace what has that name.
    guard link("\(folder)/\(old)", "\(folder)/\(new)") == 0 else { throw failure(nothing) }
    guard remove("\(folder)/\(old)") != 0 else { return }
    let reason = failure(nothing)
    guard remove("\(folder)/\(new)") != 0 else { throw reason }
    throw failure("it has both names: \(new) is the same file", "remove one of them by hand")
  }

  func run() async throws {
    // Not as `up` reads them: two files of the same number are what this mends.
    let names = try MigrationFiles.names(in: options.sqlDir)
    let argument = FileArgument(file, folder: options.sqlDir)
    let matching = Array(
      names.lazy.compactMap { FileName($0) }
        .filter { argument.names("migrations/\($0.text)", number: $0.number) })
    guard let old = matching.first, matching.count == 1 else {
      throw MigrateFailure(
        code: .usage,
        message: matching.isEmpty ? "no file \(file)" : "several files have the number \(file)",
        lines: [
          "NOW: nothing was renamed.", "HINT: give its path, like migrations/0007_create_a.sql.",
        ])
    }
    let folder = "\(options.sqlDir)/migrations"
    try await MigrationWork.look(options) { connection in
      let ledger = try await Ledger.read(connection, keeping: old.number)
      let path = "migrations/\(old.text)"
      guard ledger.path(of: old.number) != path else {
        let isBegun = ledger.partial[old.number] != nil
        throw MigrateFailure(
          code: .history,
          message: "\(path) \(isBegun ? "was begun" : "is applied"): it keeps its number",
          lines: [
            "NOW: nothing was renamed.",
            isBegun
              ? "HINT: mend what is left of it, and run migrate resume; migrate status shows it."
              : "HINT: what is to change goes into a file of its own: migrate new.",
          ])
      }
      let applied = max(ledger.newest, ledger.partial.keys.max() ?? 0)
      let last = names.highestNumber
      let number = try FileName.number(
        behind: max(applied, last?.number ?? 0),
        of: last.map { $0.number >= applied } == true
          ? "migrations/\(names[last!.index])" : ledger.path(of: applied) ?? "\(applied)")
      let new = FileName(number: number, title: old.title)
      try Self.rename(path, to: "migrations/\(new.text)", in: options.sqlDir)
      Output.data(
        Record("file", path: "migrations/\(new.text)", number: new.number, state: "renumbered"),
        "\(folder)/\(new.text)")
    }
  }
}

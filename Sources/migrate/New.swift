internal import ArgumentParser
internal import Glibc

/// `migrate new`.
struct New: RecordingCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a file of migrations/ with the next number, and print its path.",
    helpNames: [.long, .customShort("?")])

  @Argument(help: ArgumentHelp("Verb and object, like create_invoices.", valueName: "verb_object"))
  var title: String

  @Flag(help: "One whose statements run one by one: for CREATE INDEX CONCURRENTLY and its like.")
  var noTransaction = false

  @Option(help: ArgumentHelp("Folder of the SQL files.", valueName: "folder"))
  var sqlDir: String = "sql"

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if !FileName.isTitle(title.utf8) {
      throw ValidationError(
        "\(title): write a verb and an object in small letters, like create_invoices")
    }
  }

  func run() throws {
    let names = try MigrationFiles.names(in: sqlDir)
    let last = names.highestNumber
    let number = try FileName.number(
      behind: last?.number ?? 0, of: "migrations/\(names[last!.index])")
    let name = FileName(number: number, title: title)
    let folder = "\(sqlDir)/migrations"
    if mkdir(folder, 0o777) != 0, errno != EEXIST {
      throw MigrateFailure(
        code: .usage, message: "cannot make \(folder): \(String(cString: strerror(errno)))",
        lines: ["HINT: run migrate where the folder is, or name it with --sql-dir."])
    }
    let path = "\(folder)/\(name.text)"
    try DiskFile.create(
      Array((noTransaction ? "\(Headers.prefix) no-transaction\n\n" : "\n").utf8), at: path)
    Output.data(
      Record("file", path: "migrations/\(name.text)", number: number, state: "made"), path)
  }
}

/// A file as it is named on a command line: by its number, by its path below the SQL folder, or by its path
/// from wherever one stands.
struct FileArgument {
  private let name: String
  /// Its path below the SQL folder, if there is such a file in there.
  private let path: String?

  /// - Parameter folder: The SQL folder.
  init(_ name: String, folder: String) {
    self.name = name
    guard let folder = DiskFile.real(folder), let file = DiskFile.real(name),
      file.hasPrefix("\(folder)/")
    else {
      path = nil
      return
    }
    path = String(file.dropFirst(folder.count + 1))
  }

  /// - Throws: `MigrateFailure` of code `usage` if there is no such file.
  static func find(_ name: String, in files: MigrationFiles, folder: String) throws -> MigrationFile
  {
    let argument = FileArgument(name, folder: folder)
    guard let file = files.all.first(where: { argument.names($0.path, number: $0.version) }) else {
      throw MigrateFailure(
        code: .usage, message: "no file \(name)",
        lines: [MigrateFailure.nothing, "HINT: migrate status lists them."])
    }
    return file
  }

  /// Whether it is this file.
  func names(_ path: String, number: Int?) -> Bool {
    path == self.path || path == name || path == "migrations/\(name)"
      || number.map { Int(name) == $0 } ?? false
  }
}

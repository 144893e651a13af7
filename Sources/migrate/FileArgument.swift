/// A file as it is named on a command line: by its number, by its path from here or below the SQL folder.
enum FileArgument {
  /// - Throws: `MigrateFailure` of code `usage` if there is no such file.
  static func find(_ name: String, in files: MigrationFiles, folder: String) throws -> MigrationFile
  {
    let all = files.versioned + files.repeatable
    let file = all.first { file in
      matches(name, path: file.path, number: file.version, folder: folder)
    }
    guard let file else {
      throw MigrateFailure(
        code: .usage, message: "no file \(name)", lines: ["HINT: migrate status lists them."])
    }
    return file
  }

  static func matches(_ name: String, path: String, number: Int?, folder: String) -> Bool {
    name == path || "\(folder)/\(path)" == name || path == "migrations/\(name)"
      || "./\(folder)/\(path)" == name || number.map { Int(name) == $0 } ?? false
  }
}

internal import FoundationEssentials

/// The files of a project: `migrations/`, what MANIFEST names, and `checks.sql`.
struct MigrationFiles: Sendable, Equatable {
  var versioned: [MigrationFile]
  var repeatable: [MigrationFile]
  /// What the project asks its database at the end, if it does.
  var checks: MigrationFile?

  /// Reads and checks all files. Nothing is applied if any of them is wrong.
  /// - Throws: `MigrateFailure` of code `usage`.
  static func load(from folder: String) throws -> MigrationFiles {
    let disk = FileManager.default
    guard isFolder(folder) else {
      throw MigrateFailure(
        code: .usage, message: "no folder \(folder)",
        lines: ["HINT: run migrate where the folder is, or name it with --sql-dir."])
    }
    var versioned: [(number: Int, file: MigrationFile)] = []
    var numbers: [Int: String] = [:]
    let names =
      isFolder("\(folder)/migrations")
      ? try disk.contentsOfDirectory(atPath: "\(folder)/migrations").sorted() : []
    for name in names where !name.hasPrefix(".") {
      let path = "migrations/\(name)"
      guard let number = FileName(name)?.number else {
        throw MigrateFailure(
          code: .usage, message: "\(path) is not named NNNN_verb_object.sql")
      }
      if let other = numbers.updateValue(path, forKey: number) {
        throw MigrateFailure(
          code: .usage, message: "\(path) and \(other) have the same number",
          lines: ["HINT: migrate renumber \(path) gives it the next free one."])
      }
      versioned.append(
        (number, try MigrationFile(kind: .versioned(number), path: path, in: folder)))
    }
    versioned.sort { $0.number < $1.number }
    return MigrationFiles(
      versioned: versioned.map(\.file), repeatable: try repeatables(in: folder),
      checks: disk.fileExists(atPath: "\(folder)/\(Checks.path)")
        ? try MigrationFile(kind: .checks, path: Checks.path, in: folder) : nil)
  }

  private static func repeatables(in folder: String) throws -> [MigrationFile] {
    let manifest = "\(folder)/MANIFEST"
    // Without a MANIFEST every function and policy is one that nobody names.
    let data = FileManager.default.contents(atPath: manifest) ?? Data()
    var paths: [String] = []
    for (index, line) in String(decoding: data, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).enumerated() {
      let entry = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).joined(
        separator: " ")
      guard !entry.isEmpty else { continue }
      guard entry.split(separator: "/").first != "migrations" else {
        throw MigrateFailure(
          code: .usage,
          message: "MANIFEST:\(index + 1): \(entry): what is in migrations is applied once")
      }
      guard entry != Checks.path else {
        throw MigrateFailure(
          code: .usage, message: "MANIFEST:\(index + 1): \(entry) is asked, not applied")
      }
      let found = try expand(entry, in: folder)
      guard !found.isEmpty else {
        throw MigrateFailure(
          code: .usage,
          message: "MANIFEST:\(index + 1): \(entry) is no file and no folder with files")
      }
      // A file that was named before keeps its earlier place.
      paths += found.filter { !paths.contains($0) }
    }
    // A file that nobody names is one that somebody forgot.
    for top in ["functions", "rls"] {
      for path in try expand(top, in: folder) where !paths.contains(path) {
        throw MigrateFailure(code: .usage, message: "MANIFEST does not name \(path)")
      }
    }
    return try paths.map { try MigrationFile(kind: .repeatable, path: $0, in: folder) }
  }

  /// A file itself; the SQL files of a folder, sorted; nothing if there is neither.
  private static func expand(_ path: String, in folder: String) throws -> [String] {
    let disk = FileManager.default
    guard isFolder("\(folder)/\(path)") else {
      return disk.fileExists(atPath: "\(folder)/\(path)") ? [path] : []
    }
    return try disk.contentsOfDirectory(atPath: "\(folder)/\(path)").sorted()
      .filter { !$0.hasPrefix(".") }
      .flatMap { name -> [String] in
        if isFolder("\(folder)/\(path)/\(name)") {
          return try expand("\(path)/\(name)", in: folder)
        }
        return name.hasSuffix(".sql") ? ["\(path)/\(name)"] : []
      }
  }

  static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }
}

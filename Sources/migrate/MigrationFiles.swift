internal import FoundationEssentials

/// The files of a project: `migrations/`, what MANIFEST names, and `checks.sql`.
struct MigrationFiles: Sendable {
  var versioned: VersionedFiles
  var repeatable: [MigrationFile]
  /// What the project asks its database at the end, if it does.
  var checks: MigrationFile?

  /// Reads and checks all files. Nothing is applied if any of them is wrong.
  /// - Throws: `MigrateFailure` of code `usage`; `SharedNumber`.
  static func load(from folder: String) throws -> MigrationFiles {
    MigrationFiles(
      versioned: try VersionedFiles(in: folder), repeatable: try repeatables(in: folder),
      checks: try DiskFile.isThere("\(folder)/\(Checks.path)")
        ? try MigrationFile(kind: .checks, path: Checks.path, in: folder) : nil)
  }

  /// Those that are applied, in their order.
  var all: some Sequence<MigrationFile> {
    [AnySequence(versioned), AnySequence(repeatable)].joined()
  }

  /// That no versioned file has a number.
  func noFile(_ number: Int) -> MigrateFailure {
    let near = versioned.neighbours(of: number)
    let hint =
      near.isEmpty
      ? "there is no file in migrations/"
      : "the nearest \(near.count == 1 ? "is" : "are") \(near.joined(separator: " and "))"
    return MigrateFailure(
      code: .usage, message: "no file has the number \(number)",
      lines: [MigrateFailure.nothing, "HINT: \(hint); migrate status lists them."])
  }

  /// What lies in `migrations/`, sorted by name.
  /// - Throws: `MigrateFailure` of code `usage` if the folder is not there, or is not the one above it.
  static func names(in folder: String) throws -> NameList {
    guard isFolder(folder) else {
      throw MigrateFailure(
        code: .usage, message: "no folder \(folder)",
        lines: [
          "HINT: run migrate where the folder is, or name it with --sql-dir; for a new project, mkdir \(folder)."
        ])
    }
    if try DiskFile.isThere("\(folder)/migrations") {
      return try NameList(ofFolder: "\(folder)/migrations")
    }
    // Else a wrong --sql-dir would find nothing to do.
    if let stray = try NameList(ofFolder: folder).first(where: { FileName($0) != nil }) {
      throw MigrateFailure(
        code: .usage, message: "\(folder)/\(stray) does not lie in a folder migrations/",
        lines: ["HINT: --sql-dir names the folder in which migrations/ is."])
    }
    return NameList()
  }

  private static func repeatables(in folder: String) throws -> [MigrationFile] {
    // Without a MANIFEST every function and policy is one that nobody names.
    let manifest =
      try DiskFile.isThere("\(folder)/MANIFEST")
      ? FileText.text(DiskFile.read("\(folder)/MANIFEST"), path: "MANIFEST") : ""
    var paths: [String] = []
    var named: Set<String> = []
    for (index, line) in manifest.split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).enumerated() {
      // `./v/` is `v`.
      let entry = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
        .joined(separator: " ").split(separator: "/").filter { $0 != "." }.joined(separator: "/")
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
      paths += found.filter { named.insert($0).inserted }
    }
    // A file that nobody names is one that somebody forgot.
    for top in ["functions", "rls"] {
      for path in try expand(top, in: folder) where !named.contains(path) {
        throw MigrateFailure(
          code: .usage, message: "MANIFEST does not name \(path)",
          lines: ["HINT: a line with \(path), or with its folder, says when it is applied."])
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

internal import Foundation
internal import Postgres
internal import TestSupport

/// A folder of SQL files, and runs of `migrate` on it.
struct Project: Sendable {
  let folder: String
  let database: TestDatabase

  /// Makes a folder with these files, and an empty database.
  static func with(
    _ files: [String: String], _ body: (Project) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("ark-sql-\(UUID().uuidString)").path
    try await TestDatabase.with(.empty) { database in
      let project = Project(folder: folder, database: database)
      for (path, text) in files { try project.write(path, text) }
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try await body(project)
    }
  }

  func write(_ path: String, _ text: String) throws {
    let url = URL(fileURLWithPath: "\(folder)/\(path)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  var arguments: [String] { ["-d", database.conninfo(), "--sql-dir", folder] }

  func migrate(_ command: String, _ more: String...) async throws -> Tool.Result {
    try await Tool.run(Tool.product("migrate"), [command] + arguments + more)
  }

  /// The only value of a query.
  func value(_ sql: String) async throws -> String? {
    let connection = try await database.connect()
    let value = try await connection.value(sql)
    await connection.close()
    return value
  }
}

internal import Foundation
internal import TestSupport

/// A folder of SQL files of a test's own.
final class SQLFolder: Sendable {
  let path: String

  /// - Parameter files: Contents by path below the folder.
  init(_ files: [String: String] = [:]) throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("ark-sql-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files { try write(name, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    let file = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }

  /// The arguments that name this folder and a database.
  func arguments(_ command: String, _ database: TestDatabase, _ more: String...) -> [String] {
    [command, "-d", database.conninfo(), "--sql-dir", path] + more
  }

  /// Runs `migrate` on this folder and a database to its end.
  func migrate(
    _ command: String, _ database: TestDatabase, _ more: String...
  ) async throws -> Tool.Result {
    try await Tool.run(
      Tool.product("migrate"),
      [command, "-d", database.conninfo(), "--sql-dir", path] + more)
  }
}

extension Tool.Result {
  /// The output with every duration as `N ms`, so that it can be compared.
  var plainOutput: String { output.replacing(/[0-9]+\.[0-9] ms/, with: "N ms") }
}

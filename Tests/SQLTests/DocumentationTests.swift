internal import Foundation
internal import TestSupport
internal import Testing

/// The blocks of the documentation run as they stand: those that begin with ```` ```sql login ````, in
/// order, as that login, in a database of the page's own. Variables of psql are handed on.
@Suite(.timeLimit(.minutes(2))) struct DocumentationTests {
  @Test(arguments: ["applications.md", "operations.md"])
  func theBlocksRun(_ page: String) async throws {
    let text = try String(contentsOfFile: "\(Stack.root)/docs/\(page)", encoding: .utf8)
    let blocks = text.matches(of: /```sql ([a-z_]+)\n((?s:.*?))```/)
    #expect(blocks.count >= 4)
    try await TestDatabase.with(.migrated) { database in
      var script = "\\set ON_ERROR_STOP on\n"
      for block in blocks {
        // \connect keeps psql's variables, and nothing of the session.
        script += "\\connect '\(database.conninfo(user: String(block.1)))'\n\(block.2)"
      }
      let file = FileManager.default.temporaryDirectory.appendingPathComponent(
        "ark-\(UUID().uuidString).sql")
      try Data(script.utf8).write(to: file)
      defer { try? FileManager.default.removeItem(at: file) }
      let result = try await Tool.run(
        "\(Stack.current.postgresBin)/psql",
        ["-Xq", "-d", database.conninfo(), "-f", file.path])
      #expect(result.status == 0, "\(page): \(result.output)\(result.error)")
      #expect(!result.error.contains("ERROR"), "\(result.error)")
    }
  }
}

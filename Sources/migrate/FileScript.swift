internal import SQLScript

/// A file's statements, checked before any of them runs.
struct FileScript: Sendable {
  let file: MigrationFile
  let steps: [Script.Step]

  /// - Throws: `MigrateFailure` of code `usage`, with the place.
  init(_ file: MigrationFile, variables: [String: String]) throws {
    self.file = file
    do {
      steps = try Script(file.text, variables: variables).steps
    } catch {
      throw Self.failure(error.message, hint: error.hint, at: error.offset, of: file)
    }
    for step in steps where step.statement.kind == .transactionControl {
      let word = step.statement.words.first?.uppercased() ?? ""
      throw Self.failure(
        "\(word) has no place here: migrate itself begins and ends the transaction",
        hint: "leave it out; the whole file is applied, or nothing of it",
        at: step.statement.firstTokenOffset, of: file)
    }
  }

  /// Checks every file, so that nothing is applied if one of them cannot be.
  static func check(_ plan: Plan, variables: [String: String]) throws {
    for file in plan.versioned + plan.repeatable {
      _ = try FileScript(file, variables: variables)
    }
  }

  private static func failure(
    _ message: String, hint: String?, at offset: Int, of file: MigrationFile
  ) -> MigrateFailure {
    let place = SourcePosition(offset: offset, in: file.text)
    return MigrateFailure(
      code: .usage, message: "\(file.path):\(place): \(message)",
      lines: [place.text, place.caret] + (hint.map { ["HINT: \($0)."] } ?? [])
        + ["NOW: nothing was applied."])
  }
}

internal import FoundationEssentials

/// What `migrate plan --out` writes and `migrate up --plan` holds files and database to.
struct PlanDocument: Codable, Sendable, Equatable {
  static let version = 1

  struct File: Codable, Sendable, Equatable {
    var path: String
    /// SHA-256 of its bytes.
    var sha256: String
    /// Whether the whole file is one transaction.
    var isTransactional: Bool
    var statements: Int
    var locks: [Record.Lock]
  }

  var schema = PlanDocument.version
  /// The last row of the ledger; 0: there is none.
  var history: Int
  var files: [File]

  /// - Throws: `MigrateFailure` of code `usage`.
  static func read(_ path: String) throws -> PlanDocument {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw MigrateFailure(code: .usage, message: "cannot read \(path)")
    }
    guard let document = try? JSONDecoder().decode(PlanDocument.self, from: data),
      document.schema == version
    else {
      throw MigrateFailure(
        code: .usage, message: "\(path) is no plan of this version of migrate",
        lines: ["HINT: migrate plan --out \(path) writes one."])
    }
    return document
  }

  func write(_ path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    do {
      try (encoder.encode(self) + Data("\n".utf8)).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw MigrateFailure(code: .usage, message: "cannot write \(path)")
    }
  }

  /// - Throws: `MigrateFailure` of code `history` if something else would be done than was planned.
  func check(_ plan: Plan, _ ledger: Ledger) throws {
    let hint = ["NOW: nothing was applied.", "HINT: look at a new plan: migrate plan."]
    guard ledger.lastEntry == history else {
      throw MigrateFailure(
        code: .history, message: "the database's history has changed since the plan was made",
        lines: hint)
    }
    let now = plan.files
    guard now.map(\.path) == files.map(\.path) else {
      let difference = Set(now.map(\.path)).symmetricDifference(files.map(\.path)).sorted()
      throw MigrateFailure(
        code: .history,
        message: "other files are pending than were planned: \(difference.joined(separator: ", "))",
        lines: hint)
    }
    for (file, planned) in zip(now, files) where file.rawHash != planned.sha256 {
      throw MigrateFailure(
        code: .history, message: "\(file.path) has changed since the plan was made", lines: hint)
    }
  }
}

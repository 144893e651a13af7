internal import Postgres

/// What a project asks its database when everything is applied: `checks.sql`, one SELECT whose rows
/// are findings. The tool itself knows no table.
struct Checks {
  /// The file, below the SQL folder.
  static let path = "checks.sql"

  let file: MigrationFile
  let connection: PostgresConnection

  struct Finding: Equatable {
    enum Severity: String {
      case error, warning
    }

    var severity: Severity
    var check: String
    var object: String
    var fix: String

    /// One line, whatever the columns hold.
    var line: String {
      [severity.rawValue, check, object, fix]
        .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        .joined(separator: ": ")
    }
  }

  /// Asks, and tells every finding in a line of its own.
  /// - Throws: `MigrateFailure` of code `checks` if a finding is an error.
  func run() async throws {
    let start = ContinuousClock.now
    let findings = try Self.findings(in: try await ask(), of: file)
    let took = start.duration(to: .now)
    Output.data(
      Record("checked", path: file.path, milliseconds: took.milliseconds),
      "checked  \(file.path)  \(Output.milliseconds(took))")
    for finding in findings {
      Output.talk(
        Record(
          "finding", message: finding.line, severity: finding.severity.rawValue,
          object: finding.object), finding.line)
    }
    let errors = findings.count { $0.severity == .error }
    guard errors == 0 else {
      throw MigrateFailure(
        code: .checks,
        message: "\(file.path) found \(errors == 1 ? "an error" : "\(errors) errors")",
        lines: [
          "NOW: all files are applied, and stay applied.",
          "HINT: mend what the lines above name, and run migrate up again.",
        ])
    }
  }

  private func ask() async throws -> PostgresResult {
    let text = try MigrateFailure.saying(
      "NOW: all files are applied, but \(file.path) could not be asked."
    ) { try file.read().text }
    do {
      return try await connection.transaction { connection in
        try await connection.query("SET TRANSACTION READ ONLY")
        return try await connection.query(text)
      }
    } catch let error as PostgresError {
      let report = SQLErrorReport(error, path: file.path, text: text)
      throw MigrateFailure(
        code: error.isConnectionLost ? .connection : .sql, message: report.first,
        lines: report.rest + [
          "NOW: all files are applied, but \(file.path) could not be asked.",
          error.isConnectionLost
            ? "HINT: run migrate up again when the server can be reached."
            : "HINT: mend it, and run migrate up again.",
        ],
        details: report.details)
    }
  }

  /// The rows as findings.
  /// - Throws: `MigrateFailure` of code `usage` if they are none: a check that cannot be read must not
  ///   pass for one that finds nothing.
  static func findings(in result: PostgresResult, of file: MigrationFile) throws -> [Finding] {
    let missing = ["severity", "check", "object", "fix"].filter {
      !result.columnNames.contains($0)
    }
    guard missing.isEmpty else {
      throw MigrateFailure(
        code: .usage,
        message: "\(file.path) has no column \(missing.joined(separator: ", "))",
        lines: ["HINT: it holds one SELECT, of the columns severity, check, object and fix."])
    }
    return try result.map { row in
      guard let severity = row["severity"].flatMap(Finding.Severity.init(rawValue:)) else {
        throw MigrateFailure(
          code: .usage,
          message: "\(file.path): \(row["severity"] ?? "NULL") is no severity",
          lines: ["HINT: error or warning."])
      }
      return Finding(
        severity: severity, check: row["check"] ?? "", object: row["object"] ?? "",
        fix: row["fix"] ?? "")
    }
  }
}

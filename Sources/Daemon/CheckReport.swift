internal import FoundationEssentials

/// What a check of connections and rights has found, a row each.
public struct CheckReport: Sendable {
  /// What one of them came to.
  public struct Row: Sendable {
    /// From good to bad.
    public enum Outcome: String, Sendable, Encodable {
      case ok
      /// It would work, but worse.
      case warning
      case failed
    }

    public var outcome: Outcome
    /// What was tried, in a word.
    public var what: String
    /// What came of it.
    public var text: String
    /// What to do about it.
    public var hint: String?
    /// Whether a server could not be reached.
    public var isConnection: Bool

    /// A row.
    public init(
      _ outcome: Outcome, _ what: String, _ text: String, hint: String? = nil,
      isConnection: Bool = false
    ) {
      self.outcome = outcome
      self.what = what
      self.text = text
      self.hint = hint
      self.isConnection = isConnection
    }
  }

  /// The rows, in the order in which things were tried.
  public var rows: [Row]

  /// A report.
  public init(_ rows: [Row] = []) { self.rows = rows }

  /// The worst of all rows.
  public var outcome: Row.Outcome {
    if rows.contains(where: { $0.outcome == .failed }) { return .failed }
    return rows.contains { $0.outcome == .warning } ? .warning : .ok
  }

  /// Whether a server could not be reached.
  public var isConnectionLost: Bool { rows.contains(where: \.isConnection) }

  /// A line per row: `ok       NOTIFY       comes through`.
  public var lines: [String] {
    rows.map { row in
      let outcome = row.outcome == .failed ? "FAILED" : row.outcome.rawValue
      let text = row.text + (row.hint.map { " HINT: \($0)" } ?? "")
      return Self.padded(outcome, to: 9) + Self.padded(row.what, to: 13)
        + text.replacing("\n", with: " ")
    }
  }

  /// The same for programs.
  /// - Parameter kind: Names the document, like `ProvisionerCheck`.
  public func json(kind: String) -> String {
    struct Document: Encodable {
      struct Item: Encodable {
        var outcome: Row.Outcome
        var check: String
        var detail: String
        var hint: String?
      }
      var apiVersion = "agent-ready-k8s/v1"
      var kind: String
      var outcome: Row.Outcome
      var rows: [Item]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let document = Document(
      kind: kind, outcome: outcome,
      rows: rows.map {
        Document.Item(outcome: $0.outcome, check: $0.what, detail: $0.text, hint: $0.hint)
      })
    // Nothing in it that JSON does not have.
    return (try? encoder.encode(document)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  /// Prints it to standard output.
  public func print(_ format: OutputFormat, kind: String) {
    switch format {
    case .human: for line in lines { StandardStream.output.writeLine(line) }
    case .json: StandardStream.output.writeLine(json(kind: kind))
    }
  }

  private static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}

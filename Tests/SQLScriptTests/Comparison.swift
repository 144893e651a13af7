/// Compares what our splitter makes of a script with what psql has sent.
enum Comparison {
  /// `nil` if there is no difference; else the first one.
  static func difference(_ ours: [ScriptedPsql.Sent], _ statements: [String]) -> String? {
    var psql = statements[...]
    for sent in ours {
      let theirs = psql.popFirst()
      switch sent {
      case .copy(let line):
        guard theirs?.hasPrefix("COPY ") == true else {
          return "line \(line): psql does not send the COPY of its \\copy"
        }
      case .statement(let text, let line):
        guard let theirs else { return "line \(line): psql does not send\n\(text)" }
        guard theirs == text else {
          return "line \(line): psql sends\n\(theirs)\nand not\n\(text)"
        }
      }
    }
    return psql.first.map { "psql sends besides\n\($0)" }
  }
}

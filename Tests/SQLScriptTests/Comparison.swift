/// Compares what our splitter makes of a script with what psql has sent.
enum Comparison {
  /// `nil` if there is no difference; else the first one.
  /// - Parameters:
  ///   - unsent: Lines of statements that psql does not send.
  ///   - isWhole: Whether `ours` is the whole script, so that psql must send nothing besides.
  static func difference(
    _ ours: [ScriptedPsql.Sent], _ statements: [String], unsent: Set<Int> = [], isWhole: Bool = true
  ) -> String? {
    var psql = statements[...]
    var isGenerated = false
    for sent in ours {
      switch sent {
      case .generated: isGenerated = true
      case .maybeEnd:
        if psql.isEmpty { return nil }
      case .statement(_, let line, _) where unsent.contains(line): continue
      case .statement(let text, let line, let unset):
        if isGenerated {
          psql = psql.drop { !isSame($0, text, unset) }
          isGenerated = false
        }
        guard let theirs = psql.popFirst() else {
          return "line \(line): psql does not send\n\(text)"
        }
        guard isSame(theirs, text, unset) else {
          return "line \(line): psql sends\n\(theirs)\nand not\n\(text)"
        }
      }
    }
    return isGenerated || !isWhole ? nil : psql.first.map { "psql sends besides\n\($0)" }
  }

  /// Whether the texts are the same, but for the values of variables that only psql knows.
  private static func isSame(_ theirs: String, _ ours: String, _ unset: [String]) -> Bool {
    if theirs == ours { return true }
    guard !unset.isEmpty else { return false }
    var pieces = [ours[...]]
    for name in unset {
      let last = pieces.removeLast()
      let forms = [":\(name)", ":'\(name)'", ":\"\(name)\""]
      guard
        let place = forms.compactMap({ last.firstRange(of: $0) }).min(by: {
          $0.lowerBound < $1.lowerBound
        })
      else { return false }
      pieces += [last[..<place.lowerBound], last[place.upperBound...]]
    }
    guard theirs.hasPrefix(pieces[0]), theirs.hasSuffix(pieces.last!) else { return false }
    var rest = theirs.dropFirst(pieces[0].count)
    for piece in pieces.dropFirst() where !piece.isEmpty {
      guard let place = rest.firstRange(of: piece) else { return false }
      rest = rest[place.upperBound...]
    }
    return true
  }
}

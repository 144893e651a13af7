/// A statement while it is being collected.
struct StatementText {
  /// What is to be sent.
  var bytes: [UInt8] = []
  var segments: [Segment] = []
  /// The same without comments, with one space between two tokens.
  var code: [UInt8] = []
  /// All of them; of a statement that only has many values, the first ones, which tell what it is.
  var tokens: [Token] = []
  /// Semicolons written `\;`, which psql sends within one message.
  private(set) var joins = 0
  /// Names after a colon that are no variables, with their place in the script.
  var unset: [(name: String, offset: Int)] = []

  /// A stretch that comes from one place.
  struct Segment: Sendable, Equatable {
    /// Where it begins in what is sent, in bytes.
    var sent: Int
    /// Where that is in the script, in bytes.
    var source: Int
    /// Whether it goes on there byte by byte; else it is a variable's value, all of it at one place.
    var isVerbatim: Bool
  }

  /// So many tokens of a statement of `brief` are noted, and then those only that are no values.
  private static let tokenLimit = 128
  /// First words of statements that may hold a million values, which tell nothing.
  private static let brief: Set<String> = [
    "delete", "insert", "merge", "select", "update", "values", "with",
  ]

  private var isBrief = false
  /// Open parentheses before the VALUES whose rows these are.
  private var rowsDepth: Int?
  private var isBehindLiteral = false
  /// Whether the last token was noted.
  private var isNoted = false

  var isEmpty: Bool { bytes.isEmpty }

  mutating func append(_ more: ArraySlice<UInt8>, from source: Int, isVerbatim: Bool) {
    let goesOn =
      segments.last.map {
        isVerbatim && $0.isVerbatim && $0.source + bytes.count - $0.sent == source
      } ?? false
    if !goesOn {
      segments.append(Segment(sent: bytes.count, source: source, isVerbatim: isVerbatim))
    }
    bytes += more
  }

  mutating func addCode(_ more: ArraySlice<UInt8>, isToken: Bool) {
    if isToken, !code.isEmpty { code.append(0x20) }
    code += more
  }

  /// Notes the last `count` bytes as a token.
  mutating func add(_ kind: Token.Kind, count: Int, depth: Int) {
    let isValue = isBrief && isValue(kind, count, depth)
    isNoted = !isValue || tokens.count < Self.tokenLimit
    guard isNoted else { return }
    if tokens.isEmpty, kind == .word {
      isBrief = Self.brief.contains(
        String(decoding: bytes.suffix(count), as: UTF8.self).lowercased())
    }
    tokens.append(Token(kind: kind, range: bytes.count - count..<bytes.count, depth: depth))
  }

  /// Whether a token is a literal, a comma behind one in parentheses, or within a row of VALUES.
  private mutating func isValue(_ kind: Token.Kind, _ count: Int, _ depth: Int) -> Bool {
    let symbol = kind == .symbol && count == 1 ? bytes.last : nil
    defer { isBehindLiteral = kind == .number || kind == .string }
    if let rows = rowsDepth {
      let isBetween = symbol == .openParen || symbol == .closeParen || symbol == .comma
      if depth > rows || depth == rows && isBetween { return true }
      rowsDepth = nil
    }
    switch kind {
    case .number, .string: return true
    case .symbol: return symbol == .comma && depth > 0 && isBehindLiteral
    case .word:
      if count == 6, String(decoding: bytes.suffix(6), as: UTF8.self).lowercased() == "values" {
        rowsDepth = depth
      }
      return false
    case .quotedIdentifier: return false
    }
  }

  /// Another statement follows within the same message.
  mutating func join() {
    joins += 1
    isBrief = false
  }

  /// The last token ends here.
  mutating func endToken() {
    guard isNoted, let last = tokens.last, last.kind == .quotedIdentifier else { return }
    tokens[tokens.count - 1].range = last.range.lowerBound..<bytes.count
  }
}

/// A token of a statement, outside of comments.
struct Token: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case word, quotedIdentifier, string, number, symbol
  }

  var kind: Kind
  /// Bytes of what is sent. Of a string: those that open it.
  var range: Range<Int>
  /// Open parentheses before it.
  var depth: Int
}

/// The scanner of psql (PostgreSQL 15, `src/fe_utils/psqlscan.l`): finds where a statement ends, which
/// is at a semicolon outside of quotes, comments, parentheses and `BEGIN ATOMIC … END`.
///
/// psql reads a line at a time, and so takes the second line of `E'one'`, newline, `'two'` for a standard
/// string, in which a backslash escapes nothing. The server takes both for one string, and so does this
/// scanner, unless it is to imitate psql.
struct Lexer {
  /// psql's exclusive start conditions.
  enum State: Equatable {
    case initial
    /// `/* … */`, with the depth of nesting.
    case comment(depth: Int)
    case quoted(Quote)
    /// Behind a closing quote: the string goes on if another follows on a later line.
    case quoteStop(Quote)
    case identifier
    case dollarQuoted(tag: [UInt8])
  }

  enum Quote: Equatable {
    /// `'…'`, `N'…'`, `U&'…'`, `B'…'`, `X'…'`: only a quote is special.
    case standard
    /// `E'…'`, or any while standard_conforming_strings is off: a backslash escapes.
    case escaping
  }

  enum Stop: Equatable {
    /// A semicolon that ends the statement; it is part of it.
    case semicolon
    /// A backslash that begins a meta-command; the position is on it.
    case backslash
    case end
  }

  /// The script, or the value of a variable in place of its name.
  struct Source {
    let bytes: [UInt8]
    var position = 0
    /// The variable; `nil`: the script.
    var variable: String?
    /// Where the variable's name stands in the script.
    var origin = 0
  }

  var sources: [Source]
  var state = State.initial
  /// Where the open comment, string or quoted identifier begins in the script.
  var stateStart = 0
  var statement = StatementText()
  var parenDepth = 0
  /// Where the outermost open parenthesis stands in the script.
  var parenStart = 0
  var block = RoutineBlock()
  /// Values of psql variables by name.
  var variables: [String: String]
  var standardConformingStrings = true
  /// Do as psql where it differs from the server, and leave out empty lines outside of quotes as it does.
  /// Only a comparison with it wants that.
  var imitatesPsql = false

  /// Whether comments of `--` are noted.
  var notesLineComments = false
  /// Those so far, each with whether its statement had not begun.
  var lineComments: [LineComment] = []

  init(_ bytes: [UInt8], variables: [String: String] = [:]) {
    sources = [Source(bytes: bytes)]
    self.variables = variables
  }

  /// Position in the script: within a variable's value, behind its name.
  var offset: Int {
    get { sources[0].position }
    set { sources[0].position = newValue }
  }

  /// Where the byte at hand comes from in the script: within a variable's value, where its name stands.
  var origin: Int { sources.count > 1 ? sources[1].origin : offset }

  /// Goes on to the next stop, collecting the statement on the way.
  mutating func scan() -> Stop {
    while true {
      let top = sources.count - 1
      guard sources[top].position < sources[top].bytes.count else {
        guard top > 0 else { return .end }
        sources.removeLast()
        continue
      }
      switch state {
      case .initial:
        if let stop = scanInitial() { return stop }
      case .comment(let depth): scanComment(depth)
      case .quoted(let quote): scanQuoted(quote)
      case .quoteStop(let quote): scanQuoteStop(quote)
      case .identifier: scanQuotedIdentifier()
      case .dollarQuoted(let tag): scanDollarQuoted(tag)
      }
    }
  }

  /// Ends the statement here, whatever is open, and hands it over; as psql's `\g` does.
  mutating func takeStatement() -> StatementText {
    defer { reset() }
    return statement
  }

  mutating func reset() {
    statement = StatementText()
    state = .initial
    parenDepth = 0
    block = RoutineBlock()
  }

  /// A meta-command in a variable's value is none that this scanner reads.
  func backslashInVariable() -> ScriptError? {
    guard let name = sources.last?.variable else { return nil }
    return ScriptError(
      "the value of the variable \(name) holds a backslash outside of quotes", at: offset,
      hint: "write :'\(name)' for a string")
  }

  // MARK: The text

  /// A byte of the source at hand, `distance` behind the position; 0 at its end.
  func peek(_ distance: Int = 0) -> UInt8 {
    let source = sources[sources.count - 1]
    let index = source.position + distance
    return index < source.bytes.count ? source.bytes[index] : 0
  }

  var rest: ArraySlice<UInt8> {
    let source = sources[sources.count - 1]
    return source.bytes[source.position...]
  }

  /// Takes bytes over into the statement.
  /// - Parameter isCode: Whether the server does more with them than to pass them over.
  mutating func emit(_ count: Int, as kind: Token.Kind? = nil, isCode: Bool = true) {
    let top = sources.count - 1
    let start = sources[top].position
    let bytes = sources[top].bytes[start..<start + count]
    statement.append(bytes, from: origin, isVerbatim: top == 0)
    if isCode { statement.addCode(bytes, isToken: kind != nil) }
    if let kind { statement.add(kind, count: count, depth: parenDepth) }
    sources[top].position += count
  }

  /// White space before a statement is none of it.
  mutating func emitSpace(_ count: Int) {
    guard !statement.isEmpty else {
      sources[sources.count - 1].position += count
      return
    }
    guard imitatesPsql else { return emit(count, isCode: false) }
    for _ in 0..<count {
      if peek() == .newline, statement.bytes.last == .newline {
        sources[sources.count - 1].position += 1
      } else {
        emit(1, isCode: false)
      }
    }
  }

  mutating func open(_ state: State, _ count: Int, as kind: Token.Kind? = nil) {
    stateStart = origin
    self.state = state
    emit(count, as: kind, isCode: state != .comment(depth: 0))
  }
}

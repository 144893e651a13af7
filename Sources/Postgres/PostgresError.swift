/// What PostgreSQL, or the way to it, has refused.
public struct PostgresError: Error, Sendable {
  /// Where the error comes from.
  public enum Kind: Sendable, Equatable {
    /// No connection, or a lost one.
    case connection
    /// The server refused a statement; `sqlState` says why.
    case server
    /// No answer in time. The statement was cancelled on the server.
    case timeout
    /// A value is not of the type that was asked for.
    case decoding
    /// The call does not fit the connection's state, such as COPY without support for it.
    case usage
  }

  /// Where it comes from.
  public var kind: Kind
  /// SQLSTATE, five characters (PostgreSQL documentation, appendix A).
  public var sqlState: String?
  /// ERROR, FATAL, WARNING, NOTICE …, not translated.
  public var severity: String?
  /// The primary message.
  public var message: String
  /// More about the problem.
  public var detail: String?
  /// What to do about it.
  public var hint: String?
  /// Where in the statement, in characters (not bytes), from 1.
  public var position: Int?
  /// The statement that a function or a DO block ran, where the error is in that one.
  public var internalQuery: String?
  /// Where in there, in characters, from 1.
  public var internalPosition: Int?
  /// The calls that led there, one a line.
  public var context: String?
  /// The objects that are concerned.
  public var schema: String?
  public var table: String?
  public var column: String?
  public var constraint: String?
  /// Whether the server wants a password, and none was given or found (PQconnectionNeedsPassword).
  public var needsPassword = false

  /// An error without the fields that only a server sends.
  public init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
    isConnectionLost = kind == .connection
  }

  /// Whether the connection is of no use any more. Its SQLSTATE does not tell: a statement may raise that of
  /// another connection's end (dblink, postgres_fdw, RAISE), in a session that goes on.
  public internal(set) var isConnectionLost = false
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
  /// The message with its SQLSTATE; no data of the statement beyond what the server put into it.
  public var description: String {
    sqlState.map { "\(message) (SQLSTATE \($0))" } ?? message
  }

  /// Everything that is known, one field a line.
  public var debugDescription: String {
    var lines = ["\(severity ?? "ERROR"): \(description)"]
    if let detail { lines.append("DETAIL: \(detail)") }
    if let hint { lines.append("HINT: \(hint)") }
    if let position { lines.append("POSITION: \(position)") }
    if let internalQuery { lines.append("QUERY: \(internalQuery)") }
    if let context { lines.append("CONTEXT: \(context)") }
    if let constraint { lines.append("CONSTRAINT: \(constraint)") }
    return lines.joined(separator: "\n")
  }
}

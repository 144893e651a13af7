/// No answer.
public struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What went wrong.
  public enum Code: Sendable, Equatable {
    /// The URL or a setting cannot be used.
    case configuration
    /// No connection: name unknown, refused, unreachable.
    case connect
    /// No trust: the certificate, the name in it, the protocol.
    case tls
    /// No answer in time.
    case timeout
    /// The connection was lost in the middle.
    case reset
    case other
  }

  /// What went wrong.
  public var code: Code
  /// In words.
  public var message: String
  /// Whether the server may have received the request, and carried it out.
  public var mayHaveReachedServer: Bool

  /// An error.
  public init(code: Code, message: String, mayHaveReachedServer: Bool) {
    self.code = code
    self.message = message
    self.mayHaveReachedServer = mayHaveReachedServer
  }

  public var description: String { message }
}

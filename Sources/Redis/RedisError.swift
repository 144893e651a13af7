/// What Redis, or the way to it, has refused.
public struct RedisError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where the error comes from.
  public enum Kind: Sendable, Equatable {
    /// A URL or a file that cannot be used.
    case configuration
    /// No connection, or a lost one.
    case connection
    /// No answer in time; the connection was given up, because answers come in order.
    case timeout
    /// Redis's answer is an error; `code` says which.
    case server
    /// The answer is not of the form that was expected.
    case `protocol`
    /// The server is too old.
    case version
    /// The server is a replica, or the Sentinels know no master.
    case role
  }

  /// Where it comes from.
  public var kind: Kind
  /// The first word of Redis's error: NOAUTH, WRONGPASS, NOPERM, LOADING, READONLY …
  public var code: String?
  /// In words.
  public var message: String

  /// An error.
  public init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
  }

  /// An error answer, like `NOPERM this user has no permissions …`.
  init(reply: String) {
    kind = .server
    message = reply
    code = reply.split(separator: " ", maxSplits: 1).first.map(String.init)
  }

  /// Before version 6 AUTH took a password alone.
  var isOfAServerWithoutUsers: Bool {
    kind == .server && message.hasPrefix("ERR wrong number of arguments for 'auth'")
  }

  /// The error of a login without its password: a server that does not know AUTH (renamed, or a proxy)
  /// repeats what it was given, cut off after some length.
  static func hiding(_ password: String?, in error: any Error) -> any Error {
    guard var error = error as? RedisError, let password, !password.isEmpty else { return error }
    if let arguments = error.message.firstRange(of: ", with args beginning with") {
      error.message = String(error.message[..<arguments.lowerBound])
    }
    error.message = error.message.replacing(password, with: "…")
    return error
  }

  public var description: String { "Redis: \(message)" }
}

/// Why a command could not begin: what is wrong, and what to do.
public struct StartupError: Error, Sendable, CustomStringConvertible {
  /// What is wrong.
  public let message: String
  /// What to do about it.
  public let hint: String
  /// Whether a server could not be reached or is of the wrong kind: exit code 2 instead of 1.
  public let isConnection: Bool

  /// - Parameters:
  ///   - message: What is wrong.
  ///   - hint: What to do about it.
  public init(_ message: String, hint: String, isConnection: Bool = false) {
    self.message = message
    self.hint = hint
    self.isConnection = isConnection
  }

  /// Both, a line each.
  public var description: String { "\(message)\nHINT: \(hint)" }
}

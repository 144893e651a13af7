/// Why a text is no JSON.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where it ceased to be JSON, in bytes from the beginning.
  public let offset: Int
  /// What is wrong there.
  public let message: String

  public init(offset: Int, message: String) {
    self.offset = offset
    self.message = message
  }

  public var description: String { "no JSON: \(message) at byte \(offset)" }
}

public import HTTP

/// What the API server, or the way to it, has refused.
public struct KubernetesError: Error, Sendable, CustomStringConvertible {
  /// Where the error comes from.
  public enum Kind: Sendable, Equatable {
    /// The configuration cannot be used.
    case configuration
    /// No answer.
    case transport
    /// The API server answered, and refused.
    case refused
    /// The answer is no JSON.
    case malformed
  }

  /// Where it comes from.
  public var kind: Kind
  /// In words.
  public var message: String
  /// The API server's answer, if it is one.
  public var status: Status?
  /// Why there is no answer.
  public var transport: HTTPError?
  /// Whether a write may have been carried out all the same: no answer, or one of the 5xx.
  public var outcomeUnknown: Bool

  init(configuration message: String) {
    kind = .configuration
    self.message = message
    outcomeUnknown = false
  }

  init(transport error: HTTPError) {
    kind = .transport
    message = error.message
    transport = error
    outcomeUnknown = error.mayHaveReachedServer
  }

  init(status: Status) {
    kind = .refused
    message = "\(status.code) \(status.reason): \(status.message)"
    self.status = status
    outcomeUnknown = status.code >= 500
  }

  init(malformed message: String) {
    kind = .malformed
    self.message = message
    outcomeUnknown = true
  }

  public var description: String { "Kubernetes: \(message)" }
}

/// Why an agent cannot begin: an address that cannot be listened on, tokens that cannot be read.
public struct AgentFailure: Error, CustomStringConvertible {
  public let description: String
}

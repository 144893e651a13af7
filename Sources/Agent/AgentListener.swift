internal import NIOCore

/// An address that the agent listens on, and whom it answers there.
public struct AgentListener: Sendable, Equatable, CustomStringConvertible {
  /// Where.
  public enum Address: Sendable, Equatable {
    case tcp(host: String, port: Int)
    case unix(path: String)
  }

  /// Who sees what.
  public enum Access: Sendable, Equatable {
    /// Whoever can reach the address.
    case open(AgentScope)
    /// Whoever has a token of a file in this folder, see `TokenBook`.
    case tokens(folder: String)
  }

  /// What is wrong with an argument.
  public struct Mistake: Error, CustomStringConvertible {
    public let description: String
  }

  public let address: Address
  public let access: Access
  private let text: String

  public var description: String { text }

  /// Reads an argument: `127.0.0.1:8700`, `[::1]:8700` or `unix:/run/ark/agent.sock`, then `,org=7` or
  /// `,tokens=FOLDER` or neither.
  /// - Parameter bound: What the agent itself may see.
  /// - Throws: `Mistake`; also for an address that others than this host reach, without tokens.
  public init(_ argument: String, bound: AgentScope) throws(Mistake) {
    let words = argument.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    text = String(words[0])
    address = try Self.address(text)
    access = try words.count == 1 ? .open(bound) : Self.access(String(words[1]), bound: bound)
    if case .open = access, !isLocal {
      throw Mistake(
        description:
          "--listen \(text) is reached from other hosts: add ,tokens=DIRECTORY, or listen on 127.0.0.1"
      )
    }
  }

  /// Whether only this host reaches it.
  var isLocal: Bool {
    switch address {
    case .unix: true
    case .tcp(let host, _): Self.isLoopback(host)
    }
  }

  /// Whether a host's name or address is this host and nothing else.
  static func isLoopback(_ host: String) -> Bool {
    if host.lowercased() == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  private static func address(_ text: String) throws(Mistake) -> Address {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard path.hasPrefix("/"), (try? SocketAddress(unixDomainSocketPath: path + ".new")) != nil
      else { throw Mistake(description: "--listen \(text): no absolute path of at most 99 bytes") }
      return .unix(path: path)
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else {
      throw Mistake(
        description: "--listen \(text) is neither ADDRESS:PORT nor unix:/PATH")
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      throw Mistake(description: "--listen \(text): an IPv6 address stands in [brackets]")
    }
    guard !host.isEmpty else {
      throw Mistake(description: "--listen \(text) names no address; 127.0.0.1:\(port), say")
    }
    return .tcp(host: host, port: Int(port))
  }

  private static func access(_ text: String, bound: AgentScope) throws(Mistake) -> Access {
    let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let value = pair.count == 2 ? String(pair[1]) : ""
    switch pair[0] {
    case "org":
      guard let orgID = Int64(value), orgID > 0 else {
        throw Mistake(description: "--listen …,org=\(value): no organisation's id")
      }
      guard let scope = bound.narrowed(to: orgID) else {
        throw Mistake(description: "--listen …,org=\(value): this agent is bound to \(bound)")
      }
      return .open(scope)
    case "tokens" where !value.isEmpty:
      return .tokens(folder: value)
    default:
      throw Mistake(description: "--listen …,\(text): org=ID or tokens=DIRECTORY is known")
    }
  }
}

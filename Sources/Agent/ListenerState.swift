internal import Glibc
internal import Synchronization

/// What the connections of one listener share.
final class ListenerState: Sendable {
  let configuration: AgentListener
  let router: RequestRouter
  let tokens = Mutex(TokenBook())
  /// Rises when the tokens are other ones.
  let tokensRead = Atomic(0)
  let connections = Atomic(0)
  /// The inode of the listener's socket, if it has one in the file system.
  let socket = Mutex<ino_t?>(nil)
  /// More are turned away.
  let mostConnections: Int

  init(
    _ configuration: AgentListener, services: Set<String>, bound: AgentScope, limits: AgentLimits
  ) {
    self.configuration = configuration
    var isLoopback = false
    if case .open = configuration.access, case .tcp = configuration.address { isLoopback = true }
    router = RequestRouter(
      services: services, bound: bound, access: configuration.access, isLoopback: isLoopback)
    let readers =
      if case .open(.organization) = configuration.access {
        limits.readersPerOrganization
      } else {
        limits.readers
      }
    mostConnections = limits.idleConnections + readers
  }

  /// Takes the tokens of the folder, if the listener has one. Blocks.
  /// - Returns: The new ones; `nil` if they are the old ones.
  func readTokens() throws -> TokenBook? {
    guard case .tokens(let folder) = configuration.access else { return nil }
    let new = try TokenBook(folder: folder)
    let isNew = tokens.withLock { tokens in
      defer { tokens = new }
      return tokens != new
    }
    guard isNew else { return nil }
    tokensRead.add(1, ordering: .releasing)
    return new
  }
}

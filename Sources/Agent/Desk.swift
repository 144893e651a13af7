internal import Glibc
internal import Synchronization

/// What all connections of an agent share.
final class Desk: Sendable {
  let boards: [String: ServiceBoard]
  let limits: AgentLimits
  let admission: Admission
  /// Answers by status code.
  let answers = Mutex<[UInt: Int]>([:])

  init(boards: [ServiceBoard], limits: AgentLimits) {
    self.boards = Dictionary(
      boards.map { ($0.service, $0) }, uniquingKeysWith: { first, _ in first })
    self.limits = limits
    admission = Admission(limits)
  }
}

/// What the connections of one listener share.
final class Window: Sendable {
  let listener: AgentListener
  let router: RequestRouter
  let tokens = Mutex(TokenBook())
  /// Rises when the tokens are other ones.
  let tokensRead = Atomic(0)
  let connections = Atomic(0)
  /// The inode of the listener's socket, if it has one in the file system.
  let socket = Mutex<ino_t?>(nil)
  /// More are turned away.
  let mostConnections: Int

  init(_ listener: AgentListener, services: Set<String>, bound: AgentScope, limits: AgentLimits) {
    self.listener = listener
    var isLoopback = false
    if case .open = listener.access, case .tcp = listener.address { isLoopback = true }
    router = RequestRouter(
      services: services, bound: bound, access: listener.access, isLoopback: isLoopback)
    let readers =
      if case .open(.organization) = listener.access {
        limits.readersPerOrganization
      } else {
        limits.readers
      }
    mostConnections = limits.idleConnections + readers
  }

  /// Takes the tokens of the folder, if the listener has one. Blocks.
  /// - Returns: The new ones; `nil` if they are the old ones.
  func readTokens() throws -> TokenBook? {
    guard case .tokens(let folder) = listener.access else { return nil }
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

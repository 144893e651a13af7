internal import Synchronization

/// What all connections of an agent share.
final class SharedState: Sendable {
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

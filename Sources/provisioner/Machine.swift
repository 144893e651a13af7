/// What carries out one step: takes replies, asks for calls. Knows no clock and no socket.
protocol Machine: Sendable {
  /// The first action.
  mutating func start() -> Action
  /// The action that follows from a reply.
  mutating func handle(_ reply: Reply) -> Action
}

/// What a machine does next.
enum Action: Sendable, Equatable {
  case send(Request)
  case done(Outcome)
}

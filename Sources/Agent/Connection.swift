internal import HotConfig
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// A client: asks for documents, one after the other, or becomes the reader of a stream for the rest of
/// its life. Used on its event loop only.
final class Connection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  enum Phase {
    /// Until the head of a request is there.
    case waiting(until: NIODeadline)
    /// Its head is there, not its end.
    case asked(HTTPRequestHead, until: NIODeadline, hasBody: Bool)
    case stream(Stream)
    /// Until the last answer is sent.
    case over(until: NIODeadline)
  }

  /// A reader of events.
  struct Stream {
    let board: ServiceBoard
    let scope: AgentScope
    /// The last thing that it was told.
    var generation: Int
    /// Since when it has left unread what it was sent.
    var behindSince: NIODeadline?
  }

  /// What became of a broadcast.
  enum Taken {
    case sent
    /// It reads slowly: it gets everything when it has caught up.
    case skipped
    /// It had it when it came.
    case known
  }

  let shared: SharedState
  let listener: ListenerState
  let siblings: LoopConnections
  let gate: ByteGate
  var context: ChannelHandlerContext?
  var phase: Phase
  var credential: TokenBook.Digest?
  private var tokensRead: Int

  init(shared: SharedState, listener: ListenerState, siblings: LoopConnections, gate: ByteGate) {
    self.shared = shared
    self.listener = listener
    self.siblings = siblings
    self.gate = gate
    tokensRead = listener.tokensRead.load(ordering: .acquiring)
    phase = .waiting(until: .now() + TimeAmount(shared.limits.head))
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    siblings.add(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    leave()
    siblings.remove(self)
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    leave()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (unwrapInboundIn(data), phase) {
    case (.head(let head), .waiting):
      phase = .asked(head, until: .now() + TimeAmount(shared.limits.head), hasBody: false)
    case (.body, .asked(let head, let until, _)):
      phase = .asked(head, until: until, hasBody: true)
    case (.end, .asked(let head, _, let hasBody)):
      answer(head, isLast: hasBody || !head.isKeepAlive || siblings.isClosing)
    case (.head, _), (.body, _), (.end, _):
      break
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable, case .stream(var stream) = phase, stream.behindSince != nil,
      let now = stream.board.snapshot(stream.scope)
    {
      stream.behindSince = nil
      stream.generation = now.generation
      phase = .stream(stream)
      stream.board.figures.events.add(1, ordering: .relaxed)
      gate.send(now.bytes)
    }
    context.fireChannelWritabilityChanged()
  }

  /// Gets something that the readers of its scope are told.
  func take(_ broadcast: ServiceBoard.Broadcast) -> Taken {
    guard let context, case .stream(var stream) = phase,
      broadcast.generation > stream.generation
    else { return .known }
    guard stream.behindSince == nil, context.channel.isWritable else {
      if stream.behindSince == nil {
        stream.behindSince = .now()
        phase = .stream(stream)
      }
      return .skipped
    }
    stream.generation = broadcast.generation
    phase = .stream(stream)
    gate.send(broadcast.bytes)
    return .sent
  }

  /// Once a second: ends what takes too long or may no longer be.
  func tick(_ now: NIODeadline, isCommentDue: Bool) {
    guard let context else { return }
    switch phase {
    case .waiting(let until), .asked(_, let until, _), .over(let until):
      if now >= until { context.close(promise: nil) }
    case .stream(let stream):
      if let since = stream.behindSince, now - since > TimeAmount(shared.limits.slow) {
        stream.board.figures.dropped.add(1, ordering: .relaxed)
        return context.close(promise: nil)
      }
      if !mayStillSee(stream.scope) { return end() }
      if isCommentDue, context.channel.isWritable { gate.send(ServerSentEvent.comment) }
    }
  }

  /// The agent stops, or the reader's right has gone.
  func end() {
    guard let context else { return }
    switch phase {
    case .stream:
      leave()
      // Not all in the same moment.
      gate.send(
        ServerSentEvent.chunk(ServerSentEvent.retry(milliseconds: .random(in: 500...3000))))
      gate.send(ServerSentEvent.end)
      context.close(promise: nil)
    case .waiting:
      context.close(promise: nil)
    case .asked, .over:
      break
    }
  }

  /// Ends it at once.
  func cut() { context?.close(promise: nil) }

  private func leave() {
    if case .stream(let stream) = phase {
      siblings.leave(self, stream.board, stream.scope)
      stream.board.close(stream.scope)
      stream.board.figures.readers.subtract(1, ordering: .relaxed)
      shared.admission.leave(stream.scope)
    }
    phase = .over(until: .now() + TimeAmount(shared.limits.idle))
  }

  /// Whether a stream is still its caller's right: tokens are taken back.
  private func mayStillSee(_ scope: AgentScope) -> Bool {
    let read = listener.tokensRead.load(ordering: .acquiring)
    guard read != tokensRead else { return true }
    tokensRead = read
    let allowed = listener.router.scope(credential, listener.tokens.withLock { $0 })
    return switch (allowed, scope) {
    case (nil, _): false
    case (.everything, _): true
    case (.organization(let own), .organization(let orgID)): own == orgID
    case (.organization, .everything): false
    }
  }
}

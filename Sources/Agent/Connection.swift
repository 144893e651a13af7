internal import HotConfig
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// A client: asks for documents, one after the other, or becomes the reader of a stream for the rest of
/// its life. Used on its event loop only.
final class Connection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private enum Phase {
    /// Until the head of a request is there.
    case waiting(until: NIODeadline)
    /// Its head is there, not its end.
    case asked(HTTPRequestHead, until: NIODeadline, hasBody: Bool)
    case stream(Stream)
    /// Until the last answer is sent.
    case over(until: NIODeadline)
  }

  /// A reader of events.
  private struct Stream {
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

  private let desk: Desk
  private let window: Window
  private let circle: Circle
  private let gate: ByteGate
  private var context: ChannelHandlerContext?
  private var phase: Phase
  private var credential: TokenBook.Digest?
  private var tokensRead: Int

  init(desk: Desk, window: Window, circle: Circle, gate: ByteGate) {
    self.desk = desk
    self.window = window
    self.circle = circle
    self.gate = gate
    tokensRead = window.tokensRead.load(ordering: .acquiring)
    phase = .waiting(until: .now() + TimeAmount(desk.limits.head))
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    circle.add(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    leave()
    circle.remove(self)
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
      phase = .asked(head, until: .now() + TimeAmount(desk.limits.head), hasBody: false)
    case (.body, .asked(let head, let until, _)):
      phase = .asked(head, until: until, hasBody: true)
    case (.end, .asked(let head, _, let hasBody)):
      answer(head, isLast: hasBody || !head.isKeepAlive || circle.isClosing)
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
      if let since = stream.behindSince, now - since > TimeAmount(desk.limits.slow) {
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

  // MARK: - Answers

  private func answer(_ head: HTTPRequestHead, isLast: Bool) {
    credential = head.headers.first(name: "authorization")
      .flatMap(TokenBook.digest(authorization:))
    let tokens = window.tokens.withLock { $0 }
    switch window.router.answer(head, credential: credential, tokens: tokens) {
    case .refuse(let problem):
      send(problem, to: head, isLast: isLast)
    case .document(let service, let scope):
      guard let document = desk.boards[service]?.document(scope) else {
        return send(.notLoaded, to: head, isLast: isLast)
      }
      send(document, to: head, isLast: isLast)
    case .stream(let service, let scope, let lastID):
      guard let board = desk.boards[service], board.isLoaded else {
        return send(.notLoaded, to: head, isLast: isLast)
      }
      guard desk.admission.enter(scope) else { return send(.tooMany, to: head, isLast: isLast) }
      begin(board, scope, lastID: lastID)
    }
  }

  private func send(_ document: ConfigDocument, to head: HTTPRequestHead, isLast: Bool) {
    var headers: HTTPHeaders = [
      "ETag": document.etag, "Cache-Control": "private, no-cache", "Vary": "Accept, Authorization",
      "Config-State": document.state.name,
    ]
    if RequestRouter.matches(head.headers, etag: document.etag) {
      return send(.notModified, headers, nil, to: head, isLast: isLast)
    }
    headers.add(name: "Content-Type", value: "application/json")
    send(.ok, headers, document.body, to: head, isLast: isLast)
  }

  private func send(_ problem: Problem, to head: HTTPRequestHead, isLast: Bool) {
    var headers: HTTPHeaders = [
      "Content-Type": "application/problem+json", "Cache-Control": "no-store",
    ]
    for (name, value) in problem.headers { headers.add(name: name, value: value) }
    send(problem.status, headers, ByteBuffer(bytes: problem.body), to: head, isLast: isLast)
  }

  private func send(
    _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: ByteBuffer?,
    to head: HTTPRequestHead, isLast: Bool
  ) {
    guard let context else { return }
    var headers = headers
    if let body { headers.add(name: "Content-Length", value: "\(body.readableBytes)") }
    if isLast { headers.add(name: "Connection", value: "close") }
    write(status, headers, version: head.version)
    if let body, head.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    let until = NIODeadline.now() + TimeAmount(desk.limits.idle)
    phase = isLast ? .over(until: until) : .waiting(until: until)
    let done = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    if isLast {
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      done.whenComplete { _ in bound.value.close(promise: nil) }
    }
  }

  private func write(
    _ status: HTTPResponseStatus, _ headers: HTTPHeaders, version: HTTPVersion
  ) {
    desk.answers.withLock { $0[status.code, default: 0] += 1 }
    var headers = headers
    headers.add(name: "Date", value: circle.date)
    headers.add(name: "Server", value: "agent-ready-k8s")
    let head = HTTPResponseHead(version: version, status: status, headers: headers)
    context?.write(wrapOutboundOut(.head(head)), promise: nil)
  }

  private func begin(_ board: ServiceBoard, _ scope: AgentScope, lastID: String?) {
    // What changes from here on is sent on this event loop, and so after what follows.
    guard let first = board.open(scope, lastID: lastID) else { return }
    circle.follow(self, board, scope)
    board.figures.readers.add(1, ordering: .relaxed)
    phase = .stream(Stream(board: board, scope: scope, generation: first.generation))
    write(
      .ok,
      [
        "Content-Type": "text/event-stream", "Cache-Control": "no-store",
        "Transfer-Encoding": "chunked", "X-Accel-Buffering": "no",
        "Vary": "Accept, Authorization",
      ], version: .http1_1)
    gate.send(first.bytes)
    board.figures.events.add(1, ordering: .relaxed)
  }

  private func leave() {
    if case .stream(let stream) = phase {
      circle.leave(self, stream.board, stream.scope)
      stream.board.close(stream.scope)
      stream.board.figures.readers.subtract(1, ordering: .relaxed)
      desk.admission.leave(stream.scope)
    }
    phase = .over(until: .now() + TimeAmount(desk.limits.idle))
  }

  /// Whether a stream is still its caller's right: tokens are taken back.
  private func mayStillSee(_ scope: AgentScope) -> Bool {
    let read = window.tokensRead.load(ordering: .acquiring)
    guard read != tokensRead else { return true }
    tokensRead = read
    let allowed = window.router.scope(credential, window.tokens.withLock { $0 })
    return switch (allowed, scope) {
    case (nil, _): false
    case (.everything, _): true
    case (.organization(let own), .organization(let orgID)): own == orgID
    case (.organization, .everything): false
    }
  }
}

internal import HotConfig
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

extension Connection {
  /// Answers a request, or makes the connection a stream.
  /// - Parameter isLast: Whether the connection ends with it.
  func answer(_ head: HTTPRequestHead, isLast: Bool) {
    credential = head.headers.first(name: "authorization")
      .flatMap(TokenBook.digest(authorization:))
    let tokens = listener.tokens.withLock { $0 }
    switch listener.router.answer(head, credential: credential, tokens: tokens) {
    case .refuse(let problem):
      send(problem, to: head, isLast: isLast)
    case .document(let service, let scope):
      guard let document = shared.boards[service]?.document(scope) else {
        return send(.notLoaded, to: head, isLast: isLast)
      }
      send(document, to: head, isLast: isLast)
    case .stream(let service, let scope, let lastID):
      guard let board = shared.boards[service], board.isLoaded else {
        return send(.notLoaded, to: head, isLast: isLast)
      }
      guard shared.admission.enter(scope) else { return send(.tooMany, to: head, isLast: isLast) }
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
    let until = NIODeadline.now() + TimeAmount(shared.limits.idle)
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
    shared.answers.withLock { $0[status.code, default: 0] += 1 }
    var headers = headers
    headers.add(name: "Date", value: siblings.date)
    headers.add(name: "Server", value: "agent-ready-k8s")
    let head = HTTPResponseHead(version: version, status: status, headers: headers)
    context?.write(wrapOutboundOut(.head(head)), promise: nil)
  }

  private func begin(_ board: ServiceBoard, _ scope: AgentScope, lastID: String?) {
    // What changes from here on is sent on this event loop, and so after what follows.
    guard let first = board.open(scope, lastID: lastID) else { return }
    siblings.follow(self, board, scope)
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
}

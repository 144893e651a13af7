internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// One HTTP/2 connection of a scripted server: gathers requests, and does to each what it is told.
///
/// Frames, not streams: what a test asks for is what goes over the wire.
final class ScriptedConnection: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame
  typealias OutboundOut = HTTP2Frame

  struct Message: Sendable {
    var stream: HTTP2StreamID
    var headers: HPACKHeaders
    var body: [UInt8] = []
  }

  private let onRequest: (Message) -> Void
  private let onHead: (Message) -> ScriptedAPIServer.Answer?
  private var arriving: [HTTP2StreamID: Message] = [:]
  /// Begun, and not answered yet.
  private var open: Set<HTTP2StreamID> = []
  private var newest = HTTP2StreamID.rootStream
  /// GOAWAY was sent, with this as its last stream.
  private var last: HTTP2StreamID?

  /// - Parameters:
  ///   - onHead: Asked when a head has come in and its body has not: the answer, if it is given now.
  ///   - onRequest: Told what has come in as a whole.
  init(
    onHead: @escaping (Message) -> ScriptedAPIServer.Answer?,
    onRequest: @escaping (Message) -> Void
  ) {
    self.onHead = onHead
    self.onRequest = onRequest
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    switch frame.payload {
    case .headers(let payload):
      newest = max(newest, frame.streamID)
      open.insert(frame.streamID)
      let message = Message(stream: frame.streamID, headers: payload.headers)
      if !payload.endStream, let answer = onHead(message) {
        return answerEarly(answer, on: frame.streamID, context)
      }
      arriving[frame.streamID] = message
      if payload.endStream { finish(frame.streamID) }
    case .data(let payload):
      guard case .byteBuffer(let buffer) = payload.data else { return }
      arriving[frame.streamID]?.body += buffer.readableBytesView
      if payload.endStream { finish(frame.streamID) }
      let size = buffer.readableBytes
      guard size > 0 else { return }
      send(context, .rootStream, .windowUpdate(windowSizeIncrement: size))
      if !payload.endStream {
        send(context, frame.streamID, .windowUpdate(windowSizeIncrement: size))
      }
      context.flush()
    case .rstStream:
      arriving[frame.streamID] = nil
      close(frame.streamID, context)
    default:
      break
    }
  }

  /// What a test does to a connection is no error of the connection's.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}

  private func finish(_ stream: HTTP2StreamID) {
    if let message = arriving.removeValue(forKey: stream) { onRequest(message) }
  }

  func perform(
    _ reaction: ScriptedAPIServer.Reaction, on stream: HTTP2StreamID,
    _ context: ChannelHandlerContext
  ) {
    switch reaction {
    case .forward, .silence:
      break
    case .answer(let answer):
      write(answer, bytes: answer.body.count, on: stream, context)
      context.flush()
      close(stream, context)
    case .reset(let error):
      send(context, stream, .rstStream(HTTP2ErrorCode(networkCode: error.rawValue)))
      context.flush()
      close(stream, context)
    case .goAway:
      goAway(last: stream > 1 ? HTTP2StreamID(Int(stream) - 2) : .rootStream, context)
    case .goAwayAfter(let reaction):
      goAway(last: stream, context)
      perform(reaction, on: stream, context)
    case .cut(let answer, let bytes):
      write(answer, bytes: min(bytes, answer.body.count - 1), on: stream, context)
      context.flush()
      cut(context)
    case .close:
      cut(context)
    }
  }

  /// As Go's server does when nobody wants the body: the answer and "stop sending", which is no error, in
  /// one packet.
  private func answerEarly(
    _ answer: ScriptedAPIServer.Answer, on stream: HTTP2StreamID, _ context: ChannelHandlerContext
  ) {
    write(answer, bytes: answer.body.count, on: stream, context)
    send(context, stream, .rstStream(.noError))
    // What is still on its way nobody counts any more; it is a window's worth at most.
    send(context, .rootStream, .windowUpdate(windowSizeIncrement: 65535))
    context.flush()
    close(stream, context)
  }

  /// Tells the client that what it begins from now on is not processed.
  func goAway(_ context: ChannelHandlerContext) { goAway(last: newest, context) }

  private func goAway(last: HTTP2StreamID, _ context: ChannelHandlerContext) {
    self.last = last
    send(context, .rootStream, .goAway(lastStreamID: last, errorCode: .noError, opaqueData: nil))
    context.flush()
    closeIfIdle(context)
  }

  private func write(
    _ answer: ScriptedAPIServer.Answer, bytes: Int, on stream: HTTP2StreamID,
    _ context: ChannelHandlerContext
  ) {
    var headers = HPACKHeaders([
      (":status", "\(answer.status)"), ("content-length", "\(answer.body.count)"),
    ])
    if !answer.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
      headers.add(name: "content-type", value: "application/json")
    }
    for header in answer.headers {
      headers.add(name: header.name.lowercased(), value: header.value)
    }
    let isWhole = bytes == answer.body.count
    send(
      context, stream, .headers(.init(headers: headers, endStream: isWhole && answer.body.isEmpty)))
    if bytes > 0 {
      let data = HTTP2Frame.FramePayload.Data(
        data: .byteBuffer(ByteBuffer(bytes: answer.body[..<bytes])), endStream: isWhole)
      send(context, stream, .data(data))
    }
  }

  private func send(
    _ context: ChannelHandlerContext, _ stream: HTTP2StreamID, _ payload: HTTP2Frame.FramePayload
  ) {
    context.write(wrapOutboundOut(HTTP2Frame(streamID: stream, payload: payload)), promise: nil)
  }

  private func close(_ stream: HTTP2StreamID, _ context: ChannelHandlerContext) {
    open.remove(stream)
    closeIfIdle(context)
  }

  private func closeIfIdle(_ context: ChannelHandlerContext) {
    guard let last, !open.contains(where: { $0 <= last }) else { return }
    context.close(promise: nil)
  }

  /// Ends the connection below TLS: without its farewell, as when a process dies.
  func cut(_ context: ChannelHandlerContext) {
    let plain = try? context.pipeline.syncOperations.context(name: Self.tls)
    (plain ?? context).close(promise: nil)
  }

  /// Name of the handler of TLS in the pipeline.
  static let tls = "tls"
}

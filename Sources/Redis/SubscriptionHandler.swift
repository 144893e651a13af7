internal import NIOCore

/// What a subscribed connection is asked.
struct SubscriptionRequest: Sendable {
  var command: [String]
  /// How many answers it has.
  var answers: Int
  var done: EventLoopPromise<Void>
}

/// Sorts what comes in on a subscribed connection into acknowledgements, messages and PONGs, and finds
/// out whether the peer is alive.
final class SubscriptionHandler: ChannelDuplexHandler, @unchecked Sendable {
  // Used on the channel's event loop only.
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = SubscriptionRequest
  typealias OutboundOut = ByteBuffer

  private struct Waiting {
    var rest: Int
    let done: EventLoopPromise<Void>
  }

  private let period: TimeAmount
  private let limit: TimeAmount
  private let deliver: AsyncThrowingStream<RedisMessage, any Error>.Continuation
  private var decoder = ReplyDecoder()
  private var waiting: [Waiting] = []
  private var pings: RepeatedTask?
  private var heardAt = NIODeadline.now()
  private var failure: RedisError?

  init(
    period: TimeAmount, limit: TimeAmount,
    deliver: AsyncThrowingStream<RedisMessage, any Error>.Continuation
  ) {
    self.period = period
    self.limit = limit
    self.deliver = deliver
  }

  func channelActive(context: ChannelHandlerContext) {
    heardAt = .now()
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    pings = context.eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in
      let context = bound.value
      if NIODeadline.now() - self.heardAt > self.limit {
        self.fail(
          RedisError(kind: .timeout, message: "the server does not answer PING"),
          context: context)
        return
      }
      var buffer = context.channel.allocator.buffer(capacity: 16)
      Command.append(["PING"], to: &buffer)
      context.writeAndFlush(self.wrapOutboundOut(buffer), promise: nil)
    }
    context.fireChannelActive()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let request = unwrapOutboundIn(data)
    if let failure {
      request.done.fail(failure)
      promise?.fail(failure)
      return
    }
    waiting.append(Waiting(rest: request.answers, done: request.done))
    var buffer = context.channel.allocator.buffer(capacity: 128)
    Command.append(request.command, to: &buffer)
    context.write(wrapOutboundOut(buffer), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    heardAt = .now()
    unwrapInboundIn(data).withUnsafeReadableBytes { decoder.feed($0) }
    do throws(RedisError) {
      while let value = try decoder.next() { take(value) }
    } catch {
      fail(error, context: context)
    }
  }

  private func take(_ value: RedisValue) {
    switch value {
    case .error(let text):
      if !waiting.isEmpty { waiting.removeFirst().done.fail(RedisError(reply: text)) }
    case .simple("PONG"):
      // Before the first subscription PING is answered so.
      break
    case .simple:
      acknowledge()
    case .array(let elements?):
      let words = elements.map { $0.string ?? "" }
      switch (words.first, words.count) {
      case ("message", 3):
        deliver.yield(RedisMessage(channel: words[1], pattern: nil, payload: words[2]))
      case ("pmessage", 4):
        deliver.yield(RedisMessage(channel: words[2], pattern: words[1], payload: words[3]))
      case ("subscribe", _), ("psubscribe", _):
        acknowledge()
      default:
        break
      }
    case .integer, .bulk, .array(nil):
      break
    }
  }

  private func acknowledge() {
    guard !waiting.isEmpty else { return }
    waiting[0].rest -= 1
    if waiting[0].rest == 0 { waiting.removeFirst().done.succeed(()) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(
      RedisError(kind: .connection, message: "the server closed the connection"), context: context)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(RedisError(kind: .connection, message: "\(error)"), context: context)
  }

  private func fail(_ error: RedisError, context: ChannelHandlerContext) {
    guard failure == nil else { return }
    failure = error
    pings?.cancel()
    let waiting = waiting
    self.waiting = []
    for waiter in waiting { waiter.done.fail(error) }
    deliver.finish(throwing: error)
    context.close(promise: nil)
  }
}

internal import NIOCore

/// What a subscribed connection is asked.
struct SubscriptionRequest: Sendable {
  var command: [String]
  /// How many answers it has.
  var answers: Int
  /// Kept with the last of them.
  var done: EventLoopPromise<RedisValue>
  /// Then the connection is given up.
  var timeout: TimeAmount
}

/// Sorts what comes in on a subscribed connection into acknowledgements, messages and PONGs, and finds
/// out whether the peer is alive.
final class SubscriptionHandler: ChannelDuplexHandler, @unchecked Sendable {
  // Used on the channel's event loop only.
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = SubscriptionRequest
  typealias OutboundOut = ByteBuffer

  /// What was sent and is not answered. Answers come in the order of the commands, messages between
  /// them; so an error answer belongs to the first of these.
  private enum Waiting {
    case ping
    case request(rest: Int, done: EventLoopPromise<RedisValue>, timer: Scheduled<Void>)
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
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    pings = context.eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in
      self.ping(bound.value)
    }
    context.fireChannelActive()
  }

  private func ping(_ context: ChannelHandlerContext) {
    guard failure == nil else { return }
    waiting.append(.ping)
    var buffer = context.channel.allocator.buffer(capacity: 16)
    Command.append(["PING"], to: &buffer)
    context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    let sentAt = NIODeadline.now()
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: limit) {
      guard self.heardAt < sentAt else { return }
      self.fail(
        RedisError(kind: .timeout, message: "the server does not answer PING"),
        context: bound.value)
    }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let request = unwrapOutboundIn(data)
    if let failure {
      request.done.fail(failure)
      promise?.fail(failure)
      return
    }
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    let timer = context.eventLoop.scheduleTask(in: request.timeout) {
      self.fail(
        RedisError(kind: .timeout, message: "no acknowledgement in time"), context: bound.value)
    }
    waiting.append(.request(rest: request.answers, done: request.done, timer: timer))
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
    if case .array(let elements?) = value {
      let words = elements.map { $0.string ?? "" }
      switch (words.first, words.count) {
      case ("message", 3):
        deliver.yield(RedisMessage(channel: words[1], pattern: nil, payload: words[2]))
        return
      case ("pmessage", 4):
        deliver.yield(RedisMessage(channel: words[2], pattern: words[1], payload: words[3]))
        return
      case ("unsubscribe", _), ("punsubscribe", _):
        // Of its own accord, when the user's rights are taken away.
        return
      default:
        break
      }
    }
    switch waiting.first {
    case nil: break
    case .ping:
      // A refused PING (before AUTH, or without the right) shows a live server as well.
      waiting.removeFirst()
    case .request(let rest, let done, let timer):
      if case .error(let text) = value {
        waiting.removeFirst()
        timer.cancel()
        done.fail(RedisError(reply: text))
      } else if rest > 1 {
        waiting[0] = .request(rest: rest - 1, done: done, timer: timer)
      } else {
        waiting.removeFirst()
        timer.cancel()
        done.succeed(value)
      }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(
      RedisError(kind: .connection, message: "the server closed the connection"), context: context)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(RedisError(kind: .connection, message: "\(error)"), context: context)
  }

  /// We close: the messages end without an error.
  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    end(RedisError(kind: .connection, message: "the connection was closed"), messages: nil)
    context.close(mode: mode, promise: promise)
  }

  private func fail(_ error: RedisError, context: ChannelHandlerContext) {
    guard failure == nil else { return }
    end(error, messages: error)
    context.close(promise: nil)
  }

  private func end(_ error: RedisError, messages: RedisError?) {
    guard failure == nil else { return }
    failure = error
    pings?.cancel()
    let waiting = waiting
    self.waiting = []
    for case .request(_, let done, let timer) in waiting {
      timer.cancel()
      done.fail(error)
    }
    deliver.finish(throwing: messages)
  }
}

internal import NIOCore

/// Commands that are sent together, and the promise of their answers.
struct Pipeline: Sendable {
  var commands: [[String]]
  var answers: EventLoopPromise<[RedisValue]>
  /// Then the connection is given up.
  var timeout: TimeAmount
}

/// Pairs commands with answers, which come in the order of the commands.
final class CommandHandler: ChannelDuplexHandler, @unchecked Sendable {
  // Used on the channel's event loop only.
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = Pipeline
  typealias OutboundOut = ByteBuffer

  private struct Waiting {
    let count: Int
    let promise: EventLoopPromise<[RedisValue]>
    let timer: Scheduled<Void>
    var answers: [RedisValue] = []
  }

  private var decoder = ReplyDecoder()
  private var waiting: [Waiting] = []
  private var failure: RedisError?

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let pipeline = unwrapOutboundIn(data)
    if let failure {
      pipeline.answers.fail(failure)
      promise?.fail(failure)
      return
    }
    var buffer = context.channel.allocator.buffer(capacity: 64 * pipeline.commands.count)
    for command in pipeline.commands { Command.append(command, to: &buffer) }
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    let timer = context.eventLoop.scheduleTask(in: pipeline.timeout) {
      self.fail(
        RedisError(kind: .timeout, message: "no answer in time"), context: bound.value)
    }
    waiting.append(
      Waiting(count: pipeline.commands.count, promise: pipeline.answers, timer: timer))
    context.write(wrapOutboundOut(buffer), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    unwrapInboundIn(data).withUnsafeReadableBytes { decoder.feed($0) }
    do throws(RedisError) {
      while let answer = try decoder.next() {
        guard !waiting.isEmpty else {
          return fail(
            RedisError(kind: .protocol, message: "an answer without a command"), context: context)
        }
        waiting[0].answers.append(answer)
        if waiting[0].answers.count == waiting[0].count {
          let done = waiting.removeFirst()
          done.timer.cancel()
          done.promise.succeed(done.answers)
        }
      }
    } catch {
      fail(error, context: context)
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

  private func fail(_ error: RedisError, context: ChannelHandlerContext) {
    guard failure == nil else { return }
    failure = error
    let waiting = waiting
    self.waiting = []
    for waiter in waiting {
      waiter.timer.cancel()
      waiter.promise.fail(error)
    }
    context.close(promise: nil)
  }
}

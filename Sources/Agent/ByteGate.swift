internal import NIOCore

/// Stands before the HTTP encoder, and lets through bytes that are encoded already: an event goes to
/// thousands of readers as the same bytes, at the price of one system call each.
final class ByteGate: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer

  private var context: ChannelHandlerContext?

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  /// Sends bytes past the encoder.
  func send(_ bytes: ByteBuffer) {
    context?.writeAndFlush(NIOAny(bytes), promise: nil)
  }
}

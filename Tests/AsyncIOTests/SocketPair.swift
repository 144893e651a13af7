internal import Glibc
internal import Synchronization

/// Two sockets that are connected to each other.
final class SocketPair: Sendable {
  let a: Int32
  let b: Int32
  private let isClosed = Mutex(false)

  init() {
    var descriptors: [Int32] = [-1, -1]
    precondition(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &descriptors) == 0)
    a = descriptors[0]
    b = descriptors[1]
  }

  deinit {
    closeA()
    close(b)
  }

  /// Closes `a`, once.
  func closeA() {
    isClosed.withLock { isClosed in
      if !isClosed { close(a) }
      isClosed = true
    }
  }

  /// Whether nobody holds `a` any more, as `b` sees it.
  var isAtEnd: Bool {
    var byte: UInt8 = 0
    return recv(b, &byte, 1, Int32(MSG_DONTWAIT)) == 0
  }

  /// Makes `a` readable.
  func send() { precondition(write(b, "x", 1) == 1) }

  /// Makes `a` impossible to write.
  func fill() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while Glibc.send(a, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 {}
  }

  /// Makes `a` possible to write again.
  func drain() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while recv(b, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 {}
  }
}

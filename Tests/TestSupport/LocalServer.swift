internal import Foundation
internal import Glibc
internal import Synchronization

/// A TCP listener on 127.0.0.1 whose behaviour a test decides: for what real servers do only when they
/// are broken. Each connection has a thread of its own.
public final class LocalServer: Sendable {
  /// What is done with each connection; the descriptor is closed when it returns.
  public typealias Behaviour = @Sendable (Int32) -> Void

  /// Port that was given by the kernel.
  public let port: Int
  private let listener: Int32
  private let count = Mutex(0)
  private let open = Mutex<Set<Int32>>([])
  /// Then the listener's descriptor is closed, and its number may be another socket's.
  private let isStopped = Mutex(false)

  /// How many connections were accepted.
  public var accepted: Int { count.withLock { $0 } }

  /// Listens.
  public convenience init(_ behaviour: @escaping Behaviour) {
    self.init(backlog: 128)
    accept(behaviour)
  }

  private init(backlog: Int32) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        precondition(bind(descriptor, address, length) == 0 && listen(descriptor, backlog) == 0)
        precondition(getsockname(descriptor, address, &length) == 0)
      }
    }
    listener = descriptor
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  private func accept(_ behaviour: @escaping Behaviour) {
    let descriptor = listener
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = Glibc.accept(descriptor, nil, nil)
        guard connection >= 0, let self else {
          // Closed by this thread only: the number may be another listener's right afterwards.
          if connection >= 0 { _ = Glibc.close(connection) }
          _ = Glibc.close(descriptor)
          return
        }
        self.count.withLock { $0 += 1 }
        self.open.withLock { _ = $0.insert(connection) }
        Thread.detachNewThread { [weak self] in
          behaviour(connection)
          guard let self else {
            _ = Glibc.close(connection)
            return
          }
          self.open.withLock { open in
            open.remove(connection)
            _ = Glibc.close(connection)
          }
        }
      }
    }
  }

  /// A server that accepts, reads everything, and never answers.
  public static func silent() -> LocalServer {
    LocalServer { connection in while read(connection) != nil {} }
  }

  /// A server that accepts nobody and whose queue is full: the kernel drops what comes.
  public static func full() -> LocalServer {
    let server = LocalServer(backlog: 0)
    for _ in 0..<4 {
      let filler = connect(server.port, isBlocking: false)
      server.open.withLock { _ = $0.insert(filler) }
    }
    return server
  }

  /// An HTTP/1.1 server that reads one request head, writes `answer`, and closes.
  public static func http(_ answer: String, reset: Bool = false) -> LocalServer {
    LocalServer { connection in
      var head: [UInt8] = []
      while !String(decoding: head, as: UTF8.self).contains("\r\n\r\n") {
        guard let more = read(connection) else { return }
        head += more
      }
      write(connection, Array(answer.utf8))
      if reset {
        // Closing sends RST instead of FIN.
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
          connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
      }
    }
  }

  /// A port that nobody listens on.
  public static func closedPort() -> Int {
    let server = silent()
    server.stop()
    return server.port
  }

  /// Drops every packet of whoever wants to connect, so that he hears nothing; or no longer.
  func setDropping(_ isDropping: Bool) {
    isStopped.withLock { isStopped in
      if !isStopped { PacketFilter.set(isDropping, on: listener) }
    }
  }

  /// Stops listening and cuts every connection.
  public func stop() {
    isStopped.withLock { isStopped in
      if !isStopped { shutdown(listener, Int32(SHUT_RDWR)) }
      isStopped = true
    }
    cut()
  }

  /// Cuts every connection.
  public func cut() {
    open.withLock { open in
      for connection in open { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }

  /// The next bytes; `nil` at the end.
  public static func bytes(_ descriptor: Int32) -> [UInt8]? { read(descriptor) }

  /// Writes text.
  public static func reply(_ descriptor: Int32, _ text: String) {
    write(descriptor, Array(text.utf8))
  }

  static func read(_ descriptor: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 65536)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return count > 0 ? Array(bytes[..<count]) : nil
  }

  static func write(_ descriptor: Int32, _ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  static func connect(
    _ port: Int, isBlocking: Bool = true, receiveBuffer: Int32? = nil
  ) -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue) | (isBlocking ? 0 : Int32(SOCK_NONBLOCK.rawValue))
    let descriptor = socket(AF_INET, kind, 0)
    if var size = receiveBuffer {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 || !isBlocking else {
      _ = Glibc.close(descriptor)
      return -1
    }
    return descriptor
  }

  static func connect(socket path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    precondition(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      _ = Glibc.close(descriptor)
      return -1
    }
    return descriptor
  }
}

internal import Foundation
internal import Glibc
internal import Synchronization

/// Where a server of this host is.
public enum LocalAddress: Sendable {
  case port(Int)
  case socket(String)

  /// - Returns: A connected descriptor; -1 if nobody listens.
  public func connect() -> Int32 {
    switch self {
    case .port(let port): return LocalServer.connect(port)
    case .socket(let path):
      let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      if result == 0 { return descriptor }
      _ = Glibc.close(descriptor)
      return -1
    }
  }
}

/// What a server has answered.
public struct LocalAnswer: Sendable {
  public var status = 0
  /// By name, in lower case.
  public var headers: [String: String] = [:]
  public var body = ""
}

/// A client of HTTP/1.1 that keeps everything that it gets: it reads an answer to its end, or an event
/// stream as it comes.
public final class LocalClient: Sendable {
  /// A server-sent event.
  public struct Event: Sendable, Equatable {
    public var name = "message"
    public var id: String?
    public var data = ""
  }

  private struct State {
    var head: LocalAnswer?
    /// Of the body, without chunks.
    var text: [UInt8] = []
    var taken = 0
    var events: [Event] = []
    var retry: Int?
    var isOver = false
    var isPaused = false
  }

  /// A connection whose number is not used any more once it is closed: it is somebody else's then.
  private final class Connection: Sendable {
    let descriptor: Int32
    private let isClosed = Mutex(false)

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func cut() {
      isClosed.withLock { if !$0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    func close() {
      isClosed.withLock { isClosed in
        if !isClosed { _ = Glibc.close(descriptor) }
        isClosed = true
      }
    }
  }

  private let connection: Connection
  private let isHead: Bool
  private let state = Mutex(State())

  /// Asks, and reads in a thread of its own.
  public convenience init(
    _ address: LocalAddress, _ path: String, method: String = "GET",
    headers: [String: String] = [:]
  ) throws {
    try self.init(asking: address, path, method: method, headers: headers)
    let connection = connection
    Thread.detachNewThread { [weak self] in
      var bytes: [UInt8] = []
      while true {
        while self?.state.withLock({ $0.isPaused }) == true { Thread.sleep(forTimeInterval: 0.01) }
        guard let more = LocalServer.read(connection.descriptor), let self else { break }
        bytes += more
        if self.take(&bytes) { break }
      }
      self?.state.withLock { $0.isOver = true }
      connection.close()
    }
  }

  /// Many clients that ask for a path each, and one thread that reads for all of them: of sockets a machine
  /// has more than of threads.
  public static func crowd(_ address: LocalAddress, _ paths: [String]) throws -> [LocalClient] {
    let clients = try paths.map { try LocalClient(asking: address, $0) }
    Thread.detachNewThread {
      var bytes = Array(repeating: [UInt8](), count: clients.count)
      var polled = clients.map {
        pollfd(fd: $0.connection.descriptor, events: Int16(POLLIN), revents: 0)
      }
      while polled.contains(where: { $0.fd >= 0 }) {
        poll(&polled, nfds_t(polled.count), -1)
        for index in polled.indices where polled[index].fd >= 0 && polled[index].revents != 0 {
          let client = clients[index]
          if let more = LocalServer.read(polled[index].fd) {
            bytes[index] += more
            if !client.take(&bytes[index]) { continue }
          }
          client.state.withLock { $0.isOver = true }
          client.connection.close()
          polled[index].fd = -1
        }
      }
    }
    return clients
  }

  private init(
    asking address: LocalAddress, _ path: String, method: String = "GET",
    headers: [String: String] = [:]
  ) throws {
    let descriptor = address.connect()
    guard descriptor >= 0 else { throw TestSupportError("nobody listens on \(address)") }
    var head = "\(method) \(path) HTTP/1.1\r\n"
    for (name, value) in ["Host": "localhost"].merging(headers, uniquingKeysWith: { $1 }) {
      head += "\(name): \(value)\r\n"
    }
    LocalServer.write(descriptor, Array("\(head)\r\n".utf8))
    (connection, isHead) = (Connection(descriptor), method == "HEAD")
  }

  deinit { connection.cut() }

  /// Asks, and returns the whole answer.
  public static func get(
    _ address: LocalAddress, _ path: String, method: String = "GET",
    headers: [String: String] = [:]
  ) async throws -> LocalAnswer {
    let client = try LocalClient(address, path, method: method, headers: headers)
    try await eventually("an answer to \(path)") { client.isOver }
    guard var answer = client.head else { throw TestSupportError("no answer to \(path)") }
    answer.body = client.text
    return answer
  }

  /// Status and headers, when they are there.
  public var head: LocalAnswer? { state.withLock { $0.head } }
  /// The body so far.
  public var text: String { state.withLock { String(decoding: $0.text, as: UTF8.self) } }
  /// The events so far.
  public var events: [Event] { state.withLock { $0.events } }
  /// What the server asked for last.
  public var retry: Int? { state.withLock { $0.retry } }
  /// Whether the answer, or the connection, has ended.
  public var isOver: Bool { state.withLock { $0.isOver } }

  /// Reads nothing any more, or again. What is on its way already is still read.
  public func pause(_ isPaused: Bool) { state.withLock { $0.isPaused = isPaused } }

  /// Goes away.
  public func close() { connection.cut() }

  /// - Returns: Whether the answer is complete.
  private func take(_ bytes: inout [UInt8]) -> Bool {
    state.withLock { state in
      if state.head == nil {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        var head = LocalAnswer()
        head.status = Int(lines[0].split(separator: " ")[1]) ?? 0
        for line in lines.dropFirst() {
          let pair = line.split(separator: ":", maxSplits: 1)
          head.headers[pair[0].lowercased()] = pair[1].trimmingCharacters(in: .whitespaces)
        }
        state.head = head
        bytes.removeFirst(text[..<end.upperBound].utf8.count)
      }
      let headers = state.head?.headers ?? [:]
      if isHead || state.head?.status == 304 { return true }
      guard headers["transfer-encoding"] == "chunked" else {
        state.text += bytes
        bytes = []
        return Int(headers["content-length"] ?? "").map { state.text.count >= $0 } ?? false
      }
      var isLast = false
      while !isLast, let line = bytes.firstIndex(of: 0x0A) {
        let size = Int(String(decoding: bytes[..<(line - 1)], as: UTF8.self), radix: 16) ?? 0
        guard bytes.count >= line + 1 + size + 2 else { break }
        state.text += bytes[(line + 1)..<(line + 1 + size)]
        bytes.removeFirst(line + 1 + size + 2)
        isLast = size == 0
      }
      Self.takeEvents(&state)
      return isLast
    }
  }

  /// Events end with an empty line.
  private static func takeEvents(_ state: inout State) {
    var at = state.taken
    while let newline = state.text[at...].firstIndex(of: 0x0A) {
      guard newline == at else {
        at = newline + 1
        continue
      }
      var event = Event()
      let block = String(decoding: state.text[state.taken..<at], as: UTF8.self)
      for line in block.split(separator: "\n") {
        if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
        if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
        if line.hasPrefix("data: ") { event.data += line.dropFirst(6) }
        if line.hasPrefix("retry: ") { state.retry = Int(line.dropFirst(7)) }
      }
      if !event.data.isEmpty { state.events.append(event) }
      at = newline + 1
      state.taken = at
    }
  }
}

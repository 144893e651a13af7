internal import Synchronization
internal import TestSupport

/// A server that takes every statement and does none: the other end of psql (protocol 3.0, PostgreSQL
/// documentation, chapter "Message Formats"). All that psql learns from a server while it splits a script
/// is whether data of COPY are wanted, and whether a backslash escapes in `'…'`; a real one would need
/// minutes for what the statements of the regression suite do.
final class StatementSink: Sendable {
  /// Statements that came in one message, with what came for them.
  struct Received: Sendable {
    let text: String
    /// The data of each COPY … FROM STDIN that was taken.
    var data: [[UInt8]] = []
  }

  private let server: LocalServer
  private let log = Log()

  var conninfo: String {
    "host=127.0.0.1 port=\(server.port) user=a dbname=a sslmode=disable gssencmode=disable"
  }

  /// What has come, in order.
  var received: [Received] { log.messages.withLock { $0 } }

  /// - Parameter copies: For each COPY … FROM STDIN, in order, whether it is taken or refused.
  convenience init(copies: [Bool]) {
    let rest = Mutex(copies[...])
    self.init { text in
      var answers: [Bool] = []
      for part in text.split(separator: ";") where Session.isCopy(Session.words(part)) {
        answers.append(rest.withLock { $0.popFirst() ?? false })
        if answers.last == false { break }
      }
      return answers
    }
  }

  /// - Parameter copiesOfMessages: For each message, in order, of how many COPY … FROM STDIN it takes data.
  convenience init(copiesOfMessages: [Int]) {
    let rest = Mutex(copiesOfMessages[...])
    self.init { _ in Array(repeating: true, count: rest.withLock { $0.popFirst() ?? 0 }) }
  }

  private init(answers: @escaping @Sendable (String) -> [Bool]) {
    let log = log
    server = LocalServer { descriptor in
      Session(descriptor: descriptor, answers: answers, log: log).run()
    }
  }

  func stop() { server.stop() }
}

private final class Log: Sendable {
  let messages = Mutex<[StatementSink.Received]>([])
}

/// One connection.
private struct Session {
  let descriptor: Int32
  let answers: (String) -> [Bool]
  let log: Log
  private var buffer: [UInt8] = []
  /// What is sent at once: in small pieces TCP would wait for the other side's word after each.
  private var output = ""

  init(descriptor: Int32, answers: @escaping (String) -> [Bool], log: Log) {
    self.descriptor = descriptor
    self.answers = answers
    self.log = log
  }

  func run() {
    var session = self
    session.serve()
  }

  private mutating func serve() {
    guard take(hasType: false) != nil else { return }
    send("R", "\0\0\0\0")
    for (name, value) in [
      ("server_version", "15.18"), ("client_encoding", "UTF8"),
      ("standard_conforming_strings", "on"),
    ] {
      send("S", "\(name)\0\(value)\0")
    }
    ready()
    while let message = take(hasType: true) {
      switch message.type {
      case UInt8(ascii: "Q"):
        answer(String(decoding: message.body.dropLast(), as: UTF8.self))
        ready()
      // \gdesc and large objects: not here.
      case UInt8(ascii: "P"):
        let text = message.body.split(separator: 0, omittingEmptySubsequences: false).dropFirst()
          .first
        log.messages.withLock {
          $0.append(.init(text: String(decoding: text ?? [], as: UTF8.self)))
        }
        refuse()
      case UInt8(ascii: "F"):
        refuse()
        ready()
      case UInt8(ascii: "S"): ready()
      default: break
      }
    }
  }

  private mutating func answer(_ text: String) {
    let words = Self.words(text)
    if words.count > 1, words[1] == "standard_conforming_strings", words[0] != "show" {
      let isOff = words[0] == "set" && words.last == "off"
      send("S", "standard_conforming_strings\0\(isOff ? "off" : "on")\0")
    }
    var received = StatementSink.Received(text: text)
    defer { log.messages.withLock { $0.append(received) } }
    for isTaken in answers(text) {
      guard isTaken else { return refuse() }
      send("G", "\0\0\0")
      flush()
      var data: [UInt8] = []
      while let message = take(hasType: true), message.type == UInt8(ascii: "d") {
        data += message.body
      }
      received.data.append(data)
      send("C", "COPY 0\0")
    }
    send("C", "DO\0")
  }

  static func words(_ text: some StringProtocol) -> [String] {
    text.lowercased().split { " \n\t;".contains($0) }.prefix(40).map(String.init)
  }

  static func isCopy(_ words: [String]) -> Bool {
    words.first == "copy"
      && zip(words, words.dropFirst()).contains {
        $0 == "from" && ($1 == "stdin" || $1 == "stdout")
      }
  }

  private mutating func refuse() { send("E", "SERROR\0VERROR\0C0A000\0Mnot here\0\0") }

  private mutating func ready() {
    send("Z", "I")
    flush()
  }

  private mutating func flush() {
    LocalServer.reply(descriptor, output)
    output = ""
  }

  /// Only short ones of ASCII, so that they are text.
  private mutating func send(_ type: String, _ body: String) {
    let length = UnicodeScalar(UInt8(body.utf8.count + 4))
    output += "\(type)\0\0\0\(length)\(body)"
  }

  private mutating func take(hasType: Bool) -> (type: UInt8, body: ArraySlice<UInt8>)? {
    let head = hasType ? 5 : 4
    guard fill(head) else { return nil }
    let length = buffer[head - 4..<head].reduce(0) { $0 << 8 | Int($1) } + head - 4
    guard fill(length) else { return nil }
    let message = buffer[..<length]
    buffer.removeFirst(length)
    return (message[0], message[head...])
  }

  private mutating func fill(_ count: Int) -> Bool {
    while buffer.count < count {
      guard let more = LocalServer.bytes(descriptor) else { return false }
      buffer += more
    }
    return true
  }
}

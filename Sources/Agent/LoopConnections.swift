internal import Glibc
internal import NIOCore
internal import Synchronization

/// The connections of one event loop. Used on that loop only, and so without a lock.
final class LoopConnections {
  /// Whom a broadcast is for.
  private struct Audience: Hashable {
    var service: String
    var scope: AgentScope
  }

  private var connections: [ObjectIdentifier: Connection] = [:]
  private var audiences: [Audience: [ObjectIdentifier: Connection]] = [:]
  private var ticks = 0
  private var ticking: RepeatedTask?
  /// Nothing new begins.
  private(set) var isClosing = false
  /// As the header `Date` has it (RFC 9110, section 5.6.7).
  private(set) var date = LoopConnections.dateNow()

  /// Begins to look after the connections, once a second.
  func begin(on loop: any EventLoop, _ box: NIOLoopBoundBox<LoopConnections>) {
    ticking = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
      box.value.tick()
    }
  }

  func add(_ connection: Connection) { connections[ObjectIdentifier(connection)] = connection }

  func remove(_ connection: Connection) { connections[ObjectIdentifier(connection)] = nil }

  /// A connection has become a stream.
  func follow(_ connection: Connection, _ board: ServiceBoard, _ scope: AgentScope) {
    audiences[Audience(service: board.service, scope: scope), default: [:]][
      ObjectIdentifier(connection)] = connection
  }

  /// A stream has ended.
  func leave(_ connection: Connection, _ board: ServiceBoard, _ scope: AgentScope) {
    let audience = Audience(service: board.service, scope: scope)
    audiences[audience]?[ObjectIdentifier(connection)] = nil
    if audiences[audience]?.isEmpty == true { audiences[audience] = nil }
  }

  /// Sends what has changed to whom it is for.
  func send(_ broadcasts: [ServiceBoard.Broadcast], of board: ServiceBoard) {
    for broadcast in broadcasts {
      let audience = Audience(service: board.service, scope: broadcast.scope)
      guard let readers = audiences[audience] else { continue }
      var sent = 0
      var skipped = 0
      for reader in readers.values {
        switch reader.take(broadcast) {
        case .sent: sent += 1
        case .skipped: skipped += 1
        case .known: break
        }
      }
      board.figures.events.add(sent, ordering: .relaxed)
      board.figures.skipped.add(skipped, ordering: .relaxed)
    }
  }

  /// Ends every stream with what its reader needs to come back, and every connection.
  func close() {
    isClosing = true
    ticking?.cancel()
    for connection in connections.values { connection.end() }
  }

  /// Ends what is left without asking.
  func cut() {
    for connection in connections.values { connection.cut() }
  }

  private func tick() {
    ticks += 1
    date = Self.dateNow()
    let now = NIODeadline.now()
    for (index, connection) in connections.values.enumerated() {
      connection.tick(
        now, isCommentDue: (index + ticks) % ServerSentEvent.keepAlive == 0)
    }
  }

  private static func dateNow() -> String {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    var text = [CChar](repeating: 0, count: 64)
    let count = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    return String(decoding: text[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

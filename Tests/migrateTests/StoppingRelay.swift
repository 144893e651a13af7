internal import Foundation
internal import Glibc
internal import Synchronization

@testable internal import TestSupport

/// Forwards connections to a server, and on the first of them lets one message of the client through and
/// then nothing more, in either direction: the client stands at that step until it, or the server's end,
/// is ended, or until the relay goes on.
final class StoppingRelay: Sendable {
  private struct State {
    var connections = 0
    var messages = 0
    var hasStopped = false
    /// The last message that passed.
    var last = ""
    /// What the server has answered since.
    var kept: [(connection: Int32, bytes: [UInt8])] = []
    /// Whether it has gone on, and stops nothing any more.
    var goesOn = false
  }

  private let server: LocalServer
  private let state: Shared

  private final class Shared: Sendable {
    let state = Mutex(State())

    /// Passes an answer of the server's on to the first client, or keeps it.
    func answer(_ bytes: [UInt8], to connection: Int32) {
      state.withLock { state in
        if state.hasStopped {
          state.kept.append((connection, bytes))
        } else {
          LocalServer.write(connection, bytes)
        }
      }
    }

    func goOn() {
      state.withLock { state in
        guard state.hasStopped else { return }
        for (connection, bytes) in state.kept { LocalServer.write(connection, bytes) }
        state.kept = []
        state.hasStopped = false
        state.goesOn = true
      }
    }
  }

  var port: Int { server.port }

  /// The connection string of a database through it, as the superuser.
  func conninfo(_ database: TestDatabase) -> String {
    "host=127.0.0.1 port=\(port) user=postgres dbname=\(database.name) sslmode=disable gssencmode=disable"
  }

  /// Whether the message has passed.
  var hasStopped: Bool { state.state.withLock { $0.hasStopped } }

  /// The message behind which nothing passes any more.
  var last: String { state.state.withLock { $0.last } }

  /// Forwards to a Unix-domain socket.
  /// - Parameter step: Which message of the first client is the last one to pass, from 1.
  convenience init(toSocket path: String, at step: Int) {
    self.init(toSocket: path) { message, _ in message == step }
  }

  /// - Parameters:
  ///   - text: What the last message to pass has in it.
  ///   - count: Which message of that kind it is, from 1.
  ///   - goesOnBehindCancel: Whether it goes on once another connection has ended: a cancellation of the
  ///     client's, which has then reached the server.
  convenience init(
    toSocket path: String, behind text: String, count: Int = 1, goesOnBehindCancel: Bool = false
  ) {
    let seen = Mutex(0)
    self.init(toSocket: path, goesOnBehindCancel: goesOnBehindCancel) { _, bytes in
      guard String(decoding: bytes, as: UTF8.self).contains(text) else { return false }
      return seen.withLock { seen in
        seen += 1
        return seen == count
      }
    }
  }

  /// - Parameter isLast: Whether a message of the first client, from 1, is the last one to pass.
  private init(
    toSocket path: String, goesOnBehindCancel: Bool = false,
    isLast: @escaping @Sendable (Int, [UInt8]) -> Bool
  ) {
    let shared = Shared()
    state = shared
    server = LocalServer { connection in
      let upstream = LocalServer.connect(socket: path)
      guard upstream >= 0 else { return }
      let isFirst = shared.state.withLock { state in
        state.connections += 1
        return state.connections == 1
      }
      let done = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        while let bytes = LocalServer.read(upstream) {
          if isFirst {
            shared.answer(bytes, to: connection)
          } else {
            LocalServer.write(connection, bytes)
          }
        }
        _ = Glibc.shutdown(connection, Int32(SHUT_RDWR))
        done.signal()
      }
      var messages = ClientMessages()
      while let read = LocalServer.read(connection) {
        for bytes in isFirst ? messages.add(read) : [read] {
          let passes = shared.state.withLock { state -> Bool in
            guard isFirst, !state.goesOn else { return true }
            guard !state.hasStopped else { return false }
            state.messages += 1
            // Before it is sent: its answer must not slip through.
            state.hasStopped = isLast(state.messages, bytes)
            if state.hasStopped { state.last = String(decoding: bytes, as: UTF8.self) }
            return true
          }
          if passes { LocalServer.write(upstream, bytes) }
        }
      }
      _ = Glibc.shutdown(upstream, Int32(SHUT_RDWR))
      done.wait()
      _ = Glibc.close(upstream)
      if goesOnBehindCancel, !isFirst { shared.goOn() }
    }
  }

  /// Lets everything pass again, first what the server has answered meanwhile.
  func goOn() { state.goOn() }

  /// Stops listening and cuts every connection.
  func stop() { server.stop() }
}

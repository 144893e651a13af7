internal import Foundation
internal import Glibc
internal import Synchronization

@testable internal import TestSupport

/// Forwards connections to a server, and on the first of them lets one message of the client through and
/// then nothing more, in either direction: the client stands at that step until it, or the server's end,
/// is ended.
final class StoppingRelay: Sendable {
  private struct State {
    var connections = 0
    var messages = 0
    var hasStopped = false
  }

  private let server: LocalServer
  private let state: Shared

  private final class Shared: Sendable {
    let state = Mutex(State())
  }

  var port: Int { server.port }

  /// Whether the message has passed.
  var hasStopped: Bool { state.state.withLock { $0.hasStopped } }

  /// Forwards to a Unix-domain socket.
  /// - Parameter step: Which message of the first client is the last one to pass, from 1.
  convenience init(toSocket path: String, at step: Int) {
    self.init(toSocket: path) { message, _ in message == step }
  }

  /// - Parameter text: What the last message to pass has in it.
  convenience init(toSocket path: String, behind text: String) {
    self.init(toSocket: path) { _, bytes in
      String(decoding: bytes, as: UTF8.self).contains(text)
    }
  }

  /// - Parameter isLast: Whether a message of the first client, from 1, is the last one to pass.
  private init(toSocket path: String, isLast: @escaping @Sendable (Int, [UInt8]) -> Bool) {
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
          let isStopped = isFirst && shared.state.withLock { $0.hasStopped }
          if !isStopped { LocalServer.write(connection, bytes) }
        }
        _ = Glibc.shutdown(connection, Int32(SHUT_RDWR))
        done.signal()
      }
      while let bytes = LocalServer.read(connection) {
        let passes = shared.state.withLock { state -> Bool in
          guard isFirst else { return true }
          guard !state.hasStopped else { return false }
          state.messages += 1
          // Before it is sent: its answer must not slip through.
          state.hasStopped = isLast(state.messages, bytes)
          return true
        }
        if passes { LocalServer.write(upstream, bytes) }
      }
      _ = Glibc.shutdown(upstream, Int32(SHUT_RDWR))
      done.wait()
      _ = Glibc.close(upstream)
    }
  }

  /// Stops listening and cuts every connection.
  func stop() { server.stop() }
}

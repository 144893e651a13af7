internal import Foundation
internal import Glibc
internal import Synchronization

/// Forwards connections to a server on this host, counts them, and does to them what a network or a
/// slow peer does: loses packets without a word, holds them back, or does not read.
public final class Relay: Sendable {
  private enum Target {
    case port(Int, receiveBuffer: Int?)
    case socket(String)

    func connect() -> Int32 {
      switch self {
      case .port(let port, let receiveBuffer):
        LocalServer.connect(port, receiveBuffer: receiveBuffer.map(Int32.init))
      case .socket(let path): LocalServer.connect(socket: path)
      }
    }
  }

  /// Where new connections go.
  private final class Aim: Sendable {
    let target: Mutex<Target>
    init(_ target: Target) { self.target = Mutex(target) }
  }

  private let server: LocalServer
  private let path: Path
  private let aim: Aim

  public var port: Int { server.port }
  /// How many connections were accepted.
  public var accepted: Int { server.accepted }

  /// Forwards to a port of 127.0.0.1.
  /// - Parameter receiveBuffer: Of the connection to the server, in bytes; `nil` is the kernel's.
  public convenience init(to port: Int, receiveBuffer: Int? = nil) {
    self.init(.port(port, receiveBuffer: receiveBuffer))
  }

  /// Forwards to a Unix-domain socket.
  /// - Parameter trap: Stops a call of the clients'.
  public convenience init(toSocket path: String, trap: Trap? = nil) {
    self.init(.socket(path), trap: trap)
  }

  private init(_ target: Target, trap: Trap? = nil) {
    let (path, aim) = (Path(), Aim(target))
    self.path = path
    self.aim = aim
    server = LocalServer { connection in
      let upstream = aim.target.withLock { $0 }.connect()
      guard upstream >= 0 else { return }
      let flow = path.open(connection)
      let done = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        while path.mayAnswer(flow), let bytes = LocalServer.read(upstream), path.mayAnswer(flow) {
          if trap?.stopsAnswer(to: flow) == true { path.swallow(flow) }
          if !path.isSwallowed(flow) { LocalServer.write(connection, bytes) }
        }
        if path.mayAnswer(flow), !path.isSwallowed(flow) {
          _ = Glibc.shutdown(connection, Int32(SHUT_RDWR))
        }
        done.signal()
      }
      while let bytes = LocalServer.read(connection) {
        if trap?.stops(bytes, of: flow) == true { path.swallow(flow) }
        if path.mayAsk(flow, bytes) { LocalServer.write(upstream, bytes) }
      }
      path.close(flow)
      shutdown(upstream, Int32(SHUT_RDWR))
      done.wait()
      _ = Glibc.close(upstream)
    }
  }

  /// From now on nothing passes on the connections that there are; new ones work. What is sent is
  /// acknowledged all the same: for packets that are lost, see `drop()`.
  public func swallow() { path.swallow() }

  /// From now on every packet is dropped, those of new connections, too. Nobody is told.
  public func drop() {
    server.setDropping(true)
    _ = path.drop { _ in true }
  }

  /// Drops every packet of the connections on which `text` was sent to the server, of those that there
  /// are now.
  /// - Returns: How many connections that are.
  @discardableResult
  public func drop(whereSaid text: String) -> Int { path.drop { $0.contains(text) } }

  /// Packets pass again, also on the connections that have outlived it.
  public func heal() {
    server.setDropping(false)
    path.heal()
  }

  /// Takes what is sent to the server, and keeps it back until `release()`.
  public func hold() { path.hold(true) }

  /// Passes on what was kept back.
  public func release() { path.hold(false) }

  /// How many bytes were kept back.
  public var held: Int { path.held }

  /// Reads nothing more from the server, until `resume()`: it has a peer that is too slow.
  public func stall() { path.stall(true) }

  /// Reads again.
  public func resume() { path.stall(false) }

  /// Forwards to another Unix-domain socket, and cuts the connections to the one before.
  public func turn(toSocket path: String) {
    aim.target.withLock { $0 = .socket(path) }
    cut()
  }

  /// Cuts every connection.
  public func cut() {
    path.cut()
    server.cut()
  }

  /// Stops listening and cuts every connection.
  public func stop() {
    path.cut()
    server.stop()
  }
}

/// What passes through a relay, and what does not.
private final class Path: Sendable {
  private struct Flow {
    var descriptor: Int32
    var said = ""
    var isSwallowed = false
    var isDropped = false
  }

  private struct State {
    var flows: [Int: Flow] = [:]
    var count = 0
    var isHeld = false
    var isStalled = false
    var held = 0
  }

  private let state = Mutex(State())
  private let turn = NSCondition()

  var held: Int { state.withLock { $0.held } }

  func open(_ descriptor: Int32) -> Int {
    state.withLock { state in
      state.count += 1
      state.flows[state.count] = Flow(descriptor: descriptor)
      return state.count
    }
  }

  func close(_ flow: Int) {
    change { $0.flows[flow] = nil }
  }

  /// Waits until bytes of a client may pass.
  /// - Returns: Whether they do.
  func mayAsk(_ flow: Int, _ bytes: [UInt8]) -> Bool {
    state.withLock { state in
      // Enough to tell what a connection is for.
      if state.flows[flow]?.said.utf8.count ?? 0 < 100_000 {
        state.flows[flow]?.said += String(decoding: bytes, as: UTF8.self)
      }
      if state.isHeld { state.held += bytes.count }
    }
    wait { !$0.isHeld }
    return !isSwallowed(flow)
  }

  /// Waits until bytes of the server may pass, or until the connection is gone.
  func mayAnswer(_ flow: Int) -> Bool {
    wait { !$0.isStalled && $0.flows[flow]?.isDropped != true }
    return state.withLock { $0.flows[flow] != nil }
  }

  func isSwallowed(_ flow: Int) -> Bool {
    state.withLock { $0.flows[flow]?.isSwallowed ?? true }
  }

  func swallow() { each { $0.isSwallowed = true } }

  func swallow(_ flow: Int) { change { $0.flows[flow]?.isSwallowed = true } }

  func drop(where isMeant: (String) -> Bool) -> Int {
    state.withLock { state in
      var count = 0
      for (id, flow) in state.flows where isMeant(flow.said) {
        PacketFilter.set(true, on: flow.descriptor)
        state.flows[id]?.isDropped = true
        count += 1
      }
      return count
    }
  }

  func heal() {
    each { flow in
      if flow.isDropped { PacketFilter.set(false, on: flow.descriptor) }
      flow.isDropped = false
    }
  }

  func hold(_ isHeld: Bool) {
    change { state in
      state.isHeld = isHeld
      state.held = 0
    }
  }

  func stall(_ isStalled: Bool) { change { $0.isStalled = isStalled } }

  /// Lets go of whoever waits, since the connections end.
  func cut() {
    each { flow in
      flow.isSwallowed = true
      flow.isDropped = false
    }
    change { state in
      state.isHeld = false
      state.isStalled = false
    }
  }

  private func each(_ body: (inout Flow) -> Void) {
    change { state in
      for id in state.flows.keys { body(&state.flows[id]!) }
    }
  }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    turn.lock()
    turn.broadcast()
    turn.unlock()
  }

  private func wait(until condition: (State) -> Bool) {
    turn.lock()
    defer { turn.unlock() }
    while !state.withLock({ condition($0) }) { turn.wait() }
  }
}

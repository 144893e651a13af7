internal import Foundation
internal import HTTP
internal import Synchronization
internal import TestSupport
internal import Testing

@testable import Kubernetes

/// What a client does when the way or the server is not as it should be.
@Suite(.timeLimit(.minutes(2))) struct BehaviourTests {
  func play(
    _ script: @escaping ScriptedAPIServer.Script = { _ in .answer(.init(200)) },
    _ body: (ScriptedAPIServer) async throws -> Void
  ) async throws {
    let server = try await ScriptedAPIServer.start(script)
    defer { server.stop() }
    try await body(server)
  }

  func client(
    _ server: ScriptedAPIServer, timeout: Duration = .seconds(20), maxInFlight: Int = 100,
    through relay: Relay? = nil
  ) throws -> KubernetesClient {
    var configuration = try server.configuration(
      credentials: KubernetesConfiguration.Credentials.none)
    if let relay { configuration.server = "https://127.0.0.1:\(relay.port)" }
    return try KubernetesClient(configuration, timeout: timeout, maxInFlight: maxInFlight)
  }

  @Test func `Not more are under way than allowed, and each has its turn`() async throws {
    let underWay = Box(Mutex((now: 0, most: 0)))
    try await play({ _ in
      underWay.value.withLock { state in
        state.now += 1
        state.most = max(state.most, state.now)
      }
      try await Task.sleep(for: .milliseconds(5))
      underWay.value.withLock { $0.now -= 1 }
      return .answer(.init(200))
    }) { server in
      let client = try client(server, maxInFlight: 4)
      try await withThrowingTaskGroup { group in
        for _ in 0..<60 { group.addTask { _ = try await client.get("/x") } }
        try await group.waitForAll()
      }
      #expect(underWay.value.withLock { $0.most } == 4)
      #expect(server.requests.count == 60 && server.accepted == 1)
    }
  }

  @Test func `A hundred at once share one connection`() async throws {
    try await play { server in
      server.follow { [server] _ in
        try await eventually { server.requests.count == 100 }
        return .answer(.init(200))
      }
      let client = try client(server)
      try await withThrowingTaskGroup { group in
        for _ in 0..<100 { group.addTask { _ = try await client.get("/x") } }
        try await group.waitForAll()
      }
      #expect(server.accepted == 1)
    }
  }

  @Test func `Who gets no turn in time was not sent`() async throws {
    try await play({ _ in .silence }) { server in
      let client = try client(server, timeout: .seconds(2), maxInFlight: 1)
      let first = Task { try await client.create("/first", [:]) }
      try await eventually { server.requests.count == 1 }
      // Its turn comes too late, or not at all.
      let begin = ContinuousClock.now
      let second = try await refusal { try await client.create("/second", [:]) }
      #expect(second.transport?.code == .timeout && begin.duration(to: .now) < .seconds(10))
      #expect(try await refusal { try await first.value }.outcomeUnknown)
      // Sent, it may be lost on the way.
      #expect(second.outcomeUnknown || !server.requests.contains { $0.path.hasPrefix("/second") })
    }
  }

  @Test func `The deadline is that of the whole call, the second attempt included`() async throws {
    try await play({ request in
      if request.number == 1 {
        try await Task.sleep(for: .seconds(6))
        return .answer(.refusal(401))
      }
      return .silence
    }) { server in
      let own = try KubernetesConfiguration.load(path: Stack.current.provisionerKubeconfig)
      let client = try KubernetesClient(
        server.configuration(credentials: own.credentials), timeout: .seconds(10))
      let begin = ContinuousClock.now
      let error = try await refusal { try await client.get("/x") }
      #expect(error.transport?.code == .timeout && server.requests.count == 2)
      // Not ten seconds more for the second one.
      #expect(begin.duration(to: .now) < .milliseconds(15_900))
    }
  }

  @Test func `Packets are lost: the next call finds it out in seconds, and goes another way`()
    async throws
  {
    try await play { server in
      let relay = Relay(to: server.port)
      defer { relay.stop() }
      let client = try client(server, timeout: .seconds(30), through: relay)
      _ = try await client.create("/x", [:])
      #expect(relay.drop(whereSaid: Self.greeting) == 1)
      let begin = ContinuousClock.now
      _ = try await client.create("/x", [:])
      let took = begin.duration(to: .now)
      #expect(took > .seconds(2) && took < .seconds(20), "\(took)")
      #expect(relay.accepted == 2 && server.requests.map(\.connection) == [1, 2])
    }
  }

  @Test func `Packets are lost while a call is under way`() async throws {
    try await play({ $0.connection == 1 ? .silence : .answer(.init(200)) }) { server in
      let relay = Relay(to: server.port)
      defer { relay.stop() }
      let client = try client(server, timeout: .seconds(40), through: relay)
      let call = Task { try await client.create("/x", [:]) }
      try await eventually { server.requests.count == 1 }
      let begin = ContinuousClock.now
      relay.drop(whereSaid: Self.greeting)
      // Keepalive finds out what nothing is sent on.
      let error = try await refusal { try await call.value }
      let took = begin.duration(to: .now)
      #expect(error.transport?.code == .reset && error.outcomeUnknown, "\(error)")
      #expect(took < .seconds(20), "\(took)")
      _ = try await client.get("/x")
    }
  }

  @Test func `Packets are lost while nothing is under way: the next call does not feel it`()
    async throws
  {
    try await play { server in
      let relay = Relay(to: server.port)
      defer { relay.stop() }
      let client = try client(server, through: relay)
      _ = try await client.get("/x")
      #expect(try Self.established(to: relay.port) == 1)
      relay.drop(whereSaid: Self.greeting)
      let begin = ContinuousClock.now
      try await eventually(within: .seconds(40), "keepalive ends the connection") {
        try Self.established(to: relay.port) == 0
      }
      #expect(begin.duration(to: .now) < .seconds(20), "\(begin.duration(to: .now))")
      let again = ContinuousClock.now
      _ = try await client.get("/x")
      let took = again.duration(to: .now)
      #expect(took < .seconds(3) && relay.accepted == 2, "\(took), \(relay.accepted) connections")
    }
  }

  /// What every connection says of itself, in the clear: the protocol that it wants (ALPN).
  private static let greeting = "h2"

  /// How many connections of this host to a port are open (proc(5), /proc/net/tcp).
  private static func established(to port: Int) throws -> Int {
    let remote = ":" + String(format: "%04X", port)
    // To its end: its size is said to be zero.
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/net/tcp"))
    let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    return text.split(separator: "\n").count { line in
      let fields = line.split(separator: " ")
      return fields[2].hasSuffix(remote) && fields[3] == "01"
    }
  }

  @Test func `A rotated authority is noticed, and the old one is trusted no longer`() async throws {
    let folder = try Folder()
    try await play { server in
      func write(_ authority: [UInt8]) throws {
        try folder.write("ca.crt", String(decoding: authority, as: UTF8.self))
      }
      let old = server.authorityCertificate
      try write(old)
      var configuration = try server.configuration(
        credentials: KubernetesConfiguration.Credentials.none)
      configuration.trust = .authorityFile("\(folder.path)/ca.crt")
      let client = try KubernetesClient(configuration)
      _ = try await client.get("/x")

      // The server is the first to change.
      let new = try await TestAuthority.make()
      try await server.use(new)
      server.cut()
      var distrusted = try await refusal { try await client.create("/x", [:]) }
      // The first one may have been under way on the connection that was cut.
      if distrusted.transport?.code == .reset {
        distrusted = try await refusal { try await client.create("/x", [:]) }
      }
      #expect(distrusted.transport?.code == .tls)
      try write(new.certificate)
      _ = try await client.get("/x")
      // While both are trusted the warm connection goes on only if the file does not change.
      try write(old + new.certificate)
      _ = try await client.get("/x")
      _ = try await client.get("/x")
      #expect(server.requests.map(\.connection).suffix(2) == [server.accepted, server.accepted])

      // The file is: a connection to whom it trusts no longer is not used, however warm it is.
      try write(old)
      let closed = try await refusal { try await client.get("/x") }
      #expect(closed.transport?.code == .tls)
      // A file that is being replaced, and one that holds no certificate: what was read stands.
      try write(new.certificate)
      _ = try await client.get("/x")
      try FileManager.default.removeItem(atPath: "\(folder.path)/ca.crt")
      _ = try await client.get("/x")
      try folder.write("ca.crt", "")
      _ = try await client.get("/x")
    }
  }

  @Test func `An authority's file that was never there is an error`() async throws {
    try await play { server in
      var configuration = try server.configuration(
        credentials: KubernetesConfiguration.Credentials.none)
      configuration.trust = .authorityFile("/absent/ca.crt")
      let error = try await refusal { try await KubernetesClient(configuration).create("/x", [:]) }
      #expect(error.message.contains("/absent/ca.crt") && !error.outcomeUnknown)
      configuration.trust = .authorities([])
      let empty = try await refusal { try await KubernetesClient(configuration).create("/x", [:]) }
      #expect(empty.transport?.code == .tls && !empty.outcomeUnknown, "\(empty)")
      #expect(server.requests.isEmpty)
    }
  }

  @Test func `What goes with each call`() async throws {
    let warnings = Box(Mutex<[String]>([]))
    try await play({ _ in
      .answer(.init(200, headers: [("Warning", #"299 - "one""#), ("Warning", #"299 - "two""#)]))
    }) { server in
      let client = try KubernetesClient(
        server.configuration(credentials: .token("t")), userAgent: "tester/1",
        onWarning: { text in warnings.value.withLock { $0.append(text) } })
      _ = try await client.create("/x?y", [:], auditID: "op/step/1")
      _ = try await client.mergePatch("/x", [:], options: .dryRun)
      _ = try await client.jsonPatch("/x", [], options: .init(fieldValidation: .warn))
      _ = try await client.replace("/x", [:], options: .init(fieldManager: "a b"))
      _ = try await client.apply("/x", [:], fieldManager: "m", force: true)
      _ = try await client.delete(
        "/x", uid: "u", resourceVersion: "7", propagation: .foreground, isDryRun: true)
      let requests = server.requests
      #expect(
        requests.map(\.path) == [
          "/x?y&fieldValidation=Strict", "/x?fieldValidation=Strict&dryRun=All",
          "/x?fieldValidation=Warn", "/x?fieldValidation=Strict&fieldManager=a%20b",
          "/x?force=true&fieldValidation=Strict&fieldManager=m", "/x",
        ])
      #expect(requests[0].header("audit-id") == "op/step/1")
      #expect(requests.allSatisfy { $0.header("user-agent") == "tester/1" })
      #expect(requests.allSatisfy { $0.header("authorization") == "Bearer t" })
      #expect(
        try JSONValue(parsing: requests[5].body) == [
          "apiVersion": "v1", "kind": "DeleteOptions", "dryRun": ["All"],
          "propagationPolicy": "Foreground",
          "preconditions": ["uid": "u", "resourceVersion": "7"],
        ])
      #expect(warnings.value.withLock { $0.count } == 12)
      #expect(warnings.value.withLock { Array($0.prefix(2)) } == ["one", "two"])
    }
  }
}

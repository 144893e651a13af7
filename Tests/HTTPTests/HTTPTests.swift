internal import Foundation
internal import Synchronization
internal import TestSupport
internal import Testing

@testable import HTTP

/// The stack's API server, the one real HTTP/2 server at hand.
struct APIServer {
  let port: Int
  let authorities: [UInt8]
  let identity: HTTPClientConfiguration.Identity

  init() throws {
    let file = URL(fileURLWithPath: Stack.current.adminKubeconfig)
    let text = try String(contentsOf: file, encoding: .utf8)
    port = Int(try #require(text.firstMatch(of: /server: https:\/\/127\.0\.0\.1:([0-9]+)/)).1)!
    func bytes(_ name: String) throws -> [UInt8] {
      Array(try Data(contentsOf: file.deletingLastPathComponent().appendingPathComponent(name)))
    }
    authorities = try bytes("ca.crt")
    identity = HTTPClientConfiguration.Identity(
      certificate: try bytes("admin.crt"), key: try bytes("admin.key"))
  }

  func configuration(serverName: String? = nil) -> HTTPClientConfiguration {
    var configuration = HTTPClientConfiguration()
    configuration.trust = .authorities(authorities)
    configuration.identity = identity
    configuration.serverName = serverName
    return configuration
  }

  func url(_ path: String = "/version", port: Int? = nil) -> String {
    "https://127.0.0.1:\(port ?? self.port)\(path)"
  }
}

func get(_ url: String, timeout: Duration = .seconds(10)) -> HTTPRequest {
  HTTPRequest(method: "GET", url: url, timeout: timeout)
}

func expectHTTP(
  _ code: HTTPError.Code, mayHaveReachedServer: Bool,
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async {
  do {
    try await body()
    Issue.record("no error", sourceLocation: sourceLocation)
  } catch let error as HTTPError {
    #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    #expect(
      error.mayHaveReachedServer == mayHaveReachedServer, "\(error)", sourceLocation: sourceLocation
    )
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
}

@Suite(.timeLimit(.minutes(2))) struct HTTPOverTLS {
  @Test func `50 parallel requests share one connection`() async throws {
    let server = try APIServer()
    let relay = Relay(to: server.port)
    defer { relay.stop() }
    let client = HTTPClient(server.configuration())
    try await withThrowingTaskGroup { group in
      for _ in 0..<50 {
        group.addTask {
          let response = try await client.send(get(server.url(port: relay.port)))
          #expect(response.status == 200)
        }
      }
      try await group.waitForAll()
    }
    #expect(try await client.send(get(server.url(port: relay.port))).status == 200)
    #expect(relay.accepted == 1)
  }

  @Test func `A certificate of an unknown authority is refused before anything is sent`()
    async throws
  {
    let server = try APIServer()
    var configuration = HTTPClientConfiguration()
    let redisCA = Array(try Data(contentsOf: URL(fileURLWithPath: Stack.current.redisCAFile)))
    for trust in [HTTPClientConfiguration.Trust.system, .authorities(redisCA)] {
      configuration.trust = trust
      let client = HTTPClient(configuration)
      await expectHTTP(.tls, mayHaveReachedServer: false) {
        _ = try await client.send(get(server.url()))
      }
    }
    configuration.trust = .anybody
    #expect(try await HTTPClient(configuration).send(get(server.url("/livez"))).status == 200)
  }

  @Test func `Beside an authority that is named, those of the system are not trusted`() async throws
  {
    let server = try APIServer()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ark-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("ca.crt")
    try Data(server.authorities).write(to: file)
    let hash = try await Tool.run(
      "/usr/bin/openssl", ["x509", "-noout", "-hash", "-in", file.path])
    try FileManager.default.moveItem(
      at: file, to: folder.appendingPathComponent(hash.output.prefix(8) + ".0"))

    var configuration = HTTPClientConfiguration()
    configuration.systemFolder = folder.path
    #expect(try await HTTPClient(configuration).send(get(server.url("/livez"))).status == 200)
    configuration.trust = .authorities(
      Array(try Data(contentsOf: URL(fileURLWithPath: Stack.current.redisCAFile))))
    let client = HTTPClient(configuration)
    await expectHTTP(.tls, mayHaveReachedServer: false) {
      _ = try await client.send(get(server.url("/livez")))
    }
  }

  @Test func `An authority that is no PEM is refused`() async throws {
    let server = try APIServer()
    var configuration = HTTPClientConfiguration()
    configuration.trust = .authorities(Array("nonsense".utf8))
    let client = HTTPClient(configuration)
    await expectHTTP(.tls, mayHaveReachedServer: false) {
      _ = try await client.send(get(server.url()))
    }
  }

  @Test func `The certificate must bear the server's name`() async throws {
    let server = try APIServer()
    let right = HTTPClient(server.configuration(serverName: "kubernetes.default.svc"))
    #expect(try await right.send(get(server.url())).status == 200)
    let wrong = HTTPClient(server.configuration(serverName: "wrong.example"))
    await expectHTTP(.tls, mayHaveReachedServer: false) {
      _ = try await wrong.send(get(server.url()))
    }
  }

  @Test func `A client certificate shows who we are`() async throws {
    let server = try APIServer()
    let known = try await HTTPClient(server.configuration()).send(get(server.url("/api/v1/nodes")))
    #expect(known.status == 200)
    var anonymous = server.configuration()
    anonymous.identity = nil
    let unknown = try await HTTPClient(anonymous).send(get(server.url("/api/v1/nodes")))
    #expect(unknown.status == 401 || unknown.status == 403)
  }

  @Test func `After a route is lost, a timeout, then a connection that works`() async throws {
    let server = try APIServer()
    let relay = Relay(to: server.port)
    defer { relay.stop() }
    let client = HTTPClient(server.configuration())
    let url = server.url(port: relay.port)
    #expect(try await client.send(get(url)).status == 200)
    relay.swallow()
    await expectHTTP(.timeout, mayHaveReachedServer: true) {
      _ = try await client.send(get(url, timeout: .seconds(1)))
    }
    #expect(try await client.send(get(url, timeout: .seconds(3))).status == 200)
    #expect(relay.accepted == 2)
  }

  @Test func `A lost route frees the connection from those that wait on it, too`() async throws {
    let server = try APIServer()
    let relay = Relay(to: server.port)
    defer { relay.stop() }
    let client = HTTPClient(server.configuration())
    let url = server.url(port: relay.port)
    #expect(try await client.send(get(url)).status == 200)
    relay.swallow()
    let first = Task { try await client.send(get(url, timeout: .seconds(1))) }
    try await Task.sleep(for: .milliseconds(300))
    let second = Task { try await client.send(get(url, timeout: .seconds(20))) }
    await expectHTTP(.timeout, mayHaveReachedServer: true) { _ = try await first.value }
    let begin = ContinuousClock.now
    #expect(try await client.send(get(url, timeout: .seconds(5))).status == 200)
    _ = await second.result
    #expect(begin.duration(to: .now) < .seconds(15))
  }

  @Test func `A slow answer does not end the connection of the others`() async throws {
    let server = try APIServer()
    let relay = Relay(to: server.port)
    defer { relay.stop() }
    let client = HTTPClient(server.configuration())
    // A watch is answered for as long as it lasts.
    let watch = server.url(
      "/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Dabsent", port: relay.port)
    let slow = Task { try await client.send(get(watch, timeout: .seconds(1))) }
    let other = Task {
      try await client.send(get(watch + "&timeoutSeconds=3", timeout: .seconds(20)))
    }
    for _ in 0..<20 {
      #expect(try await client.send(get(server.url(port: relay.port))).status == 200)
      try await Task.sleep(for: .milliseconds(100))
    }
    await expectHTTP(.timeout, mayHaveReachedServer: true) { _ = try await slow.value }
    #expect(try await other.value.status == 200)
    #expect(relay.accepted == 1)
  }

  @Test func `A kept connection that was cut is made anew`() async throws {
    let server = try APIServer()
    let relay = Relay(to: server.port)
    defer { relay.stop() }
    let client = HTTPClient(server.configuration())
    #expect(try await client.send(get(server.url(port: relay.port))).status == 200)
    relay.cut()
    try await Task.sleep(for: .milliseconds(200))
    #expect(try await client.send(get(server.url(port: relay.port))).status == 200)
  }

  @Test func `A server that accepts and is silent: a timeout, nothing was sent`() async throws {
    let server = LocalServer.silent()
    defer { server.stop() }
    var configuration = HTTPClientConfiguration()
    configuration.connectTimeout = .milliseconds(300)
    let client = HTTPClient(configuration)
    await expectHTTP(.timeout, mayHaveReachedServer: false) {
      _ = try await client.send(get("https://127.0.0.1:\(server.port)/"))
    }
  }
}

@Suite(.timeLimit(.minutes(2))) struct HTTPFaults {
  let client = HTTPClient()

  @Test func `Nobody listens, or the name is unknown`() async throws {
    await expectHTTP(.connect, mayHaveReachedServer: false) {
      _ = try await client.send(get("http://127.0.0.1:\(LocalServer.closedPort())/"))
    }
    await expectHTTP(.connect, mayHaveReachedServer: false) {
      _ = try await client.send(get("http://nobody.invalid/"))
    }
  }

  @Test func `No answer in time: the server may have it`() async throws {
    let server = LocalServer.silent()
    defer { server.stop() }
    let begin = ContinuousClock.now
    await expectHTTP(.timeout, mayHaveReachedServer: true) {
      _ = try await client.send(
        HTTPRequest(
          method: "POST", url: "http://127.0.0.1:\(server.port)/", body: Array("x".utf8),
          timeout: .milliseconds(300)))
    }
    #expect(begin.duration(to: .now) < .seconds(20))
  }

  @Test(arguments: [
    ("", false), ("", true), ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", false),
  ])
  func `An answer that is cut: the server may have it`(answer: String, reset: Bool) async throws {
    let server = LocalServer.http(answer, reset: reset)
    defer { server.stop() }
    await expectHTTP(.reset, mayHaveReachedServer: true) {
      _ = try await client.send(
        HTTPRequest(method: "POST", url: "http://127.0.0.1:\(server.port)/", body: Array("x".utf8)))
    }
    #expect(server.accepted == 1)
  }

  @Test
  func `A request that was sent on a kept connection, whose repetition fails, may have arrived`()
    async throws
  {
    let requests = Box(Mutex(0))
    let stop = Box(Mutex<(@Sendable () -> Void)?>(nil))
    let server = LocalServer { connection in
      while LocalServer.bytes(connection) != nil {
        let number = requests.value.withLock { number in
          number += 1
          return number
        }
        if number == 1 {
          LocalServer.reply(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        } else {
          // Has read it, and dies.
          stop.value.withLock { $0 }?()
          return
        }
      }
    }
    stop.value.withLock { $0 = { server.stop() } }
    let request = HTTPRequest(
      method: "POST", url: "http://127.0.0.1:\(server.port)/", body: Array("x".utf8))
    #expect(try await client.send(request).status == 200)
    do {
      _ = try await client.send(request)
      Issue.record("no error")
    } catch let error as HTTPError {
      #expect(error.mayHaveReachedServer, "\(error)")
    }
    #expect(requests.value.withLock { $0 } == 2)
    stop.value.withLock { $0 = nil }
  }

  @Test(arguments: ["GET", "POST", "PATCH"])
  func `What is lost on a kept connection is sent once more over a new one`(method: String)
    async throws
  {
    let requests = Box(Mutex(0))
    let server = LocalServer { connection in
      while LocalServer.bytes(connection) != nil {
        let number = requests.value.withLock { number in
          number += 1
          return number
        }
        // The second is read, and the connection closed.
        if number == 2 { return }
        LocalServer.reply(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      }
    }
    defer { server.stop() }
    let request = HTTPRequest(
      method: method, url: "http://127.0.0.1:\(server.port)/",
      body: method == "GET" ? nil : Array("x".utf8))
    #expect(try await client.send(request).status == 200)
    #expect(try await client.send(request).status == 200)
    #expect(requests.value.withLock { $0 } == 3)
    #expect(server.accepted == 2)
  }

  @Test(arguments: [
    "file:///etc/passwd", "ftp://127.0.0.1/", "http://", "http://a b/", "http://h:99999/",
  ])
  func `What is no HTTP URL is refused`(url: String) async throws {
    await expectHTTP(.configuration, mayHaveReachedServer: false) {
      _ = try await client.send(get(url))
    }
  }

  @Test func `A cancelled request ends at once, and the client goes on`() async throws {
    let silent = LocalServer.silent()
    defer { silent.stop() }
    let request = Task { [client] in try await client.send(get("http://127.0.0.1:\(silent.port)/"))
    }
    try await eventually { silent.accepted == 1 }
    let begin = ContinuousClock.now
    request.cancel()
    await #expect(throws: CancellationError.self) { try await request.value }
    #expect(begin.duration(to: .now) < .seconds(20))

    let early = Task { [client] in
      withUnsafeCurrentTask { $0?.cancel() }
      return try await client.send(get("http://127.0.0.1:\(silent.port)/"))
    }
    await #expect(throws: CancellationError.self) { try await early.value }

    let server = LocalServer.http("HTTP/1.1 204 No Content\r\n\r\n")
    defer { server.stop() }
    #expect(try await client.send(get("http://127.0.0.1:\(server.port)/")).status == 204)
  }

  @Test func `Cancelling many requests at any moment loses none`() async throws {
    let server = LocalServer.http(
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    defer { server.stop() }
    await withTaskGroup { group in
      for number in 0..<200 {
        group.addTask { [client] in
          let task = Task { try await client.send(get("http://127.0.0.1:\(server.port)/")) }
          try? await Task.sleep(for: .microseconds(number * 20))
          task.cancel()
          _ = await task.result
        }
      }
    }
    #expect(try await client.send(get("http://127.0.0.1:\(server.port)/")).status == 200)
  }
}

@Suite(.timeLimit(.minutes(2))) struct HTTPMessages {
  let client = HTTPClient()

  @Test func `Headers, and the blocks before the answer`() async throws {
    let server = LocalServer.http(
      "HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n"
        + "HTTP/1.1 200 OK\r\nX-One:  a b \r\nWarning: 1\r\nwarning: 2\r\nContent-Length: 2\r\n\r\nhi"
    )
    defer { server.stop() }
    let response = try await client.send(get("http://127.0.0.1:\(server.port)/"))
    #expect(response.status == 200 && response.body == Array("hi".utf8))
    #expect(response.header("x-one") == "a b")
    #expect(response.header("x-early") == nil)
    #expect(response.headers.filter { $0.name == "warning" }.map(\.value) == ["1", "2"])
  }

  @Test func `A redirect is an answer, and is not followed`() async throws {
    let target = LocalServer.http("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    let server = LocalServer.http(
      "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:\(target.port)/\r\nContent-Length: 0\r\n\r\n"
    )
    defer {
      server.stop()
      target.stop()
    }
    #expect(try await client.send(get("http://127.0.0.1:\(server.port)/")).status == 302)
    #expect(target.accepted == 0)
  }

  @Test func `Large bodies, both ways`() async throws {
    let size = 4_000_000
    let server = LocalServer { connection in
      var bytes: [UInt8] = []
      while true {
        guard let more = LocalServer.bytes(connection) else { return }
        bytes += more
        if bytes.count >= size { break }
      }
      LocalServer.reply(
        connection,
        "HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n" + String(repeating: "y", count: size))
    }
    defer { server.stop() }
    let response = try await client.send(
      HTTPRequest(
        method: "PUT", url: "http://127.0.0.1:\(server.port)/",
        body: [UInt8](repeating: 120, count: size)))
    #expect(response.body.count == size)
  }

  /// What a server receives for a request.
  func received(_ request: (Int) -> HTTPRequest) async throws -> String {
    let seen = Mutex("")
    let box = Box(seen)
    let server = LocalServer { connection in
      let bytes = LocalServer.bytes(connection) ?? []
      box.value.withLock { $0 = String(decoding: bytes, as: UTF8.self) }
      LocalServer.reply(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    }
    defer { server.stop() }
    _ = try await client.send(request(server.port))
    return box.value.withLock { $0 }
  }

  @Test func `Method, headers and body arrive as given`() async throws {
    let text = try await received { port in
      HTTPRequest(
        method: "PATCH", url: "http://127.0.0.1:\(port)/a?b=c",
        headers: [("Content-Type", "application/json-patch+json"), ("Audit-ID", "7")],
        body: Array("[]".utf8))
    }
    #expect(text.hasPrefix("PATCH /a?b=c HTTP/1.1\r\n"))
    #expect(text.contains("\r\nContent-Type: application/json-patch+json\r\n"))
    #expect(text.contains("\r\nAudit-ID: 7\r\n"))
    #expect(text.contains("\r\nUser-Agent: agent-ready-k8s"))
    #expect(!text.contains("Expect:"))
    #expect(text.hasSuffix("\r\n\r\n[]"))
  }

  @Test func `A body without bytes is still a body`() async throws {
    let text = try await received { port in
      HTTPRequest(method: "POST", url: "http://127.0.0.1:\(port)/", body: [])
    }
    #expect(text.hasPrefix("POST / HTTP/1.1\r\n"))
    #expect(text.contains("\r\nContent-Length: 0\r\n"))
  }

  @Test func `A header that would make two is refused`() async throws {
    await expectHTTP(.configuration, mayHaveReachedServer: false) {
      _ = try await received { port in
        HTTPRequest(
          method: "GET", url: "http://127.0.0.1:\(port)/",
          headers: [("Audit-ID", "1\r\nImpersonate-User: admin")])
      }
    }
  }
}

final class Box<Value: ~Copyable & Sendable>: Sendable {
  let value: Value
  init(_ value: consuming Value) { self.value = value }
}

@Suite struct HostAndPortTests {
  @Test func `Hosts, ports and the rest`() throws {
    let plain = try #require(HostAndPort(url: "https://api.example/version?x=1"))
    #expect(plain.host == "api.example" && plain.port == 443 && plain.rest == "/version?x=1")
    let six = try #require(HostAndPort(url: "https://[fd00::1]:6443"))
    #expect(six.host == "[fd00::1]" && six.port == 6443 && six.rest.isEmpty)
    #expect(HostAndPort(url: "ftp://h/") == nil)
    #expect(HostAndPort(url: "https://") == nil)
  }
}

internal import Foundation
internal import HTTP
internal import Kubernetes
internal import Synchronization
internal import TestSupport
internal import Testing

/// What our client makes of a server that does what a test says.
@Suite(.timeLimit(.minutes(2))) struct ScriptedServerTests {
  func play(
    _ script: @escaping ScriptedAPIServer.Script,
    _ body: (ScriptedAPIServer, KubernetesClient) async throws -> Void
  ) async throws {
    let server = try await ScriptedAPIServer.start(script)
    defer { server.stop() }
    try await body(
      server,
      KubernetesClient(
        server.configuration(credentials: KubernetesConfiguration.Credentials.none),
        timeout: .seconds(5)))
  }

  let configMap: JSONValue = [
    "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["generateName": "scripted-"],
    "data": ["a": "b"],
  ]

  @Test func `What is not decided, the real server answers`() async throws {
    try await play({ _ in .forward }) { server, client in
      let created = try await client.create("/api/v1/namespaces/default/configmaps", configMap)
      #expect(created["data"]?["a"] == "b")
      let path = "/api/v1/namespaces/default/configmaps/\(created["metadata"]!["name"]!.string!)"
      _ = try await client.delete(path, uid: nil, resourceVersion: nil)
      #expect(try await refusal { try await client.get(path) }.status?.code == 404)
      #expect(server.requests.map(\.method) == ["POST", "DELETE", "GET"])
      #expect(server.accepted == 1)
    }
  }

  @Test func `Whoever calls is whom the real server sees`() async throws {
    let server = try await ScriptedAPIServer.start()
    defer { server.stop() }
    let client = try KubernetesClient(.load(path: server.kubeconfig()))
    let error = try await refusal {
      try await client.get("/api/v1/namespaces/kube-system/secrets")
    }
    #expect(error.status?.code == 403)
    #expect(error.message.contains("agent-ready-k8s-system:provisioner"))
  }

  @Test func `Answers by method, path and number`() async throws {
    try await play({ request in
      if request.asks("GET", "/x"), request.nth == 2 {
        return .answer(.refusal(429, reason: "TooManyRequests", headers: [("Retry-After", "7")]))
      }
      return .answer(.init(200, #"{"path":"\#(request.path)","n":\#(request.nth)}"#))
    }) { _, client in
      #expect(try await client.get("/x?y=1") == ["path": "/x?y=1", "n": 1])
      let refused = try await refusal { try await client.get("/x") }
      #expect(refused.status?.code == 429 && refused.status?.retryAfter == .seconds(7))
      #expect(try await client.get("/x") == ["path": "/x", "n": 3])
      #expect(try await client.get("/y") == ["path": "/y", "n": 1])
    }
  }

  @Test func `A write that is done and whose answer is lost`() async throws {
    try await play({ request in
      guard request.method == "POST" else { return .forward }
      _ = try await request.forward()
      return .answer(.refusal(504, reason: "Timeout"))
    }) { _, client in
      let name = "scripted-\(UUID().uuidString.lowercased())"
      let base = "/api/v1/namespaces/default/configmaps"
      let error = try await refusal {
        try await client.create(base, configMap.setting("metadata", to: ["name": .string(name)]))
      }
      #expect(error.status?.code == 504 && error.outcomeUnknown)
      #expect(try await client.get("\(base)/\(name)")["data"]?["a"] == "b")
      _ = try await client.delete("\(base)/\(name)", uid: nil, resourceVersion: nil)
    }
  }

  @Test(arguments: ["GET", "POST", "PATCH", "DELETE"])
  func `REFUSED_STREAM is replayed`(method: String) async throws {
    try await play({ $0.nth <= 2 ? .reset(.refused) : .answer(.init(200)) }) { server, client in
      _ = try await client.send(method)
      #expect(server.requests.map(\.method) == [method, method, method])
      #expect(server.requests.allSatisfy { $0.body.isEmpty == (method == "GET") })
    }
  }

  @Test(arguments: ["GET", "POST", "PATCH", "DELETE"])
  func `What GOAWAY leaves out is replayed over a new connection`(method: String) async throws {
    try await play({ request in
      request.path.hasPrefix("/x") && request.connection == 1 ? .goAway : .answer(.init(200))
    }) { server, client in
      _ = try await client.get("/first")
      _ = try await client.send(method)
      #expect(server.requests.map(\.connection) == [1, 1, 2])
      #expect(server.requests.map(\.method) == ["GET", method, method])
      _ = try await client.send(method)
      #expect(server.accepted == 2)
    }
  }

  @Test func `What GOAWAY leaves out beside others is replayed, and the others are answered`()
    async throws
  {
    try await play({ _ in .answer(.init(200)) }) { server, client in
      server.follow { [server] request in
        guard request.connection == 1 else { return .answer(.init(200)) }
        if request.asks("POST", "/late") { return .goAway }
        try await eventually { server.requests.contains { $0.asks("POST", "/late") } }
        return .answer(.init(200))
      }
      let early = Task { try await client.create("/early", [:]) }
      try await eventually { server.requests.count == 1 }
      _ = try await client.create("/late", [:])
      _ = try await early.value
      #expect(server.requests.map { $0.path.prefix { $0 != "?" } } == ["/early", "/late", "/late"])
      #expect(server.accepted == 2)
    }
  }

  @Test func `What GOAWAY counts in is answered, and sent once`() async throws {
    try await play({ request in
      request.number == 1 ? .goAwayAfter(.answer(.init(201))) : .answer(.init(200))
    }) { server, client in
      _ = try await client.create("/x", [:])
      _ = try await client.create("/x", [:])
      #expect(server.requests.map(\.connection) == [1, 2])
    }
  }

  @Test func `GOAWAY while others are under way: each is answered, once`() async throws {
    try await play({ _ in .answer(.init(200)) }) { server, client in
      server.follow { [server] request in
        // All are under way when the connection is told to end.
        try await eventually { server.requests.count == 10 }
        if request.number == 10 { server.goAway() }
        return .answer(.init(200))
      }
      try await withThrowingTaskGroup { group in
        for number in 0..<10 { group.addTask { _ = try await client.create("/x/\(number)", [:]) } }
        try await group.waitForAll()
      }
      #expect(server.requests.count == 10)
      server.follow { _ in .answer(.init(200)) }
      _ = try await client.get("/y")
      #expect(server.requests.last?.connection == 2)
    }
  }

  @Test(arguments: [
    ScriptedAPIServer.Reaction.reset(.internalError), .reset(.cancel), .close,
    .cut(.init(200, #"{"a":"0123456789"}"#), afterBytes: 8),
  ])
  func `A write that is cut off may have happened`(reaction: ScriptedAPIServer.Reaction)
    async throws
  {
    try await play({ _ in reaction }) { server, client in
      let error = try await refusal { try await client.create("/x", [:]) }
      #expect(error.transport?.code == .reset && error.outcomeUnknown, "\(error)")
      #expect(server.requests.count == 1)
      server.follow { _ in .answer(.init(200)) }
      _ = try await client.get("/x")
    }
  }

  /// A refusal comes before the body is read. One window of flow control does not hold this one: it is not
  /// sent whole when the answer is here.
  @Test(arguments: [1, 2])
  func `A refusal that comes before the body was sent is not lost`(times: Int) async throws {
    let early = Mutex(0)
    try await play({ _ in .answer(.refusal(403)) }) { server, client in
      server.answerEarly { _, _ in
        early.withLock {
          $0 += 1
          return $0 <= times ? .refusal(403) : nil
        }
      }
      let large: JSONValue = ["data": ["a": .string(String(repeating: "x", count: 1 << 20))]]
      let error = try await refusal { try await client.create("/x", large) }
      #expect(error.status?.code == 403, "\(error.message)")
      // A libcurl that does not lose it hands on the first.
      #expect((1...times + 1).contains(early.withLock { $0 }))
    }
  }

  @Test func `Silence ends with the deadline`() async throws {
    try await play({ $0.method == "GET" ? .answer(.init(200)) : .silence }) { server, _ in
      let client = try KubernetesClient(
        server.configuration(credentials: KubernetesConfiguration.Credentials.none),
        timeout: .seconds(2))
      let error = try await refusal { try await client.create("/x", [:]) }
      #expect(error.transport?.code == .timeout && error.outcomeUnknown)
      _ = try await client.get("/x")
    }
  }

  @Test func `Down, and up again on the same port`() async throws {
    try await play({ _ in .answer(.init(200)) }) { server, client in
      _ = try await client.get("/x")
      try await server.goDown()
      // A call on the way while the connection is cut is reset; the next one finds nobody.
      try await eventually("nobody who listens") {
        try await refusal { try await client.get("/x") }.transport?.code == .connect
      }
      try await server.comeUp()
      _ = try await client.get("/x")
    }
  }
}

extension KubernetesClient {
  /// A call of that method, to `/x`.
  fileprivate func send(_ method: String) async throws -> JSONValue {
    switch method {
    case "GET": try await get("/x")
    case "POST": try await create("/x", ["a": "b"])
    case "PATCH": try await mergePatch("/x", ["a": "b"])
    default: try await delete("/x", uid: "u", resourceVersion: nil)
    }
  }
}

internal import Foundation
internal import TestSupport
internal import Testing

@testable import Redis

/// The stack's Redis, over TLS, as one of its users.
func redis(
  _ user: String?, password: String? = nil, port: Int? = nil, ca: String? = nil,
  stack: Stack = .current
) throws -> RedisConfiguration {
  let login = user.map { name in password.map { "\(name):\($0)@" } ?? "\(name)@" } ?? ""
  return try RedisConfiguration(
    url: "rediss://\(login)127.0.0.1:\(port ?? stack.redisPort)",
    caFile: ca ?? stack.redisCAFile,
    passwordFile: password == nil ? user.map(stack.redisPasswordFile) : nil)
}

func expectRedis(
  _ kind: RedisError.Kind, code: String? = nil,
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async {
  do {
    try await body()
    Issue.record("no error", sourceLocation: sourceLocation)
  } catch let error as RedisError {
    #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
    if let code { #expect(error.code == code, "\(error)", sourceLocation: sourceLocation) }
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
}

@Suite struct RedisCommands {
  @Test func `A pipeline answers in order, and an error disturbs no other answer`() async throws {
    let connection = try await RedisConnection.connect(try redis("operator"))
    let key = "test:\(UUID())"
    let answers = try await connection.pipeline([
      ["SET", key, "1"], ["LPUSH", key, "x"], ["INCR", key], ["GET", "absent:\(key)"],
      ["MGET", key, "absent:\(key)"], ["DEL", key],
    ])
    #expect(answers.count == 6)
    #expect(answers[0] == .simple("OK"))
    guard case .error(let text) = answers[1] else { return fail() }
    #expect(text.hasPrefix("WRONGTYPE"))
    #expect(
      answers[2...] == [
        .integer(2), .bulk(nil), .array([.bulk(Array("2".utf8)), .bulk(nil)]), .integer(1),
      ])
    await connection.close()
  }

  @Test func `Nested and null arrays`() async throws {
    let connection = try await RedisConnection.connect(try redis("operator"))
    let nested = try await connection.send(["EVAL", "return {1,{'a',{}},'b'}", "0"])
    #expect(nested == .array([.integer(1), .array([.bulk([97]), .array([])]), .bulk([98])]))
    let null = try await connection.send(["BLPOP", "absent:\(UUID())", "0.01"])
    #expect(null == .bulk(nil) || null == .array(nil))
    await connection.close()
  }

  @Test func `Empty and binary words, and a large answer`() async throws {
    let connection = try await RedisConnection.connect(try redis("operator"))
    #expect(try await connection.send(["ECHO", ""]) == .bulk([]))
    #expect(try await connection.send(["ECHO", "a\r\n\0ü"]).string == "a\r\n\0ü")
    let large = String(repeating: "x", count: 3_000_000)
    #expect(try await connection.send(["ECHO", large]).string == large)
    await connection.close()
  }

  @Test func `Many tasks share a connection`() async throws {
    let connection = try await RedisConnection.connect(try redis("operator"))
    try await withThrowingTaskGroup { group in
      for number in 0..<200 {
        group.addTask {
          let answer = try await connection.send(["ECHO", "\(number)"])
          #expect(answer.string == "\(number)")
        }
      }
      try await group.waitForAll()
    }
    await connection.close()
  }
}

@Suite struct RedisRights {
  @Test func `A wrong password is WRONGPASS, and no error bears the password`() async throws {
    let secret = "s3cret-\(UUID())"
    let configuration = try redis("bridge", password: secret)
    #expect(!"\(configuration)\(String(reflecting: configuration))".contains(secret))
    for attempt in 0..<2 {
      do {
        if attempt == 0 {
          _ = try await RedisConnection.connect(configuration)
        } else {
          _ = try await RedisSubscription.connect(configuration)
        }
        Issue.record("no error")
      } catch let error as RedisError {
        #expect(error.code == "WRONGPASS")
        #expect(!"\(error)\(String(reflecting: error))".contains(secret))
      }
    }
  }

  @Test func `Without a user: NOAUTH`() async throws {
    await expectRedis(.server, code: "NOAUTH") {
      _ = try await RedisConnection.connect(try redis(nil))
    }
  }

  @Test func `A pod's user can neither publish nor read a key nor hear another service`()
    async throws
  {
    let connection = try await RedisConnection.connect(try redis("pod-ai"))
    for command in [
      ["PUBLISH", "config:ai:x", "1"], ["GET", "x"], ["KEYS", "*"], ["CONFIG", "GET", "*"],
    ] {
      await expectRedis(.server, code: "NOPERM") { _ = try await connection.send(command) }
    }
    await connection.close()
    let subscription = try await RedisSubscription.connect(try redis("pod-ai"))
    await expectRedis(.server, code: "NOPERM") {
      try await subscription.psubscribe(["config:email:*"])
    }
    await expectRedis(.server, code: "NOPERM") { try await subscription.psubscribe(["*"]) }
    try await subscription.psubscribe(["config:ai:*"])
    await subscription.close()
  }

  @Test func `The bridge's user can publish, but neither listen nor read a key`() async throws {
    let connection = try await RedisConnection.connect(try redis("bridge"))
    // A channel of its own: other tests listen to other services.
    let channel = "config:nobody:\(UUID())"
    #expect(try await connection.send(["PUBLISH", channel, "1"]) == .integer(0))
    await expectRedis(.server, code: "NOPERM") {
      _ = try await connection.send(["PUBLISH", "other", "1"])
    }
    await expectRedis(.server, code: "NOPERM") { _ = try await connection.send(["GET", "x"]) }
    await connection.close()
    let subscription = try await RedisSubscription.connect(try redis("bridge"))
    await expectRedis(.server, code: "NOPERM") { try await subscription.subscribe(["config:ai:x"]) }
    await subscription.close()
  }
}

@Suite struct RedisMessages {
  @Test func `Messages come in order, after the acknowledgement of every channel`() async throws {
    let subscription = try await RedisSubscription.connect(
      try redis("operator"), period: .milliseconds(50))
    let name = "config:test:\(UUID())"
    try await subscription.subscribe(["\(name):a", "\(name):b"])
    try await subscription.psubscribe(["\(name):p:*"])
    let publisher = try await RedisConnection.connect(try redis("bridge"))
    let counts = try await publisher.pipeline([
      ["PUBLISH", "\(name):a", "1"], ["PUBLISH", "\(name):b", "2"],
      ["PUBLISH", "\(name):p:c", "3"],
    ])
    #expect(counts == [.integer(1), .integer(1), .integer(1)])
    // PINGs go on between the messages.
    try await Task.sleep(for: .milliseconds(200))
    _ = try await publisher.send(["PUBLISH", "\(name):a", "4"])
    var messages = subscription.messages.makeAsyncIterator()
    #expect(
      try await messages.next() == RedisMessage(channel: "\(name):a", pattern: nil, payload: "1"))
    #expect(
      try await messages.next() == RedisMessage(channel: "\(name):b", pattern: nil, payload: "2"))
    #expect(
      try await messages.next()
        == RedisMessage(channel: "\(name):p:c", pattern: "\(name):p:*", payload: "3"))
    #expect(
      try await messages.next() == RedisMessage(channel: "\(name):a", pattern: nil, payload: "4"))
    await subscription.close()
    await publisher.close()
  }

  @Test(.timeLimit(.minutes(4)))
  func `A server that is killed ends the messages with an error; a new connection works`()
    async throws
  {
    let stack = try await Stack.start(only: "redis")
    let subscription = try await RedisSubscription.connect(try redis("pod-ai", stack: stack))
    let connection = try await RedisConnection.connect(try redis("bridge", stack: stack))
    try await subscription.psubscribe(["config:ai:*"])
    try await stack.control("crash", "redis")
    await expectRedis(.connection) { for try await _ in subscription.messages {} }
    await expectRedis(.connection) { _ = try await connection.send(["PING"]) }
    await expectRedis(.connection) {
      _ = try await RedisConnection.connect(try redis("bridge", stack: stack))
    }
    try await stack.control("up", "redis")
    let again = try await RedisConnection.connect(try redis("bridge", stack: stack))
    #expect(try await again.send(["PING"]) == .simple("PONG"))
    await again.close()
    try await stack.destroy()
  }

  @Test(.timeLimit(.minutes(4)))
  func `A peer that vanishes without a word is noticed by the PINGs`() async throws {
    let relay = Relay(to: Stack.current.redisPort)
    defer { relay.stop() }
    let subscription = try await RedisSubscription.connect(
      try redis("pod-ai", port: relay.port), period: .milliseconds(200), limit: .milliseconds(600))
    try await subscription.psubscribe(["config:ai:*"])
    // While it answers, the limit passes several times.
    try await Task.sleep(for: .seconds(2))
    relay.swallow()
    let begin = ContinuousClock.now
    await expectRedis(.timeout) { for try await _ in subscription.messages {} }
    #expect(begin.duration(to: .now) < .seconds(20))
  }

  @Test(.timeLimit(.minutes(4)))
  func `A quiet subscription is not lost when the limit is shorter than the period`() async throws {
    let subscription = try await RedisSubscription.connect(
      try redis("pod-ai"), period: .seconds(1), limit: .milliseconds(300))
    try await subscription.psubscribe(["config:ai:*"])
    let messages = subscription.messages
    let reader = Task { for try await _ in messages {} }
    try await Task.sleep(for: .milliseconds(2500))
    await subscription.close()
    // Closed by us: no error.
    await #expect(throws: Never.self) { try await reader.value }
  }
}

@Suite struct RedisConnecting {
  @Test(.timeLimit(.minutes(4)))
  func `A server that never answers: a timeout, with and without TLS`() async throws {
    let server = LocalServer.silent()
    defer { server.stop() }
    for scheme in ["redis", "rediss"] {
      let configuration = try RedisConfiguration(url: "\(scheme)://u:p@127.0.0.1:\(server.port)")
      let begin = ContinuousClock.now
      await expectRedis(.timeout) {
        _ = try await RedisConnection.connect(configuration, timeout: .milliseconds(400))
      }
      await expectRedis(.timeout) {
        _ = try await RedisSubscription.connect(configuration, timeout: .milliseconds(400))
      }
      #expect(begin.duration(to: .now) < .seconds(20))
    }
  }

  @Test func `Nobody listens: no connection`() async throws {
    let configuration = try RedisConfiguration(url: "redis://127.0.0.1:\(LocalServer.closedPort())")
    await expectRedis(.connection) { _ = try await RedisConnection.connect(configuration) }
  }

  @Test(.timeLimit(.minutes(4)))
  func `A server that does not even accept: a timeout`() async throws {
    let server = LocalServer.full()
    defer { server.stop() }
    let configuration = try RedisConfiguration(url: "redis://127.0.0.1:\(server.port)")
    await expectRedis(.timeout) {
      _ = try await RedisConnection.connect(configuration, timeout: .milliseconds(400))
    }
  }

  @Test func `A certificate of another authority is refused`() async throws {
    let other = URL(fileURLWithPath: Stack.current.adminKubeconfig)
      .deletingLastPathComponent().appendingPathComponent("ca.crt")
    await expectRedis(.connection) {
      _ = try await RedisConnection.connect(try redis("bridge", ca: other.path))
    }
  }

  @Test func `What is no RESP ends the connection`() async throws {
    let server = LocalServer { connection in
      _ = LocalServer.bytes(connection)
      LocalServer.reply(connection, "hello\r\n")
      _ = LocalServer.bytes(connection)
    }
    defer { server.stop() }
    await expectRedis(.protocol) {
      _ = try await RedisConnection.connect(
        try RedisConfiguration(url: "redis://127.0.0.1:\(server.port)"))
    }
  }

  @Test func `A server that repeats what AUTH was given: the error bears no password`() async throws
  {
    let server = LocalServer { connection in
      _ = LocalServer.bytes(connection)
      LocalServer.reply(
        connection, "-ERR unknown command `AUTH`, with args beginning with: `u`, `hunter2`, \r\n")
      _ = LocalServer.bytes(connection)
    }
    defer { server.stop() }
    let configuration = try RedisConfiguration(url: "redis://u:hunter2@127.0.0.1:\(server.port)")
    for attempt in 0..<2 {
      do {
        if attempt == 0 {
          _ = try await RedisConnection.connect(configuration)
        } else {
          _ = try await RedisSubscription.connect(configuration)
        }
        Issue.record("no error")
      } catch { #expect(!"\(error)".contains("hunter2")) }
    }
  }
}

@Suite struct RedisURLs {
  @Test func `Users, passwords, hosts and ports`() throws {
    let plain = try RedisConfiguration(url: "redis://cache")
    #expect(
      plain.address == .init(host: "cache", port: 6379) && !plain.usesTLS && plain.user == nil)
    let full = try RedisConfiguration(url: "rediss://pod%2Dai:p%40ss%2F%3A@[::1]:7000/0")
    #expect(full.address == .init(host: "::1", port: 7000) && full.usesTLS && full.user == "pod-ai")
    #expect(try full.password() == "p@ss/:")
    let onlyPassword = try RedisConfiguration(url: "redis://:x@h")
    #expect(try onlyPassword.user == nil && onlyPassword.password() == "x")
  }

  @Test func `Sentinels, and what the master is called`() throws {
    let group = try RedisConfiguration(
      url: "rediss+sentinel://pod:pw@s1,s2:5000,[::1]:26380/tenants")
    #expect(group.usesTLS && group.user == "pod")
    #expect(try group.password() == "pw")
    #expect(
      group.sentinels?.addresses
        == [
          .init(host: "s1", port: 26379), .init(host: "s2", port: 5000),
          .init(host: "::1", port: 26380),
        ])
    #expect(group.sentinels?.master == "tenants")
    #expect("\(group)" == "rediss+sentinel://pod@s1:26379,s2:5000,[::1]:26380/tenants")
    // The Sentinels are not shown the master's password.
    let sentinel = group.ofSentinel(.init(host: "s1", port: 1))
    #expect(try sentinel.user == nil && sentinel.password() == nil && sentinel.sentinels == nil)
  }

  @Test(arguments: [
    "redis+sentinel://h", "redis+sentinel://h/", "redis+sentinel://h,,g/m",
    "redis+sentinel://:pw@/m",
    "redis+sentinel://h:0/m", "redis+cluster://h",
    "", "cache:6379", "http://cache", "redis://", "redis://:pw@", "redis://h:0", "redis://h:70000",
    "redis://h:x", "redis://h/1", "redis://u:%zz@h", "redis://u:%f@h", "redis://[::1",
  ])
  func `What is no URL is refused without its password`(url: String) {
    do {
      let configuration = try RedisConfiguration(url: url)
      Issue.record("\(configuration)")
    } catch {
      #expect((error as? RedisError)?.kind == .configuration)
      #expect(!"\(error)".contains("pw"))
    }
  }
}

func fail(sourceLocation: SourceLocation = #_sourceLocation) {
  Issue.record("another case", sourceLocation: sourceLocation)
}

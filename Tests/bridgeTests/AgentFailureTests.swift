internal import Foundation
internal import Glibc
internal import Postgres
internal import TestSupport
internal import Testing

/// What an agent does when servers, readers and arguments are not as they should be.
@Suite(.serialized, .timeLimit(.minutes(4))) struct AgentFailureTests {
  @Test func withoutServersItServesWhatItHasAndSaysSo() async throws {
    try await Scene.play(ownPostgres: true) { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.5', 'r')")
      await app.close()
      let agent = try await AgentProcess.serve(scene, ["--stale-after", "2"])
      // Shorter than a pause between two attempts may be.
      #expect(agent.process.log.contains("a short outage will show as STALE"))
      let reader = try agent.follow()
      try await eventually { agent.file != nil && !reader.events.isEmpty }
      let etag = try #require(try await agent.get().headers["etag"])

      try await scene.redis.control("crash", "postgres")
      try await scene.redis.control("crash", "redis")
      try await eventually { reader.events.last?.name == "state" }
      #expect(reader.events.last?.data == #"{"service":"ai","state":"STALE"}"#)
      let stale = try await agent.get("", headers: ["If-None-Match": etag])
      #expect(stale.status == 200 && stale.headers["config-state"] == "STALE")
      #expect(try Served(stale.body).state == "STALE" && stale.body.contains("\"value\":0.5,"))
      #expect(stale.headers["etag"] != etag)
      try await eventually { agent.file == stale.body }
      #expect(try await LocalClient.get(agent.health, "/readyz").status == 200, "it serves")
      #expect(try await agent.metric("agent_state{service=\"ai\",state=\"STALE\"}") == 1)

      // Killed and started again without servers: from its file.
      try await agent.process.stop(SIGKILL)
      #expect(agent.file == stale.body)
      let again = try await AgentProcess.serve(
        scene, folder: agent.folder, ["--stale-after", "2"])
      #expect(again.process.log.contains("begins without a server"))
      let served = try await again.get()
      #expect(served.body == stale.body && served.headers["etag"] == stale.headers["etag"])
      let follower = try again.follow(["Last-Event-ID": reader.events[0].id ?? ""])
      try await eventually { follower.events.map(\.name) == ["state"] }

      // And back: the same values, current. (The crash has begun another epoch.)
      try await scene.redis.control("up", "postgres")
      try await scene.redis.control("up", "redis")
      try await eventually(within: .seconds(60), "current again: \(again.process.log)") {
        try await again.get().headers["config-state"] == "READY"
      }
      let back = try await scene.app(org)
      try await back.query("SELECT api.set_config('ai', 'threshold', '0.6', 'r')")
      try await eventually(within: .seconds(60), "the new value: \(follower.events)") {
        follower.events.contains { $0.name != "state" && $0.data.contains("\"value\":0.6,") }
      }
      await back.close()
      try await again.process.stop()
      try await bridge.stop()
    }
  }

  @Test func whatIsNotLoadedIsNotServed() async throws {
    try await Scene.play(ownPostgres: true) { scene in
      let agent = try await AgentProcess.serve(scene)
      try await agent.process.stop()
      // It has values of the last run, which are unreadable.
      let kept = "\(agent.folder)/.last-known-good/ai.json"
      try "{}".write(toFile: kept, atomically: true, encoding: .utf8)
      try await scene.redis.control("crash", "postgres")
      let blind = try AgentProcess.start(scene, folder: agent.folder)
      try await blind.process.waitForLine(" listens ")
      for path in ["/v1/config/ai", "/v1/config/ai/events"] {
        let answer = try await LocalClient.get(blind.address, path)
        #expect(answer.status == 503 && answer.headers["retry-after"] == "1")
        #expect(answer.headers["content-type"] == "application/problem+json")
      }
      let ready = try await LocalClient.get(blind.health, "/readyz")
      #expect(ready.status == 503 && ready.body.contains("ai: "))
      // What a workload reads from the file is not taken away from it.
      #expect(blind.file?.contains("\"threshold\"") == true)
      try await scene.redis.control("up", "postgres")
      try await blind.process.waitForLine(" serves ", within: .seconds(60))
      #expect(try await blind.get().status == 200)
      try await blind.process.stop()

      // Without anything kept it does not begin.
      try FileManager.default.removeItem(atPath: kept)
      try await scene.redis.control("crash", "postgres")
      for more in [["--listen", "127.0.0.1:0"], ["--once"]] {
        let result = try await scene.tool(
          "pod_ai", "pod-ai", ["agent", "--service", "ai", "--directory", agent.folder] + more)
        #expect(result.status == 2 && result.error.contains("HINT: "), "\(result.error)")
      }
    }
  }

  @Test func whatIsAskedWronglyIsAnsweredByTheBook() async throws {
    try await Scene.play { scene in
      let agent = try await AgentProcess.serve(scene, redis: nil)
      for (path, method, status) in [
        ("/v1/config/none", "GET", 404), ("/v1/configs/ai", "GET", 404), ("/", "GET", 404),
        ("/metrics", "GET", 404), ("/v1/config/ai/x", "GET", 404),
        ("/v1/config/ai", "POST", 405), ("/v1/config/ai", "DELETE", 405),
        ("/v1/config/ai?org=x", "GET", 400), ("/v1/config/ai?service=ai", "GET", 400),
      ] {
        let answer = try await LocalClient.get(agent.address, path, method: method)
        #expect(answer.status == status, "\(method) \(path)")
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(answer.body.contains("\"status\":\(status),\"detail\":\""))
        #expect(status != 405 || answer.headers["allow"] == "GET, HEAD")
      }
      // A page whose name resolves to this host.
      for (host, status) in [
        ("evil.example", 421), ("127.0.0.1.evil.example:80", 421), ("127.0.0.1:80", 200),
        ("[::1]:80", 200), ("localhost", 200),
      ] {
        #expect(try await agent.get("", headers: ["Host": host]).status == status, "\(host)")
      }
      let count = try await agent.metric("agent_answers_total{code=\"405\"}")
      #expect(count == 2)
      try await agent.process.stop()
    }
  }

  @Test func wrongArgumentsAreRefusedInTwoLines() async throws {
    for (arguments, words) in [
      (["--listen", "127.0.0.1:0"], "--service is missing"),
      (["--service", "ai"], "nothing to do"),
      (["--service", "../ai", "--directory", "/tmp"], "no name of a service"),
      (["--service", "ai", "--service", "ai", "--directory", "/tmp"], "there twice"),
      (["--service", "ai", "--listen", "0.0.0.0:8700"], "tokens=DIRECTORY"),
      (["--service", "ai", "--listen", "[::]:8700"], "tokens=DIRECTORY"),
      (["--service", "ai", "--listen", "node.example:8700"], "tokens=DIRECTORY"),
      (["--service", "ai", "--listen", "0.0.0.0:8700,org=7"], "tokens=DIRECTORY"),
      (["--service", "ai", "--listen", "127.1:8700"], "tokens=DIRECTORY"),
      (["--service", "ai", "--listen", "8700"], "ADDRESS:PORT"),
      (["--service", "ai", "--listen", "::1:8700"], "[brackets]"),
      (["--service", "ai", "--listen", ":8700"], "names no address"),
      (["--service", "ai", "--listen", "unix:agent.sock"], "absolute path"),
      (["--service", "ai", "--listen", "127.0.0.1:0,org=x"], "no organisation's id"),
      (["--service", "ai", "--listen", "127.0.0.1:0,all"], "org=ID or tokens=DIRECTORY"),
      (
        ["--service", "ai", "--org", "7", "--listen", "127.0.0.1:0,org=8"],
        "bound to organisation 7"
      ),
      (["--service", "ai", "--org", "0", "--listen", "127.0.0.1:0"], "--org"),
      (["--service", "ai", "--once"], "--once needs --directory"),
      (["--service", "ai", "--listen", "127.0.0.1:0", "--max-readers", "0"], "--max-readers"),
      (["--service", "ai", "--listen", "127.0.0.1:0", "--poll", "0"], "--poll"),
      (["--service", "ai", "--listen", "127.0.0.1:0", "--poll", "nan"], "--poll"),
      (["--service", "ai", "--listen", "127.0.0.1:0", "--poll", "1e30"], "--poll"),
      (["--service", "ai", "--listen", "127.0.0.1:0", "--stale-after", "inf"], "--stale-after"),
    ] {
      let result = try await Tool.run(Tool.product("bridge"), ["agent"] + arguments)
      #expect(result.status == 1 && result.error.contains(words), "\(arguments): \(result.error)")
      #expect(result.error.split(separator: "\n").count == 2 && result.error.contains("HINT: "))
    }
  }

  @Test func whatCannotBeOpenedIsNamed() async throws {
    try await Scene.play { scene in
      let taken = LocalServer.silent()
      let folder = try AgentProcess.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try "precious".write(toFile: "\(folder)/file", atomically: true, encoding: .utf8)
      for (more, words) in [
        (
          ["--listen", "127.0.0.1:\(taken.port)"], "127.0.0.1:\(taken.port): Address already in use"
        ),
        (["--listen", "unix:\(folder)/none/x.sock"], "No such file or directory"),
        (["--listen", "unix:\(folder)/file"], "is no socket"),
        (["--listen", "127.0.0.1:0,tokens=\(folder)/none"], "the tokens of 127.0.0.1:0"),
        (["--directory", "\(folder)/none"], "cannot write to \(folder)/none"),
      ] {
        let result = try await scene.tool("pod_ai", "pod-ai", ["agent", "--service", "ai"] + more)
        #expect(result.status == 1 && result.error.contains(words), "\(result.error)")
        #expect(result.error.contains("HINT: "))
      }
      let text = try String(contentsOfFile: "\(folder)/file", encoding: .utf8)
      #expect(text == "precious")
      taken.stop()
    }
  }

  @Test func onceWritesTheFilesAndEnds() async throws {
    try await Scene.play { scene in
      let folder = try AgentProcess.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let result = try await scene.tool(
        "pod_ai", "pod-ai", ["agent", "--service", "ai", "--directory", folder, "--once"])
      #expect(result.status == 0, "\(result.error)")
      let text = try String(contentsOfFile: "\(folder)/ai.json", encoding: .utf8)
      #expect(try Served(text).organizations?["0"]?["threshold"]?.value == .number(0.75))
      #expect(try Served(text).state == "READY")
    }
  }

  @Test func thereAreAsManyReadersAsThereMayBe() async throws {
    try await Scene.play { scene in
      let agent = try await AgentProcess.serve(
        scene, redis: nil, ["--max-readers", "3", "--max-readers-per-org", "2"])
      func follow(_ query: String) throws -> LocalClient {
        try LocalClient(agent.address, "/v1/config/ai/events\(query)")
      }
      let first = try [follow("?org=7"), follow("?org=7")]
      try await eventually { first.allSatisfy { $0.events.count == 1 } }
      let third = try follow("?org=7")
      try await eventually { third.head?.status == 503 }
      #expect(third.head?.headers["retry-after"] == "5")
      let other = try follow("?org=8")
      try await eventually { other.events.count == 1 }
      let last = try follow("")
      try await eventually { last.head?.status == 503 }
      #expect(try await agent.get().status == 200, "documents are for everybody")
      // Who goes makes room.
      first[0].close()
      try await eventually {
        let next = try follow("?org=7")
        try await eventually { next.head != nil }
        return next.head?.status == 200
      }
      try await agent.process.stop()
    }
  }

  /// Whoever connects, and to however many listeners: the agent's own files are not taken from it.
  @Test func crowdsAtSeveralListenersLeaveTheAgentItsFiles() async throws {
    try await Scene.play { scene in
      let (_, app) = try await scene.tenant()
      let folder = try AgentProcess.makeFolder()
      let sockets = ["\(folder)/a.sock", "\(folder)/b.sock", "\(folder)/c.sock"]
      let agent = try await AgentProcess.serve(
        scene, redis: nil, listen: sockets.map { "unix:\($0)" }, folder: folder, openFiles: 640)
      var files = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
      files.rlim_cur = files.rlim_max
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
      var crowd: [Int32] = []
      for socket in sockets {
        for _ in 0..<220 { crowd.append(LocalAddress.socket(socket).connect()) }
      }
      #expect(crowd.count { $0 >= 0 } >= 640)
      for value in ["0.61", "0.62"] {
        try await app.query("SELECT api.set_config('ai', 'threshold', $1, 'r')", [.text(value)])
        try await eventually { agent.file?.contains(value) == true }
      }
      #expect(!agent.process.log.contains("Too many open files"))
      for descriptor in crowd where descriptor >= 0 { close(descriptor) }
      try await eventually {
        try await LocalClient.get(.socket(sockets[0]), "/v1/config/ai").status == 200
      }
      try await agent.process.stop()
      await app.close()
    }
  }

  @Test func aStopEndsTheStreamsWithAWordWhenToComeBack() async throws {
    try await Scene.play { scene in
      let socket = try AgentProcess.makeFolder()
      let agent = try await AgentProcess.serve(
        scene, listen: ["127.0.0.1:0", "unix:\(socket)/a.sock"], folder: socket)
      let readers = try [agent.follow(), agent.follow(at: .socket("\(socket)/a.sock"))]
      try await eventually { readers.allSatisfy { $0.events.count == 1 } }
      let idle = try LocalClient(agent.address, "/v1/config/ai")
      try await eventually { idle.head != nil }
      #expect(try await agent.process.stop(SIGTERM) == 0)
      for reader in readers {
        try await eventually { reader.isOver }
        #expect((500...3000).contains(reader.retry ?? 0))
      }
      #expect(agent.process.log.contains("ends the streams"))
      #expect(agent.process.lines.last?.contains("stopped") == true)
      // The next one takes a socket over that a killed one has left.
      let killed = try await AgentProcess.serve(
        scene, listen: ["unix:\(socket)/a.sock"], folder: socket)
      try await killed.process.stop(SIGKILL)
      let next = try await AgentProcess.serve(
        scene, listen: ["unix:\(socket)/a.sock"], folder: socket)
      #expect(
        try await LocalClient.get(.socket("\(socket)/a.sock"), "/v1/config/ai").status == 200)
      try await next.process.stop()
    }
  }

  @Test func itsFiguresAreOnTheHealthPortOnly() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (_, app) = try await scene.tenant()
      let agent = try await AgentProcess.serve(scene, ["--pod", "node-1"])
      let reader = try agent.follow()
      try await eventually { reader.events.count == 1 }
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.5', 'r')")
      try await eventually { reader.events.count == 2 }
      let label = "{service=\"ai\"}"
      #expect(try await agent.metric("agent_readers\(label)") == 1)
      #expect(try await agent.metric("agent_events_total\(label)") == 2)
      #expect(try await agent.metric("agent_changes_total\(label)") == 1)
      #expect(try await agent.metric("agent_state{service=\"ai\",state=\"READY\"}") == 1)
      #expect(try await agent.metric("agent_state{service=\"ai\",state=\"STALE\"}") == 0)
      #expect(try await agent.metric("agent_epoch\(label)") ?? 0 > 0)
      #expect(try await agent.metric("agent_age_seconds\(label)") != nil)
      #expect(try await agent.metric("agent_reload_seconds_count") == 1)
      #expect(try await agent.metric("agent_send_seconds_count") == 1)
      #expect(try await agent.metric("agent_answers_total{code=\"200\"}") == 1)
      #expect(try await agent.metric("agent_readers_dropped_total\(label)") == 0)
      #expect(try await agent.metric("agent_connections") == 1)
      try await eventually { (try await agent.metric("agent_file_writes_total\(label)") ?? 0) >= 2 }
      #expect(try await LocalClient.get(agent.health, "/readyz").status == 200)
      #expect(try await LocalClient.get(agent.address, "/metrics").status == 404)
      // Administrators see it among the pods.
      let dba = try await scene.database.connect(as: "dba")
      try await eventually {
        try await dba.value("SELECT state FROM admin.pods('ai') WHERE pod = 'node-1'") == "READY"
      }
      for connection in [app, dba] { await connection.close() }
      try await agent.process.stop()
      try await bridge.stop()
    }
  }
}

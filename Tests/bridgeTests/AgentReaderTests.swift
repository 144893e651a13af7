internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// What readers of an agent get: documents, events, files.
@Suite(.serialized, .timeLimit(.minutes(4))) struct AgentReaderTests {
  private func play(
    _ body: (Scene, AgentProcess, Int64, PostgresConnection) async throws -> Void
  ) async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.50', 'r')")
      let agent = try await AgentProcess.serve(scene)
      try await body(scene, agent, org, app)
      try await agent.process.stop()
      await app.close()
      try await bridge.stop()
    }
  }

  @Test func aDocumentHasWhatHoldsWithItsTypes() async throws {
    try await play { scene, agent, org, app in
      let dba = try await scene.database.connect(as: "dba")
      for (key, type, value) in [
        ("odd", "number", "-007.250"), ("on", "boolean", "true"), ("n", "integer", "0042"),
        ("limits", "json", "{\n \"a\": 1,\r\n\t\"b\": 2.5\n}"),
        ("motto", "text", "a \"b\" \\ c\u{1}\té\n"), ("ref", "secret_ref", "vault://kv/ai#model"),
      ] {
        try await dba.query(
          "SELECT admin.define_key('ai', $1, $2, 'd')", [.text(key), .text(type)])
        try await app.query(
          "SELECT api.set_config('ai', $1, $2, 'r')", [.text(key), .text(value)])
      }
      await dba.close()
      try await eventually { try await agent.get("?org=\(org)").body.contains("vault://") }
      #expect(!agent.process.log.contains("a short outage will show as STALE"))
      let answer = try await agent.get("?org=\(org)")
      #expect(answer.status == 200 && answer.headers["content-type"] == "application/json")
      #expect(answer.headers["config-state"] == "READY")
      #expect(answer.headers["cache-control"] == "private, no-cache")
      #expect(answer.body.hasSuffix("}\n") && answer.body.count { $0 == "\n" } == 1)
      let served = try Served(answer.body)
      #expect(served.format == 1 && served.service == "ai" && served.org_id == org)
      #expect(served.state == "READY" && served.epoch > 0)
      let values = try #require(served.values)
      #expect(
        values.mapValues(\.value) == [
          "threshold": .number(0.5), "model": .text("medium"), "odd": .number(-7.25),
          "on": .boolean(true), "n": .number(42), "limits": .document(["a": 1, "b": 2.5]),
          "motto": .text("a \"b\" \\ c\u{1}\té\n"), "ref": .text("vault://kv/ai#model"),
        ])
      #expect(answer.body.contains("\"value\":-7.250,"), "a number keeps its digits")
      #expect(values["threshold"]?.org_id == org && values["threshold"]?.version == 1)
      #expect(values["model"]?.org_id == 0, "the platform's default")
      #expect(values["ref"]?.type == "secret_ref")

      // Everything, unmerged.
      let all = try Served(try await agent.get().body)
      #expect(all.values == nil && all.org_id == nil)
      #expect(all.organizations?["\(org)"]?["threshold"]?.value == .number(0.5))
      #expect(all.organizations?["0"]?["threshold"]?.value == .number(0.75))
      // The file is the document.
      try await eventually {
        let document = try await agent.get().body
        return agent.file == document
      }
    }
  }

  /// The primary that was, or a standby that is behind: what it says is of an older epoch, and nothing that
  /// readers hear of.
  @Test func anOlderEpochIsNotServed() async throws {
    try await Scene.play { scene in
      let owner = try await scene.database.connect()
      try await owner.query("SELECT config.feed_lead('test', '1 s')")
      let agent = try await AgentProcess.serve(scene, redis: nil, ["--stale-after", "2"])
      let reader = try LocalClient(agent.address, "/v1/config/ai/events")
      try await eventually { reader.events.count == 1 }
      let before = try await agent.get()
      #expect(before.headers["config-state"] == "READY")
      try await owner.query("UPDATE config.feed SET epoch = epoch - 100")
      try await eventually { try await agent.get().headers["config-state"] == "STALE" }
      let after = try await agent.get()
      #expect(after.body == before.body.replacing("READY", with: "STALE"))
      #expect(!reader.events.dropFirst().contains { $0.name == "config" })
      try await owner.query("UPDATE config.feed SET epoch = epoch + 100")
      try await eventually { try await agent.get().body == before.body }
      #expect(!reader.events.dropFirst().contains { $0.name == "config" })
      await owner.close()
      try await agent.process.stop()
    }
  }

  /// Who may see everything may ask for any number of organisations, in vain, too.
  @Test func documentsThatNobodyFollowsAreNotKept() async throws {
    try await Scene.play { scene in
      let owner = try await scene.database.connect()
      try await owner.execute(
        """
        SELECT admin.define_key('ai', '*', 'text', 'Anything.');
        INSERT INTO config.service_configs (org_id, service, key, value)
        SELECT 0, 'ai', 'key' || n, repeat('x', 200) FROM generate_series(1, 2000) AS n
        """)
      await owner.close()
      let agent = try await AgentProcess.serve(scene, redis: nil)
      func memory() throws -> Int {
        let status = try String(
          contentsOfFile: "/proc/\(agent.process.pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") })
        return try #require(Int(line.split(whereSeparator: \.isWhitespace)[1])) / 1024
      }
      let size = try await agent.get("?org=1").body.utf8.count
      let before = try memory()
      let count = 300
      for org in 2...count { #expect(try await agent.get("?org=\(org)").status == 200) }
      let (asked, grown) = (size * count / 1_048_576, try memory() - before)
      #expect(asked > 120)
      #expect(grown < asked / 2, "\(grown) MB for \(asked) MB of documents")
      try await agent.process.stop()
    }
  }

  @Test func anETagSparesTheBody() async throws {
    try await play { scene, agent, org, app in
      let first = try await agent.get("?org=\(org)")
      let etag = try #require(first.headers["etag"])
      #expect(etag.hasPrefix("\"") && !etag.hasPrefix("W/"))
      for list in [etag, "W/\(etag)", "\"x\", \(etag)", "*"] {
        let same = try await agent.get("?org=\(org)", headers: ["If-None-Match": list])
        #expect(same.status == 304 && same.body.isEmpty && same.headers["etag"] == etag)
      }
      let other = try await agent.get("?org=0", headers: ["If-None-Match": etag])
      #expect(other.status == 200 && other.headers["etag"] != etag)
      let head = try await LocalClient.get(
        agent.address, "/v1/config/ai?org=\(org)", method: "HEAD")
      #expect(head.status == 200 && head.body.isEmpty && head.headers["etag"] == etag)
      #expect(head.headers["content-length"] == "\(first.body.utf8.count)")
      // Another agent has the same tag, and so has this one after a restart.
      let twin = try await AgentProcess.serve(scene)
      #expect(try await twin.get("?org=\(org)").headers["etag"] == etag)
      try await twin.process.stop()

      try await app.query("SELECT api.set_config('ai', 'threshold', '0.6', 'r')")
      try await eventually {
        let new = try await agent.get("?org=\(org)", headers: ["If-None-Match": etag])
        return new.status == 200 && new.body.contains("\"value\":0.6,")
      }
    }
  }

  @Test func aStreamBeginsWithEverythingAndGoesOnWithChanges() async throws {
    try await play { scene, agent, org, app in
      let reader = try LocalClient(agent.address, "/v1/config/ai/events?org=\(org)")
      try await eventually { reader.events.count == 1 }
      #expect(reader.head?.headers["content-type"] == "text/event-stream")
      let document = try await agent.get("?org=\(org)")
      #expect(reader.events[0].name == "config" && reader.events[0].data + "\n" == document.body)
      #expect(document.headers["etag"] == "\"\(reader.events[0].id ?? "")\"")

      // Two keys of one transaction are one event.
      try await app.query(
        """
        SELECT api.set_configs('[{"service": "ai", "key": "threshold", "value": 0.7},
                                 {"service": "ai", "key": "model", "value": "large"}]', 'r')
        """)
      try await eventually { reader.events.count == 2 }
      let event = reader.events[1]
      #expect(event.name == "change")
      let changes = try #require(try Served(event.data).changes)
      #expect(Set(changes.keys) == ["threshold", "model"])
      #expect(changes["threshold"]??.value == .number(0.7) && changes["threshold"]??.version == 2)
      #expect(changes["model"]??.value == .text("large") && changes["model"]??.org_id == org)
      #expect(try await agent.get("?org=\(org)").headers["etag"] == "\"\(event.id ?? "")\"")

      // What is taken back leaves the default; a default that is gone leaves nothing.
      try await app.query("SELECT api.set_config('ai', 'model', NULL, 'r')")
      try await eventually { try reader.held["model"] == .text("medium") }
      let owner = try await scene.database.connect()
      try await owner.query("SELECT admin.set_default('ai', 'model', NULL, 'r')")
      try await eventually { try reader.held["model"] == nil }
      #expect(reader.events.last?.data.contains("\"model\":null") == true)
      // A default that an organisation overrides does not concern it.
      let count = reader.events.count
      try await owner.query("SELECT admin.set_default('ai', 'threshold', '0.1', 'r')")
      try await owner.query("SELECT admin.set_default('ai', 'model', 'small', 'r')")
      try await eventually { try reader.held["model"] == .text("small") }
      #expect(reader.events.count == count + 1)
      await owner.close()
    }
  }

  @Test func aReaderThatComesBackGetsWhatItHasMissed() async throws {
    try await play { _, agent, org, app in
      let first = try LocalClient(agent.address, "/v1/config/ai/events?org=\(org)")
      try await eventually { first.events.count == 1 }
      let seen = try #require(first.events[0].id)
      first.close()
      // Somebody else follows; nobody need do so for changes to be kept.
      let other = try LocalClient(agent.address, "/v1/config/ai/events?org=\(org)")
      for value in ["0.6", "0.7"] {
        try await app.query("SELECT api.set_config('ai', 'threshold', $1, 'r')", [.text(value)])
        try await eventually { try other.held["threshold"] == .number(Double(value) ?? 0) }
      }
      func comeBack(_ id: String) async throws -> LocalClient {
        let reader = try LocalClient(
          agent.address, "/v1/config/ai/events?org=\(org)", headers: ["Last-Event-ID": id])
        try await eventually { !reader.events.isEmpty && reader.events.last?.name != "change" }
        return reader
      }
      let again = try await comeBack(seen)
      try #require(again.events.map(\.name) == ["change", "change", "state"])
      #expect(again.events[1].data.contains("\"value\":0.7,"))
      #expect(again.events[2].data.contains("READY") && again.events[2].id == nil)
      let current = try await comeBack(again.events[1].id ?? "")
      #expect(current.events.map(\.name) == ["state"])
      #expect(try await comeBack("1-0").events.map(\.name) == ["config"])
      // It goes on from there.
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.8', 'r')")
      for reader in [again, current] {
        try await eventually { try reader.held["threshold"] == .number(0.8) }
      }
    }
  }

  @Test func thousandsOfReadersGetTheLastOfEverything() async throws {
    try openFiles(4096)
    try await play { _, agent, org, app in
      let count = 2500
      // Some follow one organisation, some everything.
      let readers = try LocalClient.crowd(
        agent.address,
        (0..<count).map { "/v1/config/ai/events\($0 % 3 == 0 ? "" : "?org=\(org)")" })
      try await eventually { readers.allSatisfy { $0.events.count == 1 } }
      #expect(try await agent.metric("agent_readers{service=\"ai\"}") == Double(count))
      for round in 1...20 {
        try await app.query(
          "SELECT api.set_config('ai', 'threshold', $1, 'r')", [.text("0.\(round + 10)")])
      }
      let document = try await agent.get("?org=\(org)")
      try await eventually {
        readers.allSatisfy { $0.events.last?.data.contains("\"value\":0.30,\"type\"") == true }
      }
      for reader in readers {
        // Versions only rise, and the last is the twenty-first.
        let versions = reader.events.dropFirst().compactMap {
          $0.data.firstMatch(of: /"threshold":\{[^}]*"version":(\d+)/).flatMap { Int($0.1) }
        }
        #expect(versions == versions.sorted() && versions.last == 21)
      }
      #expect(document.status == 200, "documents are served meanwhile")
      for reader in readers { reader.close() }
      try await eventually { try await agent.metric("agent_readers{service=\"ai\"}") == 0 }
    }
  }

  /// As many files as the test needs for its side of the sockets.
  private func openFiles(_ count: UInt) throws {
    var limit = rlimit()
    #expect(getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0)
    guard limit.rlim_cur < count else { return }
    limit.rlim_cur = min(count, limit.rlim_max)
    #expect(setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0)
  }

  @Test func aSlowReaderHoldsUpNobodyAndGetsEverythingOnce() async throws {
    try await play { scene, agent, org, app in
      let dba = try await scene.database.connect(as: "dba")
      try await dba.query("SELECT admin.define_key('ai', 'text', 'text', 'd')")
      await dba.close()
      let slow = try LocalClient(agent.address, "/v1/config/ai/events?org=\(org)")
      try await eventually { slow.events.count == 1 }
      slow.pause(true)
      let quick = try LocalClient(agent.address, "/v1/config/ai/events?org=\(org)")
      try await eventually { quick.events.count == 1 }
      // Far more than the sockets of both sides take.
      let rounds = 300
      for round in 1...rounds {
        let text = "\(round) " + String(repeating: "long text, ", count: 5000)
        try await app.query("SELECT api.set_config('ai', 'text', $1, 'r')", [.text(text)])
      }
      try await eventually(within: .seconds(60)) {
        quick.events.last?.data.contains("\"value\":\"\(rounds) ") == true
      }
      let skipped = try await agent.metric("agent_events_skipped_total{service=\"ai\"}")
      #expect((skipped ?? 0) > 0)
      slow.pause(false)
      try await eventually(within: .seconds(60)) {
        slow.events.last?.data.contains("\"value\":\"\(rounds) ") == true
      }
      #expect(slow.events.count < quick.events.count)
      #expect(slow.events.contains { $0.name == "config" && $0 != slow.events[0] })
      // And it is one of the others again.
      try await app.query("SELECT api.set_config('ai', 'threshold', '0.9', 'r')")
      try await eventually {
        try slow.held["threshold"] == .number(0.9) && quick.held["threshold"] == .number(0.9)
      }
      #expect(slow.events.last?.name == "change")
    }
  }

  @Test func aNodesAgentServesSeveralServices() async throws {
    try await play { scene, _, org, app in
      let agent = try await AgentProcess.serve(
        scene, login: "agent", redis: "agent", ["--service", "email"])
      try await eventually { agent.process.log.contains("pattern=config:email:*") }
      let email = try LocalClient(agent.address, "/v1/config/email/events?org=\(org)")
      let ai = try LocalClient(agent.address, "/v1/config/ai/events?org=\(org)")
      try await eventually { email.events.count == 1 && ai.events.count == 1 }
      try await app.query("SELECT api.set_config('email', 'max_retries', '9', 'r')")
      try await eventually { try email.held["max_retries"] == .number(9) }
      #expect(ai.events.count == 1, "another service's readers are left alone")
      try await eventually { FileManager.default.fileExists(atPath: "\(agent.folder)/email.json") }
      try await agent.process.stop()
    }
  }

  @Test func theFileIsNeverTorn() async throws {
    try await play { _, agent, org, app in
      let path = "\(agent.folder)/ai.json"
      try await eventually { agent.file != nil }
      let reading = Task.detached {
        var versions: [Int64] = []
        while !Task.isCancelled {
          let text = try String(contentsOfFile: path, encoding: .utf8)
          let entry = try Served(text).organizations?["\(org)"]?["threshold"]
          versions.append(entry?.version ?? -1)
        }
        return versions
      }
      for round in 1...40 {
        try await app.query(
          "SELECT api.set_config('ai', 'threshold', $1, 'r')", [.text("0.\(round + 10)")])
      }
      try await eventually {
        agent.file?.contains("\"value\":0.50,\"type\":\"number\",\"version\":41") == true
      }
      reading.cancel()
      let versions = try await reading.value
      #expect(versions == versions.sorted() && Set(versions).count > 2 && versions[0] > 0)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o640)
      // Nothing is left beside it.
      let names = try FileManager.default.contentsOfDirectory(atPath: agent.folder)
      #expect(Set(names) == ["ai.json", ".last-known-good"])
    }
  }
}

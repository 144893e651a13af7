internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// That a tenant's workload gets its organisation's configuration, and nothing of another one's.
@Suite(.serialized, .timeLimit(.minutes(4))) struct AgentScopeTests {
  /// Organisations whose values bear marks that are found wherever they turn up.
  private struct Tenants {
    let ours: Int64
    let theirs: Int64
    let app: PostgresConnection
    let other: PostgresConnection
    static let ourMark = "ours-4f1c"
    static let theirMark = "theirs-9b7e"
  }

  private func play(_ body: (Scene, Tenants) async throws -> Void) async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (ours, app) = try await scene.tenant()
      let theirs = try await app.createOrganization("globex")
      let other = try await scene.app(theirs)
      let owner = try await scene.database.connect()
      try await owner.query("SELECT admin.define_key('ai', 'mark', 'text', 'd')")
      // A login that is bound to one organisation, as a tenant's sidecar has it.
      try await owner.execute(
        """
        DO $$ BEGIN CREATE ROLE agent_acme LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
        GRANT ark_pod TO agent_acme;
        SELECT admin.bind_pod('agent_acme', 'ai', \(ours));
        """)
      await owner.close()
      for (connection, mark) in [(app, Tenants.ourMark), (other, Tenants.theirMark)] {
        try await connection.query("SELECT api.set_config('ai', 'mark', $1, 'r')", [.text(mark)])
      }
      try await body(scene, Tenants(ours: ours, theirs: theirs, app: app, other: other))
      for connection in [app, other] { await connection.close() }
      try await bridge.stop()
    }
  }

  /// Changes both organisations' values and the platform's, and waits until the reader has seen ours.
  private func change(_ scene: Scene, _ tenants: Tenants, seenBy reader: LocalClient) async throws {
    for round in 1...5 {
      try await tenants.other.query(
        "SELECT api.set_config('ai', 'mark', $1, 'r')", [.text("\(Tenants.theirMark)-\(round)")])
    }
    let owner = try await scene.database.connect()
    try await owner.query("SELECT admin.set_default('ai', 'model', 'small', 'r')")
    await owner.close()
    try await tenants.app.query(
      "SELECT api.set_config('ai', 'mark', $1, 'r')", [.text("\(Tenants.ourMark)-last")])
    try await eventually {
      try reader.held["mark"] == .text("\(Tenants.ourMark)-last")
        && reader.held["model"] == .text("small")
    }
  }

  @Test func aSocketShowsItsOrganisationOnly() async throws {
    try await play { scene, tenants in
      let folder = try AgentProcess.makeFolder()
      let socket = "\(folder)/acme.sock"
      let agent = try await AgentProcess.serve(
        scene, listen: ["unix:\(socket),org=\(tenants.ours)", "127.0.0.1:0"], folder: folder)
      let address = LocalAddress.socket(socket)
      let mode = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions] as? Int
      #expect(mode == 0o660)
      let reader = try agent.follow(at: address)
      try await eventually { reader.events.count == 1 }
      try await change(scene, tenants, seenBy: reader)

      var seen = reader.text
      for query in ["", "?org=\(tenants.ours)"] {
        let answer = try await LocalClient.get(address, "/v1/config/ai\(query)")
        #expect(answer.status == 200 && answer.body.contains(Tenants.ourMark))
        #expect(try Served(answer.body).org_id == tenants.ours)
        seen += answer.body
      }
      // What one might try.
      for path in [
        "/v1/config/ai?org=\(tenants.theirs)", "/v1/config/ai/events?org=\(tenants.theirs)",
        "/v1/config/ai?org=0", "/v1/config/ai?org=\(tenants.ours)&org=\(tenants.theirs)",
        "/v1/config/ai?ORG=\(tenants.theirs)", "/v1/config/ai?org=%3\(tenants.theirs)",
        "/v1/config/ai?org=", "/v1/config/ai?org=-1", "/v1/config/ai?org=99999999999999999999",
        "/v1/config/ai?", "/v1/config/ai?x", "/v1/config/ai/../ai?org=\(tenants.theirs)",
        "//v1/config/ai", "/metrics", "/readyz", "/healthz", "/",
        "http://x/v1/config/ai?org=\(tenants.theirs)", "/v1/config/email", "/v1/config",
        "/v1/config/ai/.last-known-good",
      ] {
        let answer = try await LocalClient.get(address, path)
        let isOurs = path == "/v1/config/ai?"
        #expect(isOurs ? answer.status == 200 : (400..<500).contains(answer.status), "\(path)")
        seen += answer.body + "\(answer.headers)"
      }
      let back = try agent.follow(["Last-Event-ID": "1-0"], at: address)
      try await eventually { back.events.count == 1 }
      seen += back.text
      #expect(!seen.contains(Tenants.theirMark))
      #expect(!seen.contains("\"org_id\":\(tenants.theirs)"))
      // The same agent gives the platform's own services everything.
      let all = try await agent.get()
      #expect(all.body.contains(Tenants.ourMark) && all.body.contains(Tenants.theirMark))
      try await agent.process.stop()
      #expect(!FileManager.default.fileExists(atPath: socket))
    }
  }

  @Test func aTokenShowsItsOrganisationOnly() async throws {
    try await play { scene, tenants in
      let tokens = try AgentProcess.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: tokens) }
      func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(tokens)/\(name)", atomically: true, encoding: .utf8)
      }
      let (ours, theirs, all) = (
        String(repeating: "a1", count: 20), String(repeating: "b2", count: 20),
        String(repeating: "c3", count: 20)
      )
      try write("\(tenants.ours)", "\(ours)\n")
      try write("\(tenants.theirs)", theirs)
      try write("all", all)
      try write("notes.txt", String(repeating: "d4", count: 20))
      try write("77", "short")
      let agent = try await AgentProcess.serve(scene, listen: ["127.0.0.1:0,tokens=\(tokens)"])
      #expect(agent.process.log.contains("notes.txt") && agent.process.log.contains("77"))
      #expect(!agent.process.log.contains(ours))

      func get(_ token: String?, _ path: String = "/v1/config/ai") async throws -> LocalAnswer {
        try await LocalClient.get(
          agent.address, path,
          headers: token.map { ["Authorization": "Bearer \($0)"] } ?? [:])
      }
      for token in [
        nil, "", "short", String(repeating: "d4", count: 20), ours.uppercased(), ours + "x",
        String(ours.dropLast()),
      ] {
        for path in ["/v1/config/ai", "/v1/config/none", "/v1/config/ai/events"] {
          let answer = try await get(token, path)
          #expect(answer.status == 401 && answer.headers["www-authenticate"] == "Bearer")
          #expect(!answer.body.contains("mark"))
        }
      }
      let reader = try agent.follow(["Authorization": "Bearer \(ours)"])
      try await eventually { reader.events.count == 1 }
      try await change(scene, tenants, seenBy: reader)
      let mine = try await get(ours)
      #expect(mine.body.contains(Tenants.ourMark))
      #expect(!(mine.body + reader.text).contains(Tenants.theirMark))
      #expect(try await get(ours, "/v1/config/ai?org=\(tenants.theirs)").status == 403)
      let other = try await get(theirs)
      #expect(other.body.contains(Tenants.theirMark) && !other.body.contains(Tenants.ourMark))
      #expect(try await get(theirs).headers["etag"] != mine.headers["etag"])
      #expect(try await get(all).body.contains(Tenants.theirMark))

      // A token that is taken back ends what it has begun; a new one holds at once.
      let new = String(repeating: "e5", count: 20)
      try write("\(tenants.ours)", new)
      try await eventually { reader.isOver }
      #expect(try await get(ours).status == 401)
      #expect(try await get(new).body.contains(Tenants.ourMark))
      // In two organisations' files it is nobody's.
      try write("\(tenants.theirs)", new)
      try await eventually { try await get(new).status == 401 }
      // However often it stands there, and whatever the last of the files is. The other token shows that
      // the folder has been read again.
      let other1 = String(repeating: "f6", count: 20)
      try write("\(tenants.theirs)", "\(new)\n\(new)\n\(other1)")
      try await eventually { try await get(other1).status == 200 }
      #expect(try await get(new).status == 401)
      let other2 = String(repeating: "07", count: 20)
      try write("all", "\(new)\n\(other2)")
      try await eventually { try await get(other2).status == 200 }
      #expect(try await get(new).status == 401)
      try await agent.process.stop()
    }
  }

  /// The agent beside a tenant's workload has a login with which PostgreSQL gives nothing else.
  @Test func aSidecarKnowsItsOrganisationOnly() async throws {
    try await play { scene, tenants in
      let org = ["--org", "\(tenants.ours)"]
      let agent = try await AgentProcess.serve(scene, login: "agent_acme", redis: nil, org)
      let reader = try agent.follow()
      try await eventually { reader.events.count == 1 }
      #expect(try Served(reader.events[0].data).org_id == tenants.ours)
      try await change(scene, tenants, seenBy: reader)
      try await eventually { agent.file?.contains("\(Tenants.ourMark)-last") == true }
      var seen = reader.text + agent.process.log
      for path in ["/v1/config/ai", "/v1/config/ai?org=\(tenants.theirs)", "/v1/config/ai?org=0"] {
        seen += try await LocalClient.get(agent.address, path).body
      }
      #expect(try await agent.get("?org=\(tenants.theirs)").status == 403)
      for file in ["ai.json", ".last-known-good/ai.json"] {
        seen += try String(contentsOfFile: "\(agent.folder)/\(file)", encoding: .utf8)
      }
      #expect(seen.contains(Tenants.ourMark) && !seen.contains(Tenants.theirMark))
      // Nor has it ever had it.
      let held = try memory(of: agent.process.pid)
      #expect(held.contains(Tenants.ourMark) && !held.contains(Tenants.theirMark))
      try await agent.process.stop()

      // PostgreSQL, and not the agent, says so.
      let login = try await scene.database.connect(as: "agent_acme")
      let rows = try await login.query("SELECT org_id, value FROM api.pod_configs('ai')")
      #expect(Set(rows.compactMap { $0["org_id"] }) == ["0", "\(tenants.ours)"])
      for statement in [
        "SELECT * FROM config.service_configs", "SELECT * FROM config.subscriptions",
        "SELECT * FROM api.pod_configs('email')",
        "SELECT admin.bind_pod('agent_acme', 'ai', \(tenants.theirs))",
        "SELECT admin.unbind_pod('agent_acme', 'ai', \(tenants.ours))",
      ] {
        #expect(await sqlState { try await login.query(statement) } == "42501", "\(statement)")
      }
      await login.close()
    }
  }

  @Test func aLoginThatMayLoadMoreIsNoSidecars() async throws {
    try await play { scene, tenants in
      func start(_ login: String, _ org: Int64) async throws -> Tool.Result {
        try await scene.tool(
          login, "pod-ai",
          ["agent", "--service", "ai", "--org", "\(org)", "--listen", "127.0.0.1:0"])
      }
      let all = try await start("pod_ai", tenants.ours)
      #expect(all.status == 1)
      #expect(all.error.contains("may load the configuration of all organisations of ai, not of"))
      #expect(all.error.contains("HINT: ") && all.error.contains("admin.bind_pod"))
      let wrong = try await start("agent_acme", tenants.theirs)
      #expect(wrong.status == 1 && wrong.error.contains("of organisation \(tenants.ours) of ai"))
      let unbound = try await start("pod_email", tenants.ours)
      #expect(unbound.status == 1 && unbound.error.contains("not bound to the service ai"))

      // One that gets more rights later is given no more.
      let agent = try await AgentProcess.serve(
        scene, login: "agent_acme", redis: nil, ["--org", "\(tenants.ours)"])
      let reader = try agent.follow()
      let dba = try await scene.database.connect(as: "dba")
      try await dba.query("SELECT admin.bind_pod('agent_acme', 'ai')")
      try await tenants.other.query(
        "SELECT api.set_config('ai', 'mark', $1, 'r')", [.text("\(Tenants.theirMark)-2")])
      try await agent.process.waitForLine("organisations that this agent is not bound to")
      try await dba.query("SELECT admin.unbind_pod('agent_acme', 'ai')")
      #expect(
        await sqlState { try await dba.query("SELECT admin.unbind_pod('agent_acme', 'ai')") }
          == "P0002")
      await dba.close()
      #expect(!reader.text.contains(Tenants.theirMark))
      #expect(try await agent.get().body.contains(Tenants.ourMark))
      #expect(try await !agent.get().body.contains(Tenants.theirMark))
      #expect(agent.file?.contains(Tenants.theirMark) == false)
      try await agent.process.stop()
    }
  }

  /// What the process has on its heap.
  private func memory(of pid: Int32) throws -> String {
    let maps = try String(contentsOfFile: "/proc/\(pid)/maps", encoding: .utf8)
    let memory = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/\(pid)/mem"))
    var text = ""
    for line in maps.split(separator: "\n") {
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      let isAnonymous = words.count == 5 || words.last == "[heap]"
      guard words[1].hasPrefix("rw"), isAnonymous else { continue }
      let bounds = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
      try memory.seek(toOffset: bounds[0])
      let bytes = (try? memory.read(upToCount: Int(bounds[1] - bounds[0]))) ?? Data()
      for mark in [Tenants.ourMark, Tenants.theirMark] where bytes.range(of: Data(mark.utf8)) != nil
      {
        text += mark
      }
    }
    return text
  }
}

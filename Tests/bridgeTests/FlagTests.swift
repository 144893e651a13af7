internal import Foundation
internal import HotConfig
internal import Postgres
internal import Redis
internal import Synchronization
internal import TestSupport
internal import Testing

/// Feature flags from `admin.define_flag` to a pod's memory, and evaluations back, on real servers.
@Suite(.timeLimit(.minutes(4))) struct FlagTests {
  /// A pod of service `features`, and what it was told of flags.
  private final class Pod: Sendable {
    private let told = Told()
    let config: HotConfig

    private final class Told: Sendable {
      let troubles = Mutex<[String]>([])
    }

    init(_ configuration: HotConfigConfiguration) async throws {
      let told = told
      config = try await HotConfig.connect(configuration) { event in
        if case .flag(let key, let trouble) = event {
          told.troubles.withLock { $0.append("\(key): \(trouble)") }
        }
      }
    }

    var troubles: [String] { told.troubles.withLock { $0 } }
  }

  private static func configuration(_ scene: Scene) throws -> HotConfigConfiguration {
    HotConfigConfiguration(
      services: ["features"],
      postgres: PostgresConfiguration(conninfo: scene.database.conninfo(user: "pod_features")),
      redis: try RedisConfiguration(
        url: scene.redis.redisURL("pod-features"), caFile: scene.redis.redisCAFile,
        passwordFile: scene.redis.redisPasswordFile("pod-features")))
  }

  @Test func aFlagIsInEveryPodsMemoryAndSoIsItsKillSwitch() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      let dba = try await scene.database.connect(as: "dba")
      try await dba.query("SELECT admin.define_flag('base', '{}', 'r')")
      try await dba.query(
        """
        SELECT admin.define_flag('new-checkout', '{
          "prerequisites": [{"flag": "base", "variant": "on"}],
          "rules": [{"priority": 10, "name": "staff", "variant": "on",
                     "when": [{"attribute": "email", "operator": "ends_with", "values": ["@acme.com"]}]}],
          "rollout": {"shares": [{"variant": "on", "weight": 25000}, {"variant": "off", "weight": 75000}]}}', 'r')
        """)
      let pod = try await Pod(Self.configuration(scene))
      func answer(_ attributes: FlagAttributes = [:]) -> FlagAnswer<Bool> {
        pod.config.answer(
          flag: "new-checkout", orgID: org, subject: "user-6", attributes: attributes,
          default: false)
      }
      #expect(
        answer(["email": "ann@acme.com"])
          == FlagAnswer(value: true, variant: "on", reason: .rule, rule: "staff"))
      #expect(answer() == FlagAnswer(value: true, variant: "on", reason: .rollout, rule: nil))
      // What PostgreSQL says of the same.
      for subject in ["user-1", "user-6", "é"] {
        let row = try await app.query(
          "SELECT value, reason FROM api.flag('new-checkout', $1)", [.text(subject)])[0]
        let mine = pod.config.answer(
          flag: "new-checkout", orgID: org, subject: subject, default: false)
        #expect(row["value"] == "\(mine.value)" && row["reason"] == mine.reason.rawValue)
      }

      let changes = pod.config.changes(flag: "new-checkout")
      try await app.query("SELECT api.set_flag('new-checkout', 'false', 'not us')")
      try await eventually { answer().reason == .organisation }
      #expect(!answer().value)
      try await dba.query("SELECT admin.kill_flag('base', 'incident')")
      // The organisation's choice is stronger than a prerequisite, and weaker than the switch.
      try await app.query("SELECT api.set_flag('new-checkout', NULL, 'as all')")
      try await eventually { answer().reason == .prerequisite }
      #expect(
        answer() == FlagAnswer(value: false, variant: "off", reason: .prerequisite, rule: "base"))
      try await dba.query("SELECT admin.kill_flag('new-checkout', 'incident')")
      try await eventually { answer().reason == .killed }
      var seen: [String] = []
      for await change in changes {
        seen.append("\(change.key.orgID)/\(change.key.key)@\(change.new?.version ?? 0)")
        if change.key.key == "new-checkout", change.key.orgID == 0 { break }
      }
      #expect(seen.last == "0/new-checkout@2" && seen.contains("0/base@2"))
      #expect(seen.contains("\(org)/new-checkout@2"), "\(seen)")
      #expect(pod.troubles == [])

      try await dba.query("SELECT admin.remove_flag('new-checkout', 'r')")
      try await eventually { answer().reason == .unknown }
      try await eventually { pod.troubles.count == 1 }
      await pod.config.close()
      await dba.close()
      await app.close()
      try await bridge.stop()
    }
  }

  @Test func whatPodsEvaluateIsCountedAndTheRestIsStale() async throws {
    try await Scene.play { scene in
      let (org, app) = try await scene.tenant()
      await app.close()
      let owner = try await scene.database.connect()
      for flag in ["used", "base", "forgotten"] {
        try await owner.query("SELECT admin.define_flag($1, '{}', 'r')", [.text(flag)])
      }
      try await owner.query(
        "SELECT admin.define_flag('used', '{\"prerequisites\": [{\"flag\": \"base\", \"variant\": \"on\"}]}', 'r')"
      )
      // A month passes.
      try await owner.execute(
        """
        ALTER TABLE config.service_configs DISABLE TRIGGER USER;
        UPDATE config.service_configs SET changed_at = changed_at - interval '31 days' WHERE service = 'features';
        ALTER TABLE config.service_configs ENABLE TRIGGER USER;
        """)
      func counts() async throws -> [String] {
        try await owner.query(
          "SELECT key, variant, evaluations FROM config.flag_evaluations ORDER BY 1, 2"
        ).map { "\($0["key"]!) \($0["variant"]!) \($0["evaluations"]!)" }
      }
      func stale() async throws -> [String] {
        try await owner.query("SELECT key, why FROM admin.stale_flags(30) ORDER BY 1").map {
          "\($0["key"]!): \($0["why"]!)"
        }
      }
      #expect(
        try await stale() == [
          "base: no evaluation reported, not changed",
          "forgotten: no evaluation reported, not changed",
          "used: no evaluation reported, not changed",
        ])
      var configuration = try Self.configuration(scene)
      configuration.redis = nil
      configuration.poll = .milliseconds(100)
      configuration.report = .milliseconds(100)
      configuration.evaluations = .milliseconds(100)
      let pod = try await Pod(configuration)
      func evaluate(_ times: Int) {
        for _ in 0..<times { _ = pod.config.flag("used", orgID: org, default: false) }
      }
      evaluate(5)
      try await eventually { try await counts() == ["base on 5", "used on 5"] }
      #expect(
        try await stale() == [
          "base: not changed, always on", "forgotten: no evaluation reported, not changed",
          "used: not changed, always on",
        ])
      // A database that takes no report loses none.
      try await owner.execute(
        "REVOKE EXECUTE ON FUNCTION api.report_evaluations(jsonb) FROM ark_pod")
      let failures = try await Self.failures(owner)
      evaluate(7)
      try await eventually { try await Self.failures(owner) > failures }
      try await owner.execute("GRANT EXECUTE ON FUNCTION api.report_evaluations(jsonb) TO ark_pod")
      try await eventually { try await counts() == ["base on 12", "used on 12"] }
      await pod.config.close()

      // What ends says what it has not said yet.
      configuration.report = .seconds(3600)
      let short = try await Pod(configuration)
      for _ in 0..<3 { _ = short.config.flag("used", orgID: org, default: false) }
      await short.config.close()
      #expect(try await counts() == ["base on 15", "used on 15"])
      await owner.close()
    }
  }

  /// How many transactions have failed in the database so far.
  private static func failures(_ owner: PostgresConnection) async throws -> Int {
    let count = try await owner.value(
      "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()")
    return Int(count ?? "") ?? 0
  }

  /// Written past every check, as by an older program of a newer database.
  @Test func aDefinitionThatIsNoneServesTheDefaultAndIsToldOnce() async throws {
    try await Scene.play { scene in
      let (org, app) = try await scene.tenant()
      await app.close()
      let owner = try await scene.database.connect()
      try await owner.query("SELECT admin.define_flag('f', '{}', 'r')")
      var configuration = try Self.configuration(scene)
      configuration.redis = nil
      configuration.poll = .milliseconds(50)
      let folder = FileManager.default.temporaryDirectory.appending(path: "ark-\(UUID())").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      configuration.lastKnownGood = folder
      let pod = try await Pod(configuration)
      #expect(pod.config.flag("f", orgID: org, default: false))
      try await owner.execute(
        """
        ALTER TABLE config.service_configs DISABLE TRIGGER USER;
        UPDATE config.service_configs SET value = '{"segments": ["staff"]}', version = 2, xid = pg_current_xact_id()
        WHERE service = 'features' AND key = 'f';
        ALTER TABLE config.service_configs ENABLE TRIGGER USER;
        """)
      try await eventually {
        pod.config.answer(flag: "f", orgID: org, default: true).reason == .malformed
      }
      #expect(pod.config.flag("f", orgID: org, default: true))
      #expect(!pod.config.flag("f", orgID: org, default: false))
      #expect(
        pod.troubles == [
          "f: its version 2 is no definition: it has the unknown member segments; the default is served; is this program older than the database?"
        ])
      try await owner.query("SELECT admin.define_flag('f', '{\"default\": \"off\"}', 'r')")
      try await eventually {
        pod.config.answer(flag: "f", orgID: org, default: true)
          == FlagAnswer(value: false, variant: "off", reason: .default, rule: nil)
      }
      // A restart without a database: the flag is that of the file.
      try await eventually {
        try String(contentsOfFile: "\(folder)/features.json", encoding: .utf8).contains("off")
      }
      await pod.config.close()
      configuration.postgres = PostgresConfiguration(conninfo: "host=127.0.0.1 port=1")
      configuration.patience = .milliseconds(300)
      let lonely = try await Pod(configuration)
      #expect(lonely.config.state == .stale)
      #expect(lonely.config.answer(flag: "f", orgID: org, default: true).reason == .default)
      await lonely.config.close()
      await owner.close()
    }
  }
}

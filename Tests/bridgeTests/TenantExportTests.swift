internal import HotConfig
internal import Postgres
internal import TestSupport
internal import Testing

/// What a pod hears when one tenant is brought back, and when it goes for good.
@Suite(.timeLimit(.minutes(3))) struct TenantExportTests {
  @Test func aPodHearsOfAnImportAndOfADeletionAtOnceAndOfNobodyElse() async throws {
    try await Scene.play { scene in
      let bridge = try scene.bridge()
      try await bridge.waitForLine("leads")
      let (org, app) = try await scene.tenant()
      let beta = try await app.createOrganization("beta")
      let dba = try await scene.database.connect(as: "dba")
      try await dba.query("SELECT admin.define_key('ai', 'since', 'text', 'd')")
      func set(_ orgID: Int64, _ threshold: String, _ model: String) async throws {
        try await app.execute("SET app.current_org = \(orgID)")
        try await app.query(
          "SELECT api.set_configs($1, 'r')",
          [
            .json(
              """
              [{"service": "ai", "key": "threshold", "value": "\(threshold)"},
               {"service": "ai", "key": "model", "value": "\(model)"}]
              """)
          ])
      }
      try await set(beta, "0.7", "medium")
      try await set(org, "0.5", "small")
      try await dba.query("SELECT admin.export_org('acme', 'r')")
      try await set(org, "0.9", "large")
      try await app.query("SELECT api.set_config('ai', 'since', 'x', 'r')")

      let pod = try await scene.subscriber("ai")
      /// What the pod holds of an organisation: threshold, model, and what came after the export.
      @Sendable func held(_ orgID: Int64) -> [String?] {
        let held = pod.held
        return ["threshold", "model", "since"].map { held["\(orgID)/\($0)"] }
      }
      #expect(held(org) == ["0.9@2", "large@2", "x@1"])
      #expect(held(beta) == ["0.7@1", "medium@1", nil])

      for (statement, expected) in [
        ("admin.import_org('acme', 'r')", ["0.5@3", "small@3", "-@2"]),
        ("admin.delete_org('acme', 'acme', 'r')", ["-@4", "-@4", "-@2"]),
      ] {
        let changes = pod.config.changes()
        try await dba.query("SELECT \(statement)")
        var keys: Set<String> = []
        for await change in changes {
          // With the first of them all are there.
          #expect(held(org) == expected, "\(statement): \(change.key)")
          #expect(change.key.orgID == org)
          keys.insert(change.key.key)
          if keys.isSuperset(of: ["threshold", "model"]) { break }
        }
        #expect(held(beta) == ["0.7@1", "medium@1", nil], "\(statement)")
      }
      #expect(!pod.hasGoneBack)
      // Nobody's default is in the way: there is nothing left of it.
      #expect(pod.config.values.allSatisfy { $0.key.orgID != org || $0.value.text == nil })

      await pod.stop()
      await dba.close()
      await app.close()
      try await bridge.stop()
    }
  }
}

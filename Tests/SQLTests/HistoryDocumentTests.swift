internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// The commands of docs/history.md, run as they stand there.
extension HistoryTests {
  @Suite struct HistoryDocumentTests {
    /// The shell commands of the page, with this test's database, dates and folder in them.
    private func commands(_ database: TestDatabase, org: Int64) throws -> [String] {
      let page = try String(contentsOfFile: "\(Stack.root)/docs/history.md", encoding: .utf8)
      func day(_ days: Double) -> String {
        Date(timeIntervalSinceNow: days * 86400).ISO8601Format(.iso8601.year().month().day())
      }
      return page.matches(of: /```sh\n((?s:.)*?)\n```/).map { match in
        String(match.1)
          .replacing("-d ark -U app", with: "-d '\(database.conninfo(user: "app"))'")
          .replacing("-d ark -U dba", with: "-d '\(database.conninfo(user: "dba"))'")
          .replacing("app.current_org = 123", with: "app.current_org = \(org)")
          .replacing("'2026-11-01'", with: "'\(day(-1))'")
          .replacing("'2026-12-01'", with: "'\(day(2))'")
      }
    }

    private func run(_ command: String, in folder: String) async throws -> Tool.Result {
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      return try await Tool.run(
        "/bin/bash", ["-c", "set -e; cd '\(folder)'; \(command)"],
        environment: ["PATH": "\(Stack.current.postgresBin):\(path)"])
    }

    @Test func theCommandsDoWhatThePageSays() async throws {
      let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("ark-history-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try await HistoryTests.withDatabase { database in
        let owner = try await database.connect()
        let org = try await owner.createOrganization("acme")
        let other = try await owner.createOrganization("other")
        for (org, reason) in [(org, "=HYPERLINK(\"x\", \"y\")"), (other, "theirs")] {
          let app = try await database.connect(as: "app")
          try await app.execute("SET app.current_org = \(org)")
          try await app.query(
            "SELECT api.set_config('ai', 'threshold', '0.5', $1)", [.text(reason)])
          await app.close()
        }
        let commands = try commands(database, org: org)
        try #require(commands.count == 3)

        let export = try await run(commands[0], in: folder)
        #expect(export.status == 0, "\(export.error)")
        let csv = try String(contentsOfFile: "\(folder)/history.csv", encoding: .utf8)
        let lines = csv.split(separator: "\n")
        #expect(
          lines.first
            == "changed_at,service,key,version,old_value,new_value,changed_by,login,reason,history_id"
        )
        #expect(lines.count == 5, "the header, three quotas, one change")
        #expect(
          lines.last?.contains(#",ai,threshold,1,,0.5,app,app,"'=HYPERLINK(""x"", ""y"")","#)
            == true)
        #expect(!csv.contains("theirs"))

        // Another database of the cluster may hold back the sealing for a moment.
        try await eventually(within: .seconds(150)) {
          _ = try await owner.query("SELECT config.seal_history()")
          return try await owner.value("SELECT unsealed FROM admin.history_health()") == "0"
        }
        let anchor = try await run(commands[1], in: folder)
        #expect(anchor.status == 0, "\(anchor.error)")
        let unbroken = try await run(commands[2], in: folder)
        #expect(unbroken.status == 0, "\(unbroken.error)")
        #expect(unbroken.output.contains("(0 rows)"), "\(unbroken.output)")

        // An owner who edits a row and computes the whole chain anew.
        try await owner.execute(
          """
          BEGIN;
          ALTER TABLE config.config_history DISABLE TRIGGER USER;
          ALTER TABLE config.history_chain DISABLE TRIGGER USER;
          UPDATE config.config_history SET reason = 'forged' WHERE org_id = \(org) AND service = 'ai';
          DELETE FROM config.history_chain;
          UPDATE config.history_heads SET position = 0, hash = decode(repeat('00', 32), 'hex');
          UPDATE config.history_cursor SET sealed_before = '3';
          COMMIT
          """)
        try await eventually(within: .seconds(150)) {
          _ = try await owner.query("SELECT config.seal_history()")
          return try await owner.value("SELECT unsealed FROM admin.history_health()") == "0"
        }
        #expect(try await owner.query("SELECT * FROM admin.verify_chain()").isEmpty)
        let rebuilt = try await run(commands[2], in: folder)
        #expect(rebuilt.status == 0, "\(rebuilt.error)")
        #expect(rebuilt.output.contains("rebuilt: "))
        await owner.close()
      }
    }
  }
}

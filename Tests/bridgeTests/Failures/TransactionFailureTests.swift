internal import Foundation
internal import HotConfig
internal import Postgres
internal import TestSupport
internal import Testing

/// Transactions that a feed with a simple cursor would stumble over.
@Suite(.timeLimit(.minutes(6))) struct TransactionFailureTests {
  /// Row "a transaction open for 30 s in this and in another database, a prepared transaction, hundreds
  /// of open transactions": none of them holds anybody up, and each is announced when it ends.
  @Test func longTransactions() async throws {
    try await Trial.play(ownPostgres: true) { trial in
      try await trial.bridge()
      let writer = try await trial.writer()
      let pod = try await trial.pod()
      try await trial.pod(boundTo: writer.orgID)
      let began = ContinuousClock.now
      let elsewhere = try await TestDatabase.create(.empty, on: trial.scene.database.stack)
      let other = try await elsewhere.connect()
      try await other.execute("BEGIN; SELECT pg_current_xact_id()")
      let (long, prepared) = (
        trial.writer(writer.orgID, setup: "SET app.wake_up = off"),
        trial.writer(writer.orgID, setup: "SET app.wake_up = off")
      )
      // Written early, committed late.
      async let late: Void = long.set(
        "ai", ["late1", "late2"], to: Writer.value(), before: "SELECT pg_sleep(30)")
      try await prepared.set(
        "ai", ["prepared"], to: Writer.value(), end: "PREPARE TRANSACTION 'trial'")
      var crowd: [PostgresConnection] = []
      for _ in 0..<300 {
        let connection = try await trial.scene.database.connect(as: "app")
        try await connection.execute("BEGIN; SELECT pg_current_xact_id()")
        crowd.append(connection)
      }
      try await trial.owner { owner in
        try await eventually {
          let open = try await owner.value(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL")
          return Int(open!)! >= 302
        }
      }
      var rounds = 0
      while began.duration(to: .now) < .seconds(29) || rounds < 20 {
        rounds += 1
        let value = try await writer.set("flag", by: rounds % 2 == 0 ? .call : .statement)
        try await writer.set("ai", ["undone"], to: Writer.value(), end: "ROLLBACK")
        try await eventually { pod.value(writer.orgID, "flag") == value }
      }
      #expect(pod.value(writer.orgID, "prepared") == nil)
      #expect(pod.value(writer.orgID, "undone") == nil)
      for connection in crowd { await connection.close() }
      try await late
      try await other.execute("COMMIT")
      try await trial.owner { try await $0.query("COMMIT PREPARED 'trial'") }
      try await eventually {
        pod.value(writer.orgID, "late2") != nil && pod.value(writer.orgID, "prepared") != nil
      }
      #expect(began.duration(to: .now) >= .seconds(30))
      await other.close()
      try await elsewhere.drop()
    }
  }

  /// Row "10,000 keys changed in one transaction".
  @Test func tenThousandKeysInOneTransaction() async throws {
    try await Trial.play(within: .seconds(120)) { trial in
      try await trial.bridge()
      let writer = try await trial.writer()
      let pod = try await trial.pod()
      try await trial.pod(boundTo: writer.orgID)
      let loads = pod.loads
      for round in 1...2 {
        let value = "\(Judge.marker)-all-\(round)"
        try await writer.setMany(10000, "key", to: value)
        try await eventually(within: .seconds(60)) {
          pod.value(writer.orgID, "key10000") == value
        }
        // All of them at once.
        #expect(pod.record.held.values.count { $0.value == value } == 10000)
      }
      try await trial.settle(within: .seconds(120))
      // One read is for all announcements that arrive meanwhile; now and then something else asks.
      #expect(pod.loads - loads < 100, "20,000 announcements")
    }
  }

  /// Row "organisation deleted": its values are gone everywhere, and those of others are not.
  @Test func anOrganisationIsDeleted() async throws {
    try await Trial.play { trial in
      try await trial.bridge()
      let (writer, other) = (try await trial.writer(), try await trial.writer())
      let pod = try await trial.pod()
      let own = try await trial.pod(boundTo: writer.orgID)
      for key in ["a", "b", "threshold-note"] {
        try await writer.set(key)
        try await other.set(key)
      }
      try await eventually { own.value(writer.orgID, "threshold-note") != nil }
      try await trial.owner { owner in
        let slug = try await owner.value(
          "SELECT slug FROM core.organizations WHERE id = $1", [.int(writer.orgID)])
        try await owner.query(
          "SELECT admin.delete_organization($1, $1, 'trial')", [.text(slug)])
      }
      try await eventually {
        ["a", "b", "threshold-note"].allSatisfy { key in
          pod.value(writer.orgID, key) == nil && own.value(writer.orgID, key) == nil
            && pod.value(other.orgID, key) != nil
        }
      }
      await #expect(throws: PostgresError.self) { try await writer.set("a") }
    }
  }

  /// Row "trigger disabled and row changed behind its back": found by the comparison that is due from
  /// time to time.
  @Test func aRowIsChangedBehindTheTriggersBack() async throws {
    try await Trial.play { trial in
      try await trial.bridge()
      let writer = try await trial.writer()
      let key = History.Key(orgID: writer.orgID, service: "ai", key: "flag")
      let gone = History.Key(orgID: writer.orgID, service: "ai", key: "gone")
      trial.allow { $0.mayChangeSilently = [key, gone] }
      let pod = try await trial.pod { $0.tune = { $0.reconcile = .seconds(1) ... .seconds(2) } }
      try await writer.set("flag")
      // Not one of the writers', who would rightly call it lost.
      try await trial.owner { owner in
        try await owner.execute(
          """
          SET ROLE ark_system;
          INSERT INTO config.service_configs (org_id, service, key, value)
          VALUES (\(writer.orgID), 'ai', 'gone', '\(Writer.value())')
          """)
      }
      try await eventually { pod.record.held[gone] != nil && pod.record.held[key] != nil }
      let value = Writer.value()
      try await trial.owner { owner in
        try await owner.execute(
          """
          BEGIN;
          ALTER TABLE config.service_configs DISABLE TRIGGER ALL;
          UPDATE config.service_configs SET value = '\(value)'
          WHERE org_id = \(writer.orgID) AND key = 'flag';
          DELETE FROM config.service_configs WHERE org_id = \(writer.orgID) AND key = 'gone';
          ALTER TABLE config.service_configs ENABLE TRIGGER ALL;
          COMMIT;
          """)
      }
      try await eventually {
        pod.value(writer.orgID, "flag") == value && pod.record.held[gone] == nil
      }
      #expect(pod.record.held[key]?.version == 1)
    }
  }
}

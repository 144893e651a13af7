internal import Foundation
internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// `kill -9` of the daemon's process at the commits of what tenants use: before the server has it, or when it is
/// done and before the daemon has heard of it. Those of jobs are in DaemonKillTests.
@Suite(.timeLimit(.minutes(4))) struct UsageKillTests {
  static let functions = ["report_samples", "report_task"]

  /// What it has reported, and what it has not, is there once.
  @Test(arguments: functions, [Trap.Side.before, .after])
  func aKilledDaemonsSamplesAreThereOnce(_ function: String, _ side: Trap.Side) async throws {
    try await UsageScene.play { database, owner, _ in
      let end = try await UsageScene.settleEnd(owner)
      // Nothing but what is looked at here.
      try await owner.execute(
        """
        UPDATE provisioning.maintenance SET next_at = 'infinity' WHERE task <> 'ingest-usage';
        UPDATE provisioning.maintenance SET next_at = clock_timestamp() WHERE task = 'ingest-usage';
        """)
      let scene = Scene(
        database: database, cluster: .current, owner: owner,
        kubernetes: try KubernetesClient(.load(path: Stack.current.adminKubeconfig)), prefix: "u")
      try await UsageScene.withPrometheus(until: end) { url in
        let trap = Trap("provisioning.\(function)($1", side)
        let relay = Relay(
          toSocket: "\(Stack.current.postgresHost)/.s.PGSQL.\(Stack.current.postgresPort)",
          trap: trap)
        defer { relay.stop() }
        let daemon = try scene.daemon(
          "dies", lease: 1, workers: 1, conninfo: relay.conninfo(to: database),
          ["--prometheus-url", url])
        try await eventually("\(function); \(daemon.log)") { trap.isSprung }
        try await daemon.stop(SIGKILL)
        relay.stop()
        let killed = try await owner.value("SELECT clock_timestamp()::text") ?? ""
        let told = try await UsageScene.told(owner)
        #expect(
          (told.result == "3 answers, 39 samples, 33 written, 6 of nobody")
            == (function == "report_task" && side == .after), "\(told)")

        try await owner.query(
          "UPDATE provisioning.maintenance SET next_at = clock_timestamp(), finished_at = NULL WHERE task = 'ingest-usage'"
        )
        let successor = try scene.daemon(
          "succeeds", lease: 1, workers: 1, ["--prometheus-url", url])
        // It hears no signal before it is up.
        try await eventually("a successor that listens; \(successor.log)") {
          try await owner.value(
            """
            SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database()
            AND usename = 'provisioner' AND query LIKE 'LISTEN%' AND backend_start > $1::timestamptz
            """, [.text(killed)]) == "t"
        }
        try await eventually("a second report; \(successor.log)") {
          try await owner.value(
            """
            SELECT bool_and(ingested_until = to_timestamp(\(end))) AND (
              SELECT result <> 'asked for' AND error IS NULL FROM admin.maintenance() WHERE task = 'ingest-usage')
            FROM finops.usage_queries
            """) == "t"
        }
        let samples = try await owner.value(
          """
          SELECT concat_ws(' ', count(*), count(DISTINCT (org_id, resource, sampled_at))) FROM finops.usage_samples
          """)
        #expect(samples == "33 33")
        let status = try await successor.stop()
        #expect(status == 0, "\(successor.log)")
      }
    }
  }
}

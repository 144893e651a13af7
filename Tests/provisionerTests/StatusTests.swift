internal import Daemon
internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// `provisioner status`: the work at a glance, and what to type next.
@Suite(.timeLimit(.minutes(4))) struct StatusTests {
  @Test func itShowsTheWork() async throws {
    try await Scene.play { scene in
      let worker = try scene.worker("idle")
      let id = try await scene.organization()
      try await scene.work(worker, until: id, is: "COMMITTED")
      _ = try await scene.organization("waits")
      _ = try await scene.organization("runs")
      // Of two lanes that are due, the longest waiting.
      let claimed = try await scene.owner.query(
        "SELECT job_id FROM provisioning.claim('host:7:abc', '1 minute')")
      #expect(claimed.count == 1)
      try await scene.owner.query(
        "UPDATE provisioning.maintenance SET next_at = clock_timestamp() + interval '1 hour'")
      let status = try await scene.command("status")
      #expect(status.status == 0, "\(status.output)\(status.error)")
      #expect(status.error.isEmpty)
      let lines = status.output.split(separator: "\n", omittingEmptySubsequences: false).map {
        $0.split(separator: /\ {3,}/).map(String.init)
      }
      #expect(lines.contains(["COMMITTED", "1"]) && lines.contains(["PENDING", "2"]))
      #expect(lines.contains { $0.prefix(3) == ["create", "done", "1"] })
      #expect(lines.contains { $0.prefix(4) == ["create", "queued", "1", "1"] })
      #expect(lines.contains { $0.prefix(3) == ["create", "running", "1"] })
      #expect(lines.contains { $0.prefix(2) == ["host:7:abc", claimed[0]["job_id"]!] })
      #expect(status.output.contains("waiting longest: job "))
      #expect(lines.contains { $0.first == "compare-tenants" })
      #expect(status.output.contains("no job is stuck") && status.output.contains("no roll-outs"))
      // Aligned, and nothing that only a terminal understands.
      #expect(!status.output.contains("\u{1b}") && !status.output.contains("\t"))

      let json = try JSONValue(parsing: try await scene.command("status", "-o", "json").output)
      #expect(json["apiVersion"] == "agent-ready-k8s/v1" && json["kind"] == "ProvisionerStatus")
      #expect(json["organizations"] == ["COMMITTED": 1, "PENDING": 2])
      #expect(json["workers"]?.array?.first?["worker"] == "host:7:abc")
      #expect(json["lane_count"] == 2 && json["lanes"]?.array?.count == 2)
      #expect(json["trouble"] == [])

      let refused = try await scene.command("status", as: "app")
      #expect(refused.status == 1 && refused.error.contains("GRANT ark_provisioner"))
      let lost = try await Tool.run(
        Tool.product("provisioner"), ["status", "-d", "host=127.0.0.1 port=1"])
      #expect(lost.status == 2 && lost.error.split(separator: "\n").count == 2, "\(lost.error)")
      let format = try await scene.command("status", "--output", "xml")
      #expect(format.status == 1 && format.error.contains("xml"))
    }
  }

  /// A job that was given up is shown with its reason and a command that, typed as it stands, is right.
  @Test func whatWasGivenUpIsRedrivenByWhatItSays() async throws {
    try await Scene.play { scene in
      let worker = try scene.worker("one")
      let id = try await scene.organization()
      try await scene.work(worker, until: id, is: "COMMITTED")
      try await scene.owner.query("SELECT set_config('app.current_org', $1, false)", [.int(id)])
      func limits(_ value: String) async throws {
        try await scene.owner.query(
          """
          UPDATE provisioning.blueprint SET body = jsonb_set(body, '{spec,hard,limits.cpu}', to_jsonb($1::text))
          WHERE step = 'resource-quota'
          """, [.text(value)])
      }
      try await limits("-1")
      try await scene.owner.query("SELECT api.request_quota(p_cpu => '20', p_reason => 'more')")
      try await scene.drain(worker)
      #expect(try await scene.failure(of: "quota") == "invalid")
      let status = try await scene.command("status")
      #expect(status.status == 3)
      #expect(status.error.contains("provisioner: 1 jobs do not get on\n"), "\(status.error)")
      let json = try JSONValue(parsing: try await scene.command("status", "-o", "json").output)
      let stuck = try #require(json["stuck"]?.array?.first)
      #expect(stuck["kind"] == "quota")
      #expect(stuck["why"]?.string?.hasPrefix("given up: invalid: 422") == true)
      #expect(status.output.contains(try #require(stuck["why"]?.string)), "\(status.output)")

      try await limits("{{cpu}}")
      try await scene.owner.query(try #require(stuck["what_to_do"]?.string))
      try await scene.drain(worker)
      #expect(try await scene.state(of: "quota") == "done")
      #expect(
        try await scene.kubernetes.get(scene.namespacePath() + "/resourcequotas/tenant")["status"]?[
          "hard"]?["limits.cpu"] == "20")
      let after = try JSONValue(parsing: try await scene.command("status", "-o", "json").output)
      #expect(after["stuck_count"] == 0)
    }
  }

  @Test func itSaysThatNobodyWorks() async throws {
    try await Scene.play { scene in
      try await scene.owner.query(
        "UPDATE provisioning.maintenance SET next_at = clock_timestamp() - interval '1 hour'")
      let status = try await scene.command("status")
      #expect(status.status == 3 && status.error.contains("no provisioner runs"))
    }
  }

  @Test func agesAreWrittenAsKubectlDoes() {
    for (seconds, text) in [
      (0, "0s"), (-5, "0s"), (119, "119s"), (120, "2m"), (150, "2m30s"), (600, "10m"),
      (10_799, "179m"), (10_800, "3h"), (12_600, "3h30m"), (30_000, "8h"), (172_799, "47h"),
      (180_000, "2d2h"), (691_200, "8d"),
    ] as [(Int64, String)] {
      #expect("\(Age(seconds))" == text)
    }
  }

  @Test func tablesAreAligned() {
    var table = TextTable("NAME", "VALUE", "NOTE")
    table.add("a", "12345678", "two\nlines")
    table.add("longer", nil, "\u{1b}[31mred")
    #expect(
      table.lines == [
        "NAME     VALUE      NOTE", "a        12345678   two lines", "longer   -           [31mred",
      ])
  }
}

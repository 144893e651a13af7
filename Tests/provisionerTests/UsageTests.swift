internal import Foundation
internal import HTTP
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// What tenants use, from Prometheus: a real one, whose data the test writes.
@Suite(.timeLimit(.minutes(4))) struct UsageTests {
  @Test func whatPrometheusKnowsBecomesSamplesOnce() async throws {
    try await UsageScene.play { _, owner, queue in
      let end = try await UsageScene.settleEnd(owner)
      try await UsageScene.withPrometheus(until: end) { url in
        let ingest = UsageIngest(queue: queue, prometheus: UsageScene.prometheus("\(url)/"))
        let report = try await ingest.run()
        #expect(
          report
            == UsageIngest.Report(
              counts: UsageCounts(samples: 39, written: 33, unknown: 6), questions: 3))
        var told = try await UsageScene.told(owner)
        #expect(told.result == "3 answers, 39 samples, 33 written, 6 of nobody")
        #expect(told.error == nil)
        let used = try await owner.value(
          """
          SELECT string_agg(DISTINCT concat_ws(' ', slug, resource, round(used, 2)), ', ')
          FROM finops.usage_samples JOIN core.organizations ON id = org_id WHERE resource = 'cpu'
          """)
        #expect(used == "acme cpu 2.49, acme cpu 2.50, beta cpu 1.00, beta cpu 8.00")
        // Nothing is due, and nothing is asked.
        #expect(try await ingest.run() == UsageIngest.Report())
        told = try await UsageScene.told(owner)
        #expect(told.result == "nothing was due" && told.error == nil)
        // Asked again from the begin, in other steps: nothing is there twice.
        try await owner.execute(
          "UPDATE finops.usage_queries SET ingested_until = NULL, step = '15 minutes'")
        #expect(try await ingest.run()?.errors == [])
        let covered = try await owner.query(
          """
          SELECT slug, resource, covered FROM admin.efficiency(to_timestamp(\(end - 5 * 3600)), to_timestamp(\(end)))
          WHERE resource = 'cpu' ORDER BY 1, 2
          """
        ).map { "\($0["slug"]!) \($0["resource"]!) \($0["covered"]!)" }
        #expect(covered == ["acme cpu 1.0000", "beta cpu 1.0000"])
        let twice = try await owner.value(
          """
          SELECT count(*) FROM finops.usage_samples AS a JOIN finops.usage_samples AS b
            ON a.org_id = b.org_id AND a.resource = b.resource AND a.sampled_at < b.sampled_at AND a.sampled_at > b.sampled_at - b.step
          """)
        #expect(twice == "0")
      }
    }
  }

  /// A query that Prometheus refuses stops no other one, and is asked again.
  @Test func whatPrometheusRefusesIsTold() async throws {
    try await UsageScene.play { _, owner, queue in
      let end = try await UsageScene.settleEnd(owner)
      try await UsageScene.withPrometheus(until: end) { url in
        try await owner.execute(
          """
          UPDATE finops.usage_queries SET query = 'sum by (' WHERE resource = 'cpu';
          UPDATE finops.usage_queries SET query = 'container_memory_working_set_bytes' WHERE resource = 'memory';
          """)
        let ingest = UsageIngest(queue: queue, prometheus: UsageScene.prometheus(url))
        let report = try #require(try await ingest.run())
        #expect(report.questions == 1 && report.counts.written == 7)
        #expect(report.errors.count == 2)
        #expect(
          report.errors[0].hasPrefix("cpu: Prometheus answers 400: bad_data: ")
            && report.errors[0].contains("unclosed left parenthesis"), "\(report.errors)")
        #expect(
          report.errors[1].hasPrefix("memory: a series for each namespace and resource is expected")
            && report.errors[1].contains("HINT: The query of finops.usage_queries"),
          "\(report.errors)")
        let told = try await UsageScene.told(owner)
        #expect(told.error == report.error && told.isSoon)
        // Mended, the same time is asked for.
        try await owner.execute(
          """
          UPDATE finops.usage_queries SET query = 'label_replace(sum by (namespace) (rate(container_cpu_usage_seconds_total{namespace=~"org-.+", container!=""}[$step])), "resource", "cpu", "", "")'
          WHERE resource = 'cpu'
          """)
        #expect(try await ingest.run()?.counts.written == 12)
      }
    }
  }

  /// No series, and values that are no numbers, are answers; a Prometheus that knows nothing is not away.
  @Test func nothingAndNoNumbersAreAnswers() async throws {
    try await UsageScene.play { _, owner, queue in
      let end = try await UsageScene.settleEnd(owner)
      try await UsageScene.withPrometheus(until: end) { url in
        try await owner.execute(
          """
          UPDATE finops.usage_queries SET query = 'label_replace(sum by (namespace) (rate(nobody_scrapes_this[$step])), "resource", "cpu", "", "")' WHERE resource = 'cpu';
          UPDATE finops.usage_queries SET query = 'label_replace(sum by (namespace) (container_memory_working_set_bytes{namespace=~"org-.+"} * 0 / 0), "resource", "memory", "", "")' WHERE resource = 'memory';
          """)
        let report = try #require(
          try await UsageIngest(queue: queue, prometheus: UsageScene.prometheus(url)).run())
        #expect(report.errors == [] && report.questions == 3)
        // Two tenants, seven hours of NaN each; and the storage.
        #expect(report.counts == UsageCounts(samples: 21, written: 7, unknown: 0))
        #expect(try await queue.usageDue() == [])
      }
    }
  }

  /// The daemon and its check, with a real Prometheus that speaks TLS.
  @Test func theDaemonAsksWhenTheTimedTaskIsDue() async throws {
    try await Scene.play { scene in
      let end = try await UsageScene.settleEnd(scene.owner)
      let authority = try await TestAuthority.make()
      let folder = FileManager.default.temporaryDirectory.appending(path: "ark-usage-\(UUID())")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let file = folder.appending(path: "ca.crt").path
      try Data(authority.certificate).write(to: URL(fileURLWithPath: file))
      try await UsageScene.withPrometheus(until: end, tls: authority.leaf()) { url in
        let options = ["--prometheus-url", url, "--prometheus-ca-file", file]
        let daemon = try scene.daemon("one", options)
        try await daemon.waitForLine("took usage in")
        try await eventually("what is told: \(daemon.log)") {
          try await UsageScene.told(scene.owner).result
            == "3 answers, 39 samples, 0 written, 39 of nobody"
        }
        #expect(try await daemon.stop() == 0)
        let check = try await scene.clusterCommand(["check"] + options)
        #expect(
          check.status == 0 && check.output.contains("ok       Prometheus   answers"),
          "\(check.output)\(check.error)")
        // Another authority's.
        let stranger = try await TestAuthority.make("stranger")
        try Data(stranger.certificate).write(to: URL(fileURLWithPath: file))
        let refused = try await scene.clusterCommand(["check"] + options)
        #expect(refused.status == 2 && refused.output.contains("FAILED   Prometheus   "))
      }
      let without = try scene.daemon("two")
      try await scene.owner.execute(
        "UPDATE provisioning.maintenance SET next_at = clock_timestamp() WHERE task = 'ingest-usage'"
      )
      try await eventually("what is told: \(without.log)") {
        try await UsageScene.told(scene.owner).result
          == "not asked: the provisioner runs without --prometheus-url"
      }
      #expect(try await without.stop() == 0)
    }
  }
}

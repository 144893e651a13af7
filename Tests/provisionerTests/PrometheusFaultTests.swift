internal import Foundation
internal import HTTP
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// What Prometheus, or what stands before it, can do wrong. A real one cannot be brought to: these are scripted.
@Suite(.timeLimit(.minutes(4))) struct PrometheusFaultTests {
  @Test func whatIsAwayOrNoPrometheusIsToldAndLosesNothing() async throws {
    try await UsageScene.play { _, owner, queue in
      let due = try await queue.usageDue()
      #expect(due.count == 3)
      func answer(_ status: String, _ body: String, _ more: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(more)\r\n\(body)"
      }
      for (text, error) in [
        (
          answer("503 Service Unavailable", "<html>no upstream</html>"),
          "Prometheus answers 503: <html>no upstream</html>"
        ),
        (
          answer(
            "503 Service Unavailable",
            #"{"status":"error","errorType":"timeout","error":"query timed out"}"#),
          "Prometheus answers 503: timeout: query timed out"
        ),
        (
          answer("302 Found", "", "Location: https://login.example/\r\n"),
          "Prometheus answers 302: nothing; --prometheus-url is what stands before /api/v1"
        ),
        (
          answer("401 Unauthorized", "Unauthorized"),
          "Prometheus answers 401: Unauthorized; look at --prometheus-token-file"
        ),
        (
          answer("404 Not Found", "404 page not found\n"),
          "Prometheus answers 404: 404 page not found; --prometheus-url is what stands before /api/v1"
        ),
        (answer("200 OK", "<html>Sign in</html>"), "is not Prometheus's API: <html>Sign in</html>"),
        // Cut in the middle.
        (
          "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"status\":\"succ",
          "no answer of Prometheus: "
        ),
      ] {
        let server = LocalServer.http(text)
        defer { server.stop() }
        let ingest = UsageIngest(
          queue: queue, prometheus: UsageScene.prometheus("http://127.0.0.1:\(server.port)"))
        let report = try #require(try await ingest.run())
        // What is away is not asked for the others.
        #expect(report.questions == 0 && report.errors.count == 1, "\(report.errors)")
        #expect(
          report.errors[0].hasPrefix("cpu: ") && report.errors[0].contains(error),
          "\(report.errors)")
        let told = try await UsageScene.told(owner)
        #expect(told.error == report.error && told.isSoon)
      }
      let silent = LocalServer.silent()
      defer { silent.stop() }
      for url in [
        "http://127.0.0.1:\(silent.port)", "http://127.0.0.1:\(LocalServer.closedPort())",
      ] {
        let ingest = UsageIngest(queue: queue, prometheus: UsageScene.prometheus(url, timeout: 1))
        #expect(
          try await ingest.run()?.error?.hasPrefix("cpu: no answer of Prometheus: ") == true)
      }
      // What is asked next is what was not answered, up to a clock that goes on.
      #expect(try await queue.usageDue().map(\.start) == due.map(\.start))
    }
  }

  @Test func anAnswerWithWarningsIsKeptAndAskedForAgain() async throws {
    try await UsageScene.play { _, owner, queue in
      let end = try await UsageScene.settleEnd(owner)
      try await owner.execute(
        """
        UPDATE finops.usage_queries SET ingested_until = to_timestamp(\(end - 7200)) WHERE resource = 'cpu';
        DELETE FROM finops.usage_queries WHERE resource <> 'cpu';
        """)
      let body = """
        {"status":"success","warnings":["store-1: connection refused"],"data":{"resultType":"matrix","result":[\
        {"metric":{"namespace":"org-acme","resource":"cpu"},"values":[[\(end),"2"]]}]}}
        """
      let server = LocalServer.http(
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
      defer { server.stop() }
      let due = try await queue.usageDue()
      let report = try #require(
        try await UsageIngest(
          queue: queue, prometheus: UsageScene.prometheus("http://127.0.0.1:\(server.port)")
        ).run())
      #expect(report.counts.written == 1 && report.questions == 1)
      #expect(report.errors == ["cpu: Prometheus warns: store-1: connection refused"])
      #expect(try await queue.usageDue() == due)
    }
  }

  /// Over TLS, with the authority and the token that the options name.
  @Test func theTokenIsReadAnewForEveryQuestion() async throws {
    let server = try await ScriptedAPIServer.start { request in
      .answer(
        request.header("authorization") == "Bearer second"
          ? .init(200, #"{"status":"success","data":{"resultType":"vector","result":[]}}"#)
          : .init(401, "who are you?"))
    }
    defer { server.stop() }
    let folder = FileManager.default.temporaryDirectory.appending(path: "ark-usage-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let token = folder.appending(path: "token").path
    try Data(" first\n".utf8).write(to: URL(fileURLWithPath: token))
    var configuration = HTTPClientConfiguration()
    configuration.trust = .authorities(server.authorityCertificate)
    let prometheus = PrometheusClient(
      url: server.url, tokenFile: token, http: HTTPClient(configuration))
    await #expect(
      throws: PrometheusError(
        "Prometheus answers 401: who are you?; look at --prometheus-token-file", isAway: true)
    ) { try await prometheus.probe() }
    try Data("second".utf8).write(to: URL(fileURLWithPath: token))
    try await prometheus.probe()
    #expect(server.requests.allSatisfy { $0.path == "/api/v1/query?query=vector%281%29" })
  }

  @Test(arguments: [
    (["--prometheus-url", "ftp://x"], "is like https://prometheus.monitoring.svc:9090"),
    (["--prometheus-url", "https://"], "is like https://prometheus.monitoring.svc:9090"),
    (["--prometheus-url", "https://me:secret@x"], "use --prometheus-token-file"),
    (["--prometheus-url", "https://x/?a=b"], "without a query"),
    (["--prometheus-url", "http://x", "--prometheus-token-file", "/x"], "need an https URL"),
    (["--prometheus-token-file", "/x"], "need --prometheus-url"),
    (
      ["--prometheus-url", "https://x", "--prometheus-token-file", "/nowhere/token"],
      "the file /nowhere/token cannot be read"
    ),
    (
      ["--prometheus-url", "https://x", "--prometheus-ca-file", "/etc/passwd"],
      "the file /etc/passwd has no usable content"
    ),
  ]) func anOptionThatCannotBeUsed(_ arguments: [String], _ why: String) async throws {
    let result = try await Tool.run(
      Tool.product("provisioner"),
      [
        "check", "--database", "host=127.0.0.1 port=1", "--kubeconfig",
        Stack.current.provisionerKubeconfig,
      ]
        + arguments)
    #expect(result.status == 1 || result.status == 64, "\(result.status)")
    #expect(result.error.contains(why) && !result.error.contains("secret"), "\(result.error)")
  }
}

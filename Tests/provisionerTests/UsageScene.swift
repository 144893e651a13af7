internal import Foundation
internal import HTTP
internal import Postgres
internal import TestSupport

@testable internal import provisioner

/// A database with tenants, and a real Prometheus that knows what they use.
enum UsageScene {
  /// A database with two tenants, none of which has a job left.
  static func play(
    _ body: (TestDatabase, PostgresConnection, Queue) async throws -> Void
  ) async throws {
    try await TestDatabase.with(.migrated) { database in
      let owner = try await database.connect()
      for slug in ["acme", "beta"] { _ = try await owner.createOrganization(slug) }
      try await owner.execute(
        """
        UPDATE core.organizations SET status = 'COMMITTED', namespace_uid = 'u', committed_at = now() - interval '9 days'
        WHERE id > 0;
        INSERT INTO finops.quota_changes (org_id, cpu, memory, storage, effective_at, reason, actor)
        SELECT id, '10', '20Gi', '10Gi', now() - interval '9 days', 'r', 'a' FROM core.organizations WHERE id > 0;
        """)
      let pool = PostgresPool(
        configuration: PostgresConfiguration(conninfo: database.conninfo(user: "provisioner")),
        size: 2)
      try await body(
        database, owner, Queue(pool: pool, worker: "test", lease: .seconds(15)))
      await pool.close()
      await owner.close()
    }
  }

  static func prometheus(_ url: String, timeout: Int = 60) -> PrometheusClient {
    PrometheusClient(url: url, tokenFile: nil, http: HTTPClient(), timeout: timeout)
  }

  /// A whole hour that is over, from which on the questions end, whatever the clock does meanwhile.
  static func settleEnd(_ owner: PostgresConnection) async throws -> Int {
    let end = Int(Date().timeIntervalSince1970) / 3600 * 3600
    try await owner.query(
      "UPDATE finops.usage_queries SET delay = clock_timestamp() - to_timestamp($1)",
      [.int(Int64(end))])
    return end
  }

  /// What `admin.maintenance()` says of the task.
  static func told(_ owner: PostgresConnection) async throws -> (
    result: String?, error: String?, isSoon: Bool
  ) {
    let row = try await owner.query(
      """
      SELECT result, error, next_at < clock_timestamp() + interval '61 s' AS soon
      FROM admin.maintenance() WHERE task = 'ingest-usage'
      """)[0]
    return (row["result"], row["error"], row["soon"] == "t")
  }

  /// Serves six hours of data, until the body returns.
  static func withPrometheus(
    until end: Int, tls: TestAuthority.Leaf? = nil, _ body: (String) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ark-usage-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var arguments = ["\(end)", "6"]
    if let tls {
      for (name, bytes) in [("crt", tls.certificate), ("key", tls.key)] {
        try Data(bytes).write(to: folder.appending(path: name))
        arguments.append(folder.appending(path: name).path)
      }
    }
    let server = try DaemonProcess("\(Stack.root)/Tests/SQL/prometheus/serve", arguments)
    do {
      try await eventually("Prometheus: \(server.log)") {
        if !server.isRunning { throw TestSupportError("Prometheus: \(server.log)") }
        return server.log.contains("serves ")
      }
      let url = server.lines.last { $0.hasPrefix("serves ") }!.dropFirst("serves ".count)
      try await body(String(url))
    } catch {
      try await server.stop()
      throw error
    }
    try await server.stop()
  }
}

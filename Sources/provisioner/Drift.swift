internal import ArgumentParser
internal import Daemon
internal import Kubernetes
internal import Postgres

/// `provisioner drift`: tenants compared with the blueprint, now.
struct Drift: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare the objects of tenants with the blueprint now, and print what differs.",
    discussion: """
      Of one organisation, or of all, and then also the namespaces with our prefix that no \
      organisation owns. Reads only, and records nothing: admin.tenant_drift shows what the \
      provisioner has found by itself. Exit codes: 0 no drift; 1 the command line, or a missing \
      right; 2 a server, or an object, could not be looked at; 3 something differs.
      """)

  @Argument(help: "The organisation: its slug, its id or its namespace. Default: all.")
  var organization: String?

  @OptionGroup var place: DatabaseOptions
  @OptionGroup var cluster: KubernetesOptions
  @OptionGroup var format: OutputOptions

  /// Organisations that are looked at side by side.
  private static let width = 4

  func run() async throws {
    let kubernetes = try cluster.client()
    let report = try await place.ask("drift") { connection in
      do {
        try await KubernetesVersion.ask(kubernetes)
        return try await compare(connection, kubernetes)
      } catch let error as KubernetesError {
        throw StartupError(
          error.description, hint: "provisioner check tells what is missing",
          isConnection: error.kind != .configuration)
      }
    }
    switch format.output {
    case .human: for line in report.lines { StandardStream.output.writeLine(line) }
    case .json: StandardStream.output.writeLine(report.json.serialized())
    }
    for line in report.talk { StandardStream.error.writeLine("provisioner: \(line)") }
    if !report.unseen.isEmpty { throw ExitCode(2) }
    if !report.findings.isEmpty { throw ExitCode(3) }
  }

  private func compare(
    _ connection: PostgresConnection, _ kubernetes: KubernetesClient
  ) async throws -> DriftReport {
    let caller = KubernetesCaller(client: kubernetes)
    var report = DriftReport()
    var last: Int64? = 0
    while let after = last {
      let page = try await connection.query(
        "SELECT * FROM provisioning.comparisons($1, $2)", [.text(organization), .int(after)],
        timeout: .seconds(60))
      last = try page.last?.decode("org_id", as: Int64.self)
      for result in try await look(page, caller) { report.add(result) }
    }
    if organization == nil {
      report.findings += try await strays(connection, kubernetes)
    }
    return report
  }

  /// Some side by side, in the order of the rows.
  private func look(_ page: PostgresResult, _ caller: any Caller) async throws
    -> [Comparison.Result]
  {
    try await withThrowingTaskGroup(of: (Int, Comparison.Result).self) { group in
      var results = [Comparison.Result?](repeating: nil, count: page.count)
      for (number, row) in page.enumerated() {
        let slug = try row.decode("slug", as: String.self)
        guard let steps = row["steps"] else {
          let why = row["error"] ?? "it cannot be computed"
          results[number] = Comparison.Result(
            unseen: [DriftReport.Unseen(slug: slug, object: "the blueprint", why: why)])
          continue
        }
        if number >= Self.width, let (done, result) = try await group.next() {
          results[done] = result
        }
        let comparison = Comparison(
          slug: slug, namespace: try row.decode("namespace", as: String.self),
          steps: try (JSONValue(parsing: steps).array ?? []).map(Step.init))
        group.addTask { (number, await comparison.run(caller)) }
      }
      for try await (done, result) in group { results[done] = result }
      return results.compactMap(\.self)
    }
  }

  private func strays(
    _ connection: PostgresConnection, _ kubernetes: KubernetesClient
  ) async throws -> [DriftReport.Finding] {
    try await connection.query(
      "SELECT name FROM provisioning.find_strays($1)",
      [.json(try await Survey.namespaces(kubernetes).serialized())], timeout: .seconds(60)
    ).map { row in
      let name = try row.decode("name", as: String.self)
      return DriftReport.Finding(
        slug: nil, namespace: name, object: "namespaces/\(name)", what: .stray, difference: nil)
    }
  }
}

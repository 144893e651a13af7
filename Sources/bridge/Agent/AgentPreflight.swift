internal import Agent
internal import Daemon
internal import Postgres
internal import Redis

/// What must be so before an agent begins.
struct AgentPreflight: Sendable {
  let services: [String]
  let bound: AgentScope
  let postgres: PostgresConfiguration
  let redis: RedisConfiguration?

  /// Tries what the agent is going to do, and whether its login may do no more than it should.
  /// - Parameter goesOn: Asked where a server cannot be reached: whether to begin all the same.
  /// - Throws: `StartupError`.
  func check(goesOn: (StartupError) -> Bool) async throws {
    do {
      try await Preflight.check(
        postgres: postgres, redis: redis, function: "api.pod_configs(text,bigint,pg_snapshot)")
      try await checkLogin()
    } catch let error as StartupError where error.isConnection {
      guard goesOn(error) else { throw error }
    }
  }

  private func checkLogin() async throws {
    do {
      let connection = try await PostgresConnection.connect(postgres)
      do {
        for service in services {
          let rows = try await connection.query(
            "SELECT session_user AS login, o AS org_id FROM api.pod_organizations($1) AS o",
            [.text(service)], timeout: .seconds(10))
          try check(
            service, login: rows.first?["login"] ?? "",
            try rows.map { try $0.decode("org_id", as: Int64?.self) })
        }
      } catch {
        await connection.close()
        throw error
      }
      await connection.close()
    } catch let error as PostgresError {
      throw StartupError(
        error.description, hint: error.hint ?? "look at the server's log",
        isConnection: error.kind == .connection || error.kind == .timeout)
    }
  }

  private func check(_ service: String, login: String, _ organizations: [Int64?]) throws {
    guard !organizations.isEmpty else {
      throw StartupError(
        "the login is not bound to the service \(service)",
        hint: "an administrator binds it: SELECT admin.bind_pod(login, '\(service)')")
    }
    guard case .organization(let own) = bound, organizations != [own] else { return }
    let some = organizations.compactMap { $0 }.map(String.init).joined(separator: ", ")
    let may = organizations.contains(nil) ? "all organisations" : "organisation \(some)"
    throw StartupError(
      "the login \(login) may load the configuration of \(may) of \(service), not of \(own) alone",
      hint: "take one of its own: SELECT admin.bind_pod(login, '\(service)', \(own))")
  }
}

internal import Glibc
internal import Postgres

extension ConnectionOptions {
  /// Settings that every file starts with. As start-up options they are what RESET ALL goes back to.
  private static let settings = [
    // A migration that row-level security would filter is an error, not a silent UPDATE 0.
    "row_security=off",
    "statement_timeout=0",
    "idle_in_transaction_session_timeout=0",
    // Between two attempts, and while it reads a large file, a runner asks nothing.
    "idle_session_timeout=0",
    "lock_timeout=\(Headers.defaultLockTimeout)",
    "client_min_messages=warning",
    // Files are split by this rule.
    "standard_conforming_strings=on",
    // A runner that was killed does not leave its statement running.
    "client_connection_check_interval=2s",
  ]

  /// - Parameter environment: The value of a variable.
  func configuration(
    environment: (String) -> String? = { getenv($0).map { String(cString: $0) } }
  ) -> PostgresConfiguration {
    var configuration = PostgresConfiguration(conninfo: database ?? "")
    // Below everything that psql knows: what libpq would take from the environment holds before it.
    if database == nil, let url = environment("DATABASE_URL"), !url.isEmpty,
      environment("PGSERVICE")?.isEmpty ?? true
    {
      configuration = Self.configuration(of: url, host: host, environment: environment)
    }
    configuration.overrides["application_name"] = Self.applicationName
    if let host { configuration.overrides["host"] = host }
    if let port { configuration.overrides["port"] = port }
    if let username { configuration.overrides["user"] = username }
    // Behind those of the connection string, the service file or PGOPTIONS.
    let own = Self.settings.map { "-c \($0)" }.joined(separator: " ")
    let inherited = configuration.resolved("options").map { $0 + " " } ?? ""
    configuration.overrides["options"] = inherited + own
    configuration.preparesStatements = false
    configuration.onNotice = { notice in
      var record = Record("notice", message: notice.message)
      record.severity = notice.severity
      Output.talk(record, "\(notice.severity ?? "NOTICE"): \(notice.message)")
    }
    return configuration
  }

  static let applicationName = "migrate"

  /// What DATABASE_URL says where neither an option nor a variable of libpq's says otherwise.
  private static func configuration(
    of url: String, host: String?, environment: (String) -> String?
  ) -> PostgresConfiguration {
    // libpq says why it cannot be read.
    guard var parameters = PostgresConfiguration.parameters(of: url) else {
      return PostgresConfiguration(conninfo: url)
    }
    for (variable, keyword) in PostgresConfiguration.variables {
      guard let value = environment(variable), !value.isEmpty else { continue }
      // Its address is that of its host, and would hold before any other host.
      if keyword == "host" { parameters["hostaddr"] = nil }
      parameters[keyword] = value
    }
    if host != nil { parameters["hostaddr"] = environment("PGHOSTADDR") }
    return PostgresConfiguration(overrides: parameters)
  }

  /// Connects, and refuses what cannot be migrated.
  /// - Returns: The connection, and how to make another one.
  func connect() async throws -> (PostgresConnection, PostgresConfiguration) {
    let (connection, configuration) = try await open()
    do {
      try await Self.check(connection)
    } catch {
      await connection.close()
      if let error = error as? PostgresError { throw SQLErrorReport.failure(error) }
      throw error
    }
    return (connection, configuration)
  }

  private func open() async throws -> (PostgresConnection, PostgresConfiguration) {
    var configuration = configuration()
    if askPassword { configuration.overrides["password"] = try await PasswordPrompt.ask() }
    do {
      return (try await PostgresConnection.connect(configuration), configuration)
    } catch let error as PostgresError where isPasswordMissing(error) {
      configuration.overrides["password"] = try await PasswordPrompt.ask()
      do {
        return (try await PostgresConnection.connect(configuration), configuration)
      } catch let error as PostgresError {
        throw Self.failure(error)
      }
    } catch let error as PostgresError {
      throw Self.failure(error)
    }
  }

  /// As psql does: if the server wants one, nobody gave it, and there is somebody to be asked.
  private func isPasswordMissing(_ error: PostgresError) -> Bool {
    !noPassword && !askPassword && error.needsPassword && PasswordPrompt.isPossible
  }

  private static func failure(_ error: PostgresError) -> MigrateFailure {
    let message = error.message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if message.contains("unsupported startup parameter") {
      return pooler("a pooler that takes no options stands before the server")
    }
    return MigrateFailure(
      code: .connection, message: message,
      lines: [
        MigrateFailure.nothing,
        "HINT: say where the server is with -h, -p, -U, -d, or PGHOST, PGPORT, PGUSER, PGDATABASE.",
      ])
  }

  private static func pooler(_ message: String) -> MigrateFailure {
    MigrateFailure(
      code: .locked, message: message,
      lines: [
        "NOW: nothing was applied. A pooler may give the next statement to another session, and the lock that lets one runner work at a time stays with the first.",
        "HINT: connect to PostgreSQL itself.",
      ])
  }

  private static func check(_ connection: PostgresConnection) async throws {
    do {
      try await connection.checkVersion()
    } catch let error as PostgresError {
      throw MigrateFailure(
        code: .connection, message: error.message,
        lines: [MigrateFailure.nothing, "HINT: \(error.hint ?? "")."])
    }
    let result = try await connection.query(
      "SELECT pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.pg_backend_pid() AS pid")
    if result[0]["standby"] == "t" {
      throw MigrateFailure(
        code: .connection, message: "the server is a standby; migrations run on the primary",
        lines: [
          MigrateFailure.nothing, "HINT: with several hosts, add target_session_attrs=read-write.",
        ])
    }
    let told = await connection.backendPID
    guard result[0]["pid"] == String(told) else {
      throw pooler("the connection goes through a pooler, which may lose session locks")
    }
  }
}

extension PostgresConnection {
  /// The oldest PostgreSQL that is supported.
  public static let oldestVersion = 150_000

  /// Connects once and looks whether the database can serve a program.
  /// - Parameter function: One that the program calls, like `api.f(text,bigint)`; the database has it
  ///   once it is migrated.
  /// - Throws: `PostgresError`: kind `connection` or `timeout` if there is no server, or one that is
  ///   too old; kind `usage` if the function is missing or the login may not call it. `hint` says what
  ///   to do.
  public static func probe(
    _ configuration: PostgresConfiguration, for function: String
  ) async throws {
    let connection = try await reach(configuration)
    do {
      try await connection.check(function)
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  /// Connects, for whoever has just typed where the database is.
  /// - Throws: `PostgresError` of kind `connection` or `timeout` if there is no server, or one that is
  ///   too old, in one line and with a `hint`.
  public static func reach(
    _ configuration: PostgresConfiguration
  ) async throws -> PostgresConnection {
    let connection: PostgresConnection
    do {
      connection = try await connect(configuration)
    } catch var error as PostgresError {
      // libpq's message has a line per address that it has tried, and one below each.
      error.message = error.message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      error.hint =
        error.hint ?? "say where the database is with --database, or PGHOST, PGPORT, PGUSER"
      throw error
    }
    do {
      try await connection.checkVersion()
    } catch {
      await connection.close()
      throw error
    }
    return connection
  }

  /// Which of these functions, like `api.f(text,bigint)`, are not there, or may not be called.
  public func missing(functions: [String]) async throws -> [String] {
    try await query(
      """
      SELECT f.name FROM unnest($1::text[]) AS f (name)
      WHERE NOT coalesce(has_function_privilege(to_regprocedure(f.name)::oid, 'EXECUTE'), false)
      """, [.textArray(functions)], timeout: .seconds(5)
    ).compactMap { $0["name"] }
  }

  /// - Throws: `PostgresError` of kind `connection` if the server is older than `oldestVersion`.
  public func checkVersion() throws {
    guard serverVersion < Self.oldestVersion else { return }
    let major = serverVersion / 10_000
    var error = PostgresError(kind: .connection, message: "the server is PostgreSQL \(major)")
    error.hint = "PostgreSQL \(Self.oldestVersion / 10_000) or newer is needed"
    throw error
  }

  private func check(_ function: String) async throws {
    let found: PostgresResult
    do {
      found = try await query(
        """
        SELECT session_user AS login, f.oid IS NOT NULL AS exists,
               pg_catalog.has_function_privilege(f.oid, 'EXECUTE') AS allowed
        FROM (SELECT pg_catalog.to_regprocedure($1)::oid AS oid) AS f
        """, [.text(function)])
    } catch var error as PostgresError where error.sqlState == "42501" {
      // Not even the schema.
      error.kind = .usage
      error.hint = "give the login the group role of its program: GRANT ark_… TO …"
      throw error
    }
    if found[0]["exists"] != "t" {
      var error = PostgresError(kind: .usage, message: "the database has no function \(function)")
      error.hint = "apply the migrations with: migrate up"
      throw error
    }
    if found[0]["allowed"] != "t" {
      var error = PostgresError(
        kind: .usage, message: "the login \(found[0]["login"] ?? "") may not call \(function)")
      error.hint = "give it the group role of its program: GRANT ark_… TO …"
      throw error
    }
  }
}

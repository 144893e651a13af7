extension PostgresConnection {
  /// Connects once and looks whether the database can serve a program.
  /// - Parameter function: One that the program calls, like `api.f(text,bigint)`; the database has it
  ///   once it is migrated.
  /// - Throws: `PostgresError`: kind `connection` or `timeout` if there is no server, or one below
  ///   version 15; kind `usage` if the function is missing. `hint` says what to do.
  public static func probe(
    _ configuration: PostgresConfiguration, for function: String
  ) async throws {
    let connection: PostgresConnection
    do {
      connection = try await connect(configuration)
    } catch var error as PostgresError {
      error.hint =
        error.hint ?? "say where the database is with --database, or PGHOST, PGPORT, PGUSER"
      throw error
    }
    let version = await connection.serverVersion
    let found = try await connection.query("SELECT to_regprocedure($1) AS name", [.text(function)])
    await connection.close()
    guard version >= 150_000 else {
      var error = PostgresError(
        kind: .connection, message: "the server is PostgreSQL \(version / 10_000)")
      error.hint = "15 or newer is needed"
      throw error
    }
    guard found[0]["name"] != nil else {
      var error = PostgresError(kind: .usage, message: "the database has no function \(function)")
      error.hint = "apply the migrations with: migrate up"
      throw error
    }
  }
}

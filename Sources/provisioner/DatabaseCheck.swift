internal import Daemon
internal import Postgres

/// The half of `provisioner check` that PostgreSQL answers.
enum DatabaseCheck {
  private typealias Row = CheckReport.Row

  /// The rows, and the rights that are needed in Kubernetes; `nil` if the database does not tell.
  static func run(_ place: DatabaseOptions) async -> (rows: [CheckReport.Row], rights: [Right]?) {
    var rows: [Row] = []
    var rights: [Right]?
    do {
      try await place.ask("check") { connection in
        let version = await connection.serverVersion
        rows.append(
          Row(.ok, "PostgreSQL", "a primary, version \(version / 10_000).\(version % 10_000)"))
        let missing = try await connection.missing(functions: Queue.functions)
        guard missing.isEmpty else {
          rows.append(
            Row(
              .failed, "schema", "may not call \(missing.joined(separator: ", "))",
              hint: "apply the migrations with: migrate up; GRANT ark_provisioner TO the login"))
          return
        }
        rows.append(Row(.ok, "schema", "has all \(Queue.functions.count) functions"))
        rows += try await database(connection)
        rights = try await needed(connection)
      }
    } catch let error as StartupError {
      rows.append(
        Row(
          .failed, "PostgreSQL", error.message, hint: error.hint, isConnection: error.isConnection))
    } catch {
      rows.append(Row(.failed, "PostgreSQL", "\(error)"))
    }
    return (rows, rights)
  }

  private static func database(_ connection: PostgresConnection) async throws -> [Row] {
    try await connection.query(
      "SELECT item, outcome, detail, hint FROM provisioning.check_database()",
      timeout: .seconds(30)
    ).map { row in
      Row(
        row["outcome"].flatMap(Row.Outcome.init) ?? .failed, row["item"] ?? "",
        row["detail"] ?? "", hint: row["hint"])
    }
  }

  private static func needed(_ connection: PostgresConnection) async throws -> [Right] {
    try await connection.query(
      "SELECT * FROM provisioning.required_rights()", timeout: .seconds(30)
    ).map { row in
      Right(
        verb: try row.decode("verb", as: String.self),
        group: try row.decode("api_group", as: String.self),
        resource: try row.decode("resource", as: String.self), name: row["name"],
        neededFor: try row.decode("needed_for", as: String.self))
    }
  }
}

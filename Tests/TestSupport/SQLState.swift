public import Postgres

/// The SQLSTATE that `body` is refused with; `nil` if it is not refused.
public func sqlState(_ body: () async throws -> Void) async -> String? {
  do {
    try await body()
    return nil
  } catch let error as PostgresError {
    return error.sqlState ?? "\(error)"
  } catch {
    return "\(error)"
  }
}

extension PostgresConnection {
  /// The only value of the only row; `nil` if it is NULL or there is no row.
  public func value(
    _ sql: String, _ parameters: [PostgresParameter] = []
  ) async throws -> String? {
    let result = try await query(sql, parameters)
    return result.first.flatMap { $0[result.columnNames[0]] }
  }

  /// Creates an organisation and returns its id.
  public func createOrganization(_ slug: String, operation: String? = nil) async throws -> Int64 {
    let id = try await value(
      "SELECT (api.create_organization(coalesce($1::uuid, gen_random_uuid()), $2, $3, $2)).id",
      [.text(operation), .text(slug), .text("owner@\(slug).example")])
    return Int64(id!)!
  }
}

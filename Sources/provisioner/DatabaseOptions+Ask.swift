internal import Daemon
internal import Postgres

extension DatabaseOptions {
  /// The connection to a primary: the queue is nowhere else.
  func configuration(applicationName: String) -> PostgresConfiguration {
    PostgresConfiguration(
      conninfo: database ?? "",
      overrides: ["application_name": applicationName, "target_session_attrs": "read-write"])
  }

  /// Lends a connection for a command that somebody has typed.
  /// - Parameter command: Names it in `pg_stat_activity`.
  /// - Throws: `StartupError`, in words for who has typed it.
  func ask<Value: Sendable>(
    _ command: String, _ body: (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    var configuration = configuration(applicationName: "provisioner \(command)")
    // There may be a pooler in between, which may hand prepared statements on to other clients.
    configuration.preparesStatements = false
    do {
      let connection = try await PostgresConnection.reach(configuration)
      do {
        let value = try await body(connection)
        await connection.close()
        return value
      } catch {
        await connection.close()
        throw error
      }
    } catch let error as PostgresError {
      throw StartupError(
        [error.description, error.detail].compactMap(\.self).joined(separator: ": "),
        hint: error.hint ?? Self.hint(error.sqlState),
        isConnection: error.kind == .connection || error.kind == .timeout || error.isConnectionLost)
    }
  }

  private static func hint(_ sqlState: String?) -> String {
    switch sqlState {
    case "42501": "give the login the group of the provisioner: GRANT ark_provisioner TO …"
    case "3F000", "42883": "apply the migrations with: migrate up"
    default: "look at the server's log"
    }
  }
}

internal import Foundation
public import Postgres

/// A further server of a private stack's cluster: a standby of it, or a copy of its files. Reached by a
/// socket in the same folder, under a port of its own. Ends with the stack.
public struct PostgresServer: Sendable {
  public let stack: Stack
  /// Its name in the stack, such as `standby`.
  public let name: String
  public let port: Int

  /// Its files.
  public var folder: String { "\(stack.folder)/postgres/\(name)" }

  /// Copies the running cluster (pg_basebackup).
  /// - Parameter isStandby: Whether the copy follows the original.
  public static func copy(
    of stack: Stack, name: String, isStandby: Bool = true, port: Int? = nil
  ) async throws -> PostgresServer {
    let server = PostgresServer(
      stack: stack, name: name, port: port ?? Int(stack.postgresPort)! + 1)
    var arguments = [
      "\(stack.postgresBin)/pg_basebackup", "-c", "fast", "-D", server.folder, "-d",
      "host=\(stack.postgresHost) port=\(stack.postgresPort) user=postgres application_name=\(name)",
    ]
    if isStandby { arguments.append("-R") }
    try await run(asOwner + arguments)
    return server
  }

  /// Starts it, and returns when it lets connect.
  public func start() async throws {
    let command =
      Self.asOwner + [
        "\(stack.postgresBin)/postgres", "-D", folder, "-c", "port=\(port)",
        "-c", "unix_socket_directories=\(stack.postgresHost)", "-c", "listen_addresses=",
        "-c", "max_connections=400", "-c", "max_prepared_transactions=20",
        "-c", "track_commit_timestamp=on",
      ]
    try await Self.run(
      ["\(Stack.root)/scripts/stack", "daemon", name, "--dir", stack.folder, "--"] + command)
    try await eventually(within: .seconds(60), "the server \(name)") {
      guard let connection = try? await connect() else { return false }
      await connection.close()
      return true
    }
  }

  /// Makes it a primary, and returns when it is one.
  public func promote() async throws {
    let connection = try await connect()
    try await connection.query("SELECT pg_promote(true, 60)")
    await connection.close()
  }

  /// Appends a line to a file in its folder, as the cluster's owner.
  public func append(_ line: String, to file: String) async throws {
    try await Self.run(
      Self.asOwner + [
        "/bin/sh", "-c", "printf '%s\\n' \"$1\" >>\"$2\"", "sh", line, "\(folder)/\(file)",
      ])
  }

  /// Ends it as a crash would.
  public func crash() async throws {
    try await Self.run(
      Self.asOwner + ["\(stack.postgresBin)/pg_ctl", "stop", "-m", "immediate", "-w", "-D", folder])
  }

  /// Connects as the superuser.
  public func connect(database: String = "postgres") async throws -> PostgresConnection {
    try await PostgresConnection.connect(
      PostgresConfiguration(
        conninfo: "host=\(stack.postgresHost) port=\(port) dbname=\(database) user=postgres"))
  }

  /// As root the cluster belongs to postgres, and so must its copies.
  public static var asOwner: [String] {
    getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []
  }

  private static func run(_ command: [String]) async throws {
    let result = try await Tool.run("/usr/bin/env", command)
    guard result.status == 0 else {
      throw TestSupportError("\(command.joined(separator: " ")): \(result.error)")
    }
  }
}

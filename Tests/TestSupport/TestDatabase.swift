internal import Foundation
public import Postgres

/// A database of a test's or a suite's own.
public struct TestDatabase: Sendable {
  /// Its name.
  public let name: String
  /// The servers that it lies on.
  public let stack: Stack

  /// What a new database holds.
  public enum Contents: Sendable {
    case empty
    /// Everything in `sql/`, and the logins of `deploy/postgres/logins.sql`.
    case migrated
  }

  /// Makes a database. One that is migrated is a copy of a template, which `migrate up` has made once.
  public static func create(
    _ contents: Contents, on stack: Stack = .current
  ) async throws -> TestDatabase {
    let name = "test_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
    let database = TestDatabase(name: name, stack: stack)
    switch contents {
    case .empty:
      try await database.administer("CREATE DATABASE \(name)")
    case .migrated:
      let template = try await Templates.shared.template(on: stack)
      try await database.administer("CREATE DATABASE \(name) TEMPLATE \(template)")
      // A copy lacks what belongs to the database itself.
      let connection = try await database.connect()
      try await connection.query("SELECT admin.apply_database_settings()")
      await connection.close()
    }
    return database
  }

  /// Removes it, whoever is connected.
  public func drop() async throws {
    try await administer("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
  }

  /// Connection string.
  public func conninfo(user: String = "postgres") -> String {
    stack.conninfo(database: name, user: user)
  }

  /// Connects; as the superuser, unless told otherwise.
  public func connect(as user: String = "postgres") async throws -> PostgresConnection {
    try await PostgresConnection.connect(PostgresConfiguration(conninfo: conninfo(user: user)))
  }

  private func administer(_ sql: String) async throws {
    let connection = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: stack.conninfo(database: "postgres")))
    try await connection.query(sql)
    await connection.close()
  }

  /// Makes a database, lends it, and drops it, also when the body throws.
  public static func with<Value: Sendable>(
    _ contents: Contents, on stack: Stack = .current,
    _ body: (TestDatabase) async throws -> Value
  ) async throws -> Value {
    let database = try await create(contents, on: stack)
    do {
      let value = try await body(database)
      try await database.drop()
      return value
    } catch {
      try? await database.drop()
      throw error
    }
  }
}

/// One migrated template per cluster and run.
private actor Templates {
  static let shared = Templates()
  private var made: [String: Task<String, any Error>] = [:]

  func template(on stack: Stack) async throws -> String {
    let task =
      made[stack.folder]
      ?? Task {
        let name = "template_ark"
        let connection = try await PostgresConnection.connect(
          PostgresConfiguration(conninfo: stack.conninfo(database: "postgres")))
        try await connection.query("CREATE DATABASE \(name)")
        await connection.close()
        let conninfo = stack.conninfo(database: name)
        let migrate = try await Tool.run(
          Tool.product("migrate"), ["up", "-d", conninfo, "--sql-dir", "\(Stack.root)/sql"])
        guard migrate.status == 0 else {
          throw TestSupportError("migrate up: \(migrate.error)")
        }
        let logins = try await Tool.run(
          "\(stack.postgresBin)/psql",
          ["-Xq", "-d", conninfo, "-f", "\(Stack.root)/deploy/postgres/logins.sql"])
        guard logins.status == 0 else {
          throw TestSupportError("logins.sql: \(logins.error)")
        }
        return name
      }
    made[stack.folder] = task
    return try await task.value
  }
}

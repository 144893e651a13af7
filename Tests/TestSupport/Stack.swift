internal import Foundation

/// The servers that `scripts/stack run` has started for this run.
public struct Stack: Sendable {
  /// The servers of this run.
  public static let current = Stack(environment: ProcessInfo.processInfo.environment)

  private let environment: [String: String]

  /// A stack, from the variables that its `env` file holds.
  public init(environment: [String: String]) { self.environment = environment }

  /// A stack, from its folder.
  private init(folder: String) throws {
    let text = try String(contentsOfFile: "\(folder)/env", encoding: .utf8)
    var environment: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      environment[String(pair[0])] = String(pair[1])
    }
    self.init(environment: environment)
  }

  private func value(_ name: String) -> String {
    guard let value = environment[name] else {
      fatalError("\(name) is not set: the tests need real servers. Run: make test")
    }
    return value
  }

  /// The stack's folder.
  public var folder: String { value("ARK_STACK_DIR") }
  /// PostgreSQL's socket folder and port.
  public var postgresHost: String { value("PGHOST") }
  public var postgresPort: String { value("PGPORT") }
  /// Folder of PostgreSQL's own programs.
  public var postgresBin: String { value("ARK_PG_BIN") }
  /// PEM file of the authority of PostgreSQL's certificate.
  public var postgresCAFile: String { value("ARK_PG_CA") }
  /// PgBouncer's socket folder and port; only of `withPgBouncer()`, or where the stack was asked for it.
  public var pgbouncerHost: String { value("ARK_PGBOUNCER_HOST") }
  public var pgbouncerPort: String { value("ARK_PGBOUNCER_PORT") }
  /// The same of the one for pods.
  public var podsPgbouncerHost: String { value("ARK_PGBOUNCER_PODS_HOST") }
  public var podsPgbouncerPort: String { value("ARK_PGBOUNCER_PODS_PORT") }
  /// Redis, TLS only.
  public var redisPort: Int { Int(value("ARK_REDIS_PORT"))! }
  public var redisCAFile: String { value("ARK_REDIS_CA") }
  /// A kubeconfig of an administrator, and that of the provisioner's service account.
  public var adminKubeconfig: String { value("ARK_KUBECONFIG_ADMIN") }
  public var provisionerKubeconfig: String { value("ARK_KUBECONFIG_PROVISIONER") }
  /// Where its API server writes down what is written to it.
  public var auditLog: String { value("ARK_AUDIT_LOG") }

  /// File of a server's log.
  public func log(of server: String) -> String { "\(folder)/log/\(server).log" }

  /// The kubectl that fits the cluster.
  public var kubectl: String { value("ARK_KUBECTL") }

  /// File of a Redis user's password.
  public func redisPasswordFile(_ user: String) -> String { "\(value("ARK_REDIS_USERS"))/\(user)" }
  /// URL of a Redis user, without the password.
  public func redisURL(_ user: String) -> String { "rediss://\(user)@127.0.0.1:\(redisPort)" }

  /// Connection string for a database of this stack.
  public func conninfo(database: String, user: String = "postgres") -> String {
    "host=\(postgresHost) port=\(postgresPort) dbname=\(database) user=\(user)"
  }

  /// The clone that the tests were built from.
  public static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// Runs the launcher on this stack, such as `crash redis`.
  public func control(_ arguments: String...) async throws {
    try await Self.launcher(arguments + ["--dir", folder])
  }

  /// Starts servers of one test's own, for faults that the others must not feel. Stopped by `destroy()`
  /// and, whatever happens, with this run.
  public static func start(only services: String) async throws -> Stack {
    // Below the run's own folder: whatever a crashed test leaves there ends with the run.
    let folder = "\(current.folder)/\(UUID().uuidString.prefix(4))"
    try await launcher(["start", "--only", services, "--dir", folder])
    return try Stack(folder: folder)
  }

  /// This stack with PgBouncer before its PostgreSQL, which is started unless it runs.
  public func withPgBouncer() async throws -> Stack {
    try await control("up", "pgbouncer")
    return try Stack(folder: folder)
  }

  /// Stops the servers and removes their folder.
  public func destroy() async throws { try await control("destroy") }

  private static func launcher(_ arguments: [String]) async throws {
    let result = try await Tool.run("\(root)/scripts/stack", arguments)
    guard result.status == 0 else {
      throw TestSupportError("scripts/stack \(arguments.joined(separator: " ")): \(result.error)")
    }
  }
}

/// A test's surroundings are not what they must be.
public struct TestSupportError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

extension RedisConnection {
  /// Connects once and looks whether the server can serve a program.
  /// - Parameter channel: One that the program publishes on, if it does; an empty message is published
  ///   there.
  /// - Throws: `RedisError`; of kind `server` with the code NOPERM if the user may not publish, or not ask
  ///   for the role as it goes on; of kind `role` if it would publish on a replica.
  public static func probe(
    _ configuration: RedisConfiguration, publishing channel: String? = nil
  ) async throws {
    let connection = try await connect(configuration)
    do {
      let server = try await connection.server()
      if let channel {
        try server.expectMaster(at: configuration)
        _ = try await connection.send(["PUBLISH", channel, ""])
        _ = try await connection.send(["ROLE"])
      }
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  /// What the server says of itself.
  public struct Server: Sendable, Equatable {
    /// `7.0.15`, say.
    public var version: String
    /// `master` or `replica`.
    public var role: String

    init(version: String, role: String) {
      self.version = version
      self.role = role
    }

    init(ofHello answer: RedisValue) {
      version = RedisConnection.field("version", ofHello: answer) ?? "of an unknown version"
      role = RedisConnection.field("role", ofHello: answer) ?? "unknown"
    }

    /// What is published on a replica reaches nobody but its own subscribers, and is not refused.
    /// - Throws: `RedisError` of kind `role`.
    public func expectMaster(at configuration: RedisConfiguration) throws {
      guard role == "master" else {
        throw RedisError(kind: .role, message: "\(configuration) is no master but a \(role)")
      }
    }
  }

  /// Asks the server what it is. Every user may (https://redis.io/docs/latest/commands/hello/).
  /// - Throws: `RedisError`; of kind `version` if it is too old.
  public func server() async throws -> Server {
    var server = Server(version: "of an unknown version", role: "unknown")
    do {
      server = Server(ofHello: try await send(["HELLO", "2"]))
    } catch let error as RedisError where error.code == "ERR" {
      // It does not know HELLO.
      server.version = "older than 6"
    }
    let parts = server.version.split(separator: ".").map { Int($0) ?? 0 }
    // 6.2 is the first with rights per channel.
    if parts.lexicographicallyPrecedes([6, 2]) {
      throw RedisError(
        kind: .version, message: "the server is Redis \(server.version); 6.2 or newer is needed")
    }
    return server
  }

  /// RESP 2 answers with names and values in turn.
  static func field(_ name: String, ofHello answer: RedisValue) -> String? {
    guard case .array(let elements?) = answer,
      let index = elements.firstIndex(where: { $0.string == name }),
      elements.indices.contains(index + 1)
    else { return nil }
    return elements[index + 1].string
  }
}

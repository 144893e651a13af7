extension RedisConnection {
  /// Connects once and looks whether the server can serve a program.
  /// - Parameter channel: One that the program publishes on, if it does; an empty message is published
  ///   there.
  /// - Throws: `RedisError`; of kind `server` with the code NOPERM if the user may not publish.
  public static func probe(
    _ configuration: RedisConfiguration, publishing channel: String? = nil
  ) async throws {
    let connection = try await connect(configuration)
    do {
      try await connection.checkVersion()
      if let channel { _ = try await connection.send(["PUBLISH", channel, ""]) }
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  /// Every user may ask HELLO, and its answer names the version. A server that does not know it is
  /// older than 6 (https://redis.io/docs/latest/commands/hello/).
  private func checkVersion() async throws {
    let version: String
    do {
      version = Self.version(inHello: try await send(["HELLO", "2"])) ?? "of an unknown version"
    } catch let error as RedisError where error.code == "ERR" {
      version = "older than 6"
    }
    let parts = version.split(separator: ".").map { Int($0) ?? 0 }
    // 6.2 is the first with rights per channel.
    guard parts.lexicographicallyPrecedes([6, 2]) else { return }
    throw RedisError(
      kind: .version, message: "the server is Redis \(version); 6.2 or newer is needed")
  }

  /// RESP 2 answers with names and values in turn.
  static func version(inHello answer: RedisValue) -> String? {
    guard case .array(let elements?) = answer,
      let name = elements.firstIndex(where: { $0.string == "version" }),
      elements.indices.contains(name + 1)
    else { return nil }
    return elements[name + 1].string
  }
}

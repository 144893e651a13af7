internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@Suite(.timeLimit(.minutes(2))) struct ConninfoTests {
  @Test func whatLibpqUnderstandsWorks() async throws {
    let stack = Stack.current
    let host = stack.postgresHost.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
    let uri = "postgresql://postgres@\(host):\(stack.postgresPort)/postgres?application_name=uri"
    let byURI = try await PostgresConnection.connect(PostgresConfiguration(conninfo: uri))
    #expect(try await byURI.value("SELECT current_setting('application_name')") == "uri")

    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ark-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Over TCP a password is asked for: it comes from a password file. A superuser: rights.sql tries
    // every other login of the cluster, and this one comes and goes.
    let role = "r\(UInt32.random(in: 0...UInt32.max))"
    try await byURI.query("CREATE ROLE \(role) LOGIN SUPERUSER PASSWORD 'it''s:secret'")
    let passwords = folder.appendingPathComponent("pgpass")
    try Data("127.0.0.1:*:*:\(role):it's\\:secret\n".utf8).write(to: passwords)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: passwords.path)
    let tcp = "host=127.0.0.1 port=\(stack.postgresPort) dbname=postgres user=\(role)"
    let byPassword = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: "\(tcp) passfile=\(passwords.path)"))
    #expect(try await byPassword.value("SELECT current_user") == role)
    #expect(try await keepalive(of: byPassword) == [15, 5, 3])
    await byPassword.close()
    let patient = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: "\(tcp) passfile=\(passwords.path) keepalives_idle=77"))
    #expect(try await keepalive(of: patient) == [77, 5, 3])
    await patient.close()
    let refused = await #expect(throws: PostgresError.self) {
      _ = try await PostgresConnection.connect(
        PostgresConfiguration(conninfo: "\(tcp) password=wrong"))
    }
    #expect(refused?.message.contains("password authentication failed") == true)
    #expect(refused?.message.contains("wrong") == false)

    // Encrypted, and only with a server whose certificate is good for its name.
    func encrypted(_ host: String, ca: String) async throws -> PostgresConnection {
      try await PostgresConnection.connect(
        PostgresConfiguration(
          conninfo: "host=\(host) hostaddr=127.0.0.1 port=\(stack.postgresPort) dbname=postgres"
            + " user=\(role) passfile=\(passwords.path) sslmode=verify-full sslrootcert=\(ca)"))
    }
    try Data("*:*:*:\(role):it's\\:secret\n".utf8).write(to: passwords)
    let byTLS = try await encrypted("localhost", ca: stack.postgresCAFile)
    #expect(
      try await byTLS.value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == "t")
    await byTLS.close()
    for (host, ca) in [("example.org", stack.postgresCAFile), ("localhost", stack.redisCAFile)] {
      let mistrusted = await #expect(throws: PostgresError.self) {
        _ = try await encrypted(host, ca: ca)
      }
      #expect(mistrusted?.kind == .connection)
      #expect(mistrusted?.message.contains("certificate") == true, "\(mistrusted as Any)")
    }
    try await byURI.query("DROP ROLE \(role)")
    await byURI.close()
  }

  /// After how many seconds of silence the kernel asks whether the server is still there, how many seconds
  /// apart, and how often.
  private func keepalive(of connection: PostgresConnection) async throws -> [Int32] {
    let port = try #require(
      UInt16(try await connection.value("SELECT inet_client_port()") ?? ""))
    let descriptor = try #require(
      (0..<4096).first { descriptor in
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            getsockname(Int32(descriptor), $0, &length)
          }
        }
        return failed == 0 && address.sin_family == AF_INET && address.sin_port == port.bigEndian
      })
    return [TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT].map { name in
      var value: Int32 = 0
      var length = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(Int32(descriptor), Int32(IPPROTO_TCP), name, &value, &length)
      return value
    }
  }
}

internal import Foundation

/// A master, a replica and three Sentinels, over TLS, with the users and certificates of a stack's Redis:
/// what fails over.
public final class RedisGroup: Sendable {
  /// The master at the start, and its replica.
  public let servers: [DaemonProcess]
  /// Ports of the two.
  public let ports: [Int]
  public let sentinels: [DaemonProcess]
  public let sentinelPorts: [Int]
  /// File of the Sentinels' own password.
  public let sentinelPasswordFile: String
  private let folder: String

  /// Starts them, and returns when the Sentinels know the replica and each other.
  /// - Parameter stack: Whose Redis lends users, passwords and certificates.
  public init(of stack: Stack) async throws {
    let folder = "\(stack.folder)/group-\(UUID().uuidString.prefix(4))"
    self.folder = folder
    let lent = "\(stack.folder)/redis"
    let password = try String(contentsOfFile: stack.redisPasswordFile("operator"), encoding: .utf8)
    let ports = [LocalServer.closedPort(), LocalServer.closedPort()]
    let sentinelPorts = (0..<3).map { _ in LocalServer.closedPort() }
    self.ports = ports
    self.sentinelPorts = sentinelPorts
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    sentinelPasswordFile = "\(folder)/sentinel-password"
    try "sentinels-only\n".write(
      toFile: sentinelPasswordFile, atomically: true, encoding: .utf8)
    func tls(_ port: Int) -> String {
      """
      port 0
      tls-port \(port)
      bind 127.0.0.1
      tls-cert-file \(lent)/server.crt
      tls-key-file \(lent)/server.key
      tls-ca-cert-file \(lent)/ca.crt
      tls-auth-clients no
      tls-replication yes
      daemonize no

      """
    }
    servers = try (0..<2).map { index in
      let own = "\(folder)/\(index)"
      try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: "\(lent)/users.acl", toPath: "\(own)/users.acl")
      let text =
        tls(ports[index]) + """
          dir \(own)
          aclfile \(own)/users.acl
          save ""
          masteruser operator
          masterauth \(password)
          repl-diskless-sync-delay 0
          \(index == 1 ? "replicaof 127.0.0.1 \(ports[0])" : "")

          """
      try text.write(toFile: "\(own)/redis.conf", atomically: true, encoding: .utf8)
      return try DaemonProcess("/usr/bin/env", ["redis-server", "\(own)/redis.conf"])
    }
    let master = ports[0]
    sentinels = try sentinelPorts.map { port in
      let own = "\(folder)/sentinel-\(port)"
      try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
      let text =
        tls(port) + """
          dir \(own)
          requirepass sentinels-only
          sentinel monitor tenants 127.0.0.1 \(master) 2
          sentinel auth-user tenants operator
          sentinel auth-pass tenants \(password)
          sentinel down-after-milliseconds tenants 1000
          sentinel failover-timeout tenants 4000

          """
      try text.write(toFile: "\(own)/sentinel.conf", atomically: true, encoding: .utf8)
      return try DaemonProcess(
        "/usr/bin/env", ["redis-server", "\(own)/sentinel.conf", "--sentinel"])
    }
    for sentinel in sentinels {
      try await sentinel.waitForLine("+slave slave")
      for other in sentinels where other !== sentinel {
        try await eventually("the Sentinels know each other:\n\(sentinel.log)") {
          sentinel.lines.count { $0.contains("+sentinel sentinel") } >= 2
        }
      }
    }
  }

  /// The URL of the group, for a user.
  public func url(_ user: String) -> String {
    "rediss+sentinel://\(user)@"
      + sentinelPorts.map { "127.0.0.1:\($0)" }.joined(separator: ",") + "/tenants"
  }

  /// Ends all of them.
  public func stop() {
    for process in sentinels + servers {
      process.kill(SIGCONT)
      process.kill(SIGKILL)
    }
    try? FileManager.default.removeItem(atPath: folder)
  }
}

internal import Glibc
internal import NIOCore

/// How to reach a Redis server.
public struct RedisConfiguration: Sendable {
  /// Name or address of the server.
  public var host: String
  /// TCP port.
  public var port: Int
  /// Whether the connection is encrypted (`rediss://`).
  public var usesTLS: Bool
  /// ACL user; `nil` with a password means the user `default`.
  public var user: String?
  /// File of the password, read at every connection, so that a rotated one is taken up.
  public var passwordFile: String?
  /// PEM file of the authorities that the server's certificate may be signed by; `nil`: the system's.
  public var caFile: String?
  /// The name that the certificate must bear, if it is not `host`.
  public var serverName: String?
  private var urlPassword: String?

  /// Reads `redis://[user[:password]@]host[:port]` or `rediss://…` (the scheme that redis-cli and the
  /// client libraries share). Reserved characters are percent-encoded.
  /// - Throws: `RedisError` of kind `configuration` if the text is no such URL.
  public init(
    url: String, caFile: String? = nil, passwordFile: String? = nil, serverName: String? = nil
  ) throws {
    func wrong(_ why: String) -> RedisError {
      RedisError(
        kind: .configuration,
        message: "the Redis URL \(why); redis[s]://[user[:password]@]host[:port] is one")
    }
    let scheme = url.prefix { $0 != ":" }
    var rest = url[scheme.endIndex...]
    guard rest.hasPrefix("://") else { throw wrong("has no scheme") }
    rest = rest.dropFirst(3)
    switch scheme {
    case "redis": usesTLS = false
    case "rediss": usesTLS = true
    default: throw wrong("has an unknown scheme")
    }
    if let slash = rest.firstIndex(of: "/") {
      guard ["/", "/0"].contains(rest[slash...]) else {
        throw wrong("names a database; Pub/Sub has none")
      }
      rest = rest[..<slash]
    }
    if let at = rest.lastIndex(of: "@") {
      let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(parts[0]) else { throw wrong("has a broken percent sign") }
      user = name.isEmpty ? nil : name
      if parts.count == 2 {
        guard let secret = Self.decoded(parts[1]) else { throw wrong("has a broken percent sign") }
        urlPassword = secret
      }
      rest = rest[rest.index(after: at)...]
    }
    if rest.hasPrefix("["), let bracket = rest.firstIndex(of: "]") {
      host = String(rest[rest.index(after: rest.startIndex)..<bracket])
      rest = rest[rest.index(after: bracket)...]
    } else {
      host = String(rest.prefix { $0 != ":" })
      rest = rest.dropFirst(host.count)
    }
    guard !host.isEmpty else { throw wrong("has no host") }
    if rest.isEmpty {
      port = 6379
    } else {
      guard rest.hasPrefix(":"), let number = Int(rest.dropFirst()), (1...65535).contains(number)
      else { throw wrong("has no valid port") }
      port = number
    }
    self.caFile = caFile
    self.passwordFile = passwordFile
    self.serverName = serverName
  }

  /// The password of the file, else of the URL; `nil` if there is none.
  /// - Throws: `RedisError` of kind `configuration` if the file cannot be read.
  func password() throws -> String? {
    guard let passwordFile else { return urlPassword }
    guard let file = fopen(passwordFile, "re") else {
      throw RedisError(
        kind: .configuration,
        message:
          "cannot read the password file \(passwordFile): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count].prefix { $0 != 10 && $0 != 13 }, as: UTF8.self)
  }

  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(Substring(rest.prefix(2)), radix: 16) else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

extension RedisConfiguration: CustomStringConvertible {
  /// The address; never the password.
  public var description: String {
    "\(usesTLS ? "rediss" : "redis")://\(user.map { "\($0)@" } ?? "")\(host):\(port)"
  }
}

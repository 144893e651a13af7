internal import Glibc
internal import NIOCore

/// How to reach a Redis server, or the master that Sentinels name.
public struct RedisConfiguration: Sendable {
  /// A server's address.
  public struct Address: Sendable, Equatable, Hashable {
    /// Name or address.
    public var host: String
    /// TCP port.
    public var port: Int
  }

  /// Who is asked for the master (https://redis.io/docs/latest/develop/reference/sentinel-clients/).
  public struct Sentinels: Sendable {
    /// The Sentinels, at least one.
    public var addresses: [Address]
    /// What the master is called in their configuration.
    public var master: String
    /// ACL user of the Sentinels themselves; `nil` with a password means `default`.
    public var user: String?
    /// File of its password; `nil`: they ask for none.
    public var passwordFile: String?
    /// Told why a Sentinel does not let `+switch-master` be heard; of each Sentinel once, and again when it is
    /// for another reason or was heard meanwhile. While none does, a failover is noticed only when the
    /// connection to the old master breaks. Must not block.
    public var isUnheard: (@Sendable (Address, any Error) -> Void)?
  }

  /// The server; of no meaning where Sentinels are asked.
  public var address: Address
  /// `nil`: one server, always the same.
  public var sentinels: Sentinels?
  /// Whether the connection is encrypted (`rediss://`).
  public var usesTLS: Bool
  /// ACL user; `nil` with a password means the user `default`.
  public var user: String?
  /// File of the password, read at every connection, so that a rotated one is taken up.
  public var passwordFile: String?
  /// PEM file of the authorities that the server's certificate may be signed by; `nil`: the system's.
  public var caFile: String?
  /// PEM files of a certificate of our own and its key, for a server that asks for one. Read at every
  /// connection, as `caFile` is.
  public var certificateFile: String?
  public var keyFile: String?
  /// The name that the certificate must bear, if it is not the address's.
  public var serverName: String?
  private var urlPassword: String?

  /// Reads `redis://[user[:password]@]host[:port]` or `rediss://…` (the scheme that redis-cli and the
  /// client libraries share), or `redis+sentinel://[user[:password]@]host[:port][,host[:port]…]/master`
  /// (`rediss+sentinel://`), where the hosts are Sentinels. Reserved characters are percent-encoded.
  /// - Throws: `RedisError` of kind `configuration` if the text is no such URL.
  public init(
    url: String, caFile: String? = nil, passwordFile: String? = nil, serverName: String? = nil
  ) throws {
    func wrong(_ why: String) -> RedisError {
      RedisError(
        kind: .configuration,
        message:
          "the Redis URL \(why); redis[s]://[user[:password]@]host[:port] is one, or redis[s]+sentinel://[user[:password]@]host[:port],…/master"
      )
    }
    let scheme = url.prefix { $0 != ":" }
    var rest = url[scheme.endIndex...]
    guard rest.hasPrefix("://") else { throw wrong("has no scheme") }
    rest = rest.dropFirst(3)
    let asksSentinels = scheme.hasSuffix("+sentinel")
    switch scheme {
    case "redis", "redis+sentinel": usesTLS = false
    case "rediss", "rediss+sentinel": usesTLS = true
    default: throw wrong("has an unknown scheme")
    }
    var master: String?
    if let slash = rest.lastIndex(of: "/") {
      let path = rest[rest.index(after: slash)...]
      if asksSentinels {
        master = Self.decoded(path)
      } else {
        guard ["", "0"].contains(path) else { throw wrong("names a database; Pub/Sub has none") }
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
    var addresses: [Address] = []
    for part in asksSentinels
      ? rest.split(separator: ",", omittingEmptySubsequences: false) : [rest]
    {
      addresses.append(
        try Self.address(part, port: asksSentinels ? 26379 : 6379, wrong: wrong))
    }
    address = addresses[0]
    if asksSentinels {
      guard let master, !master.isEmpty else { throw wrong("does not name the master") }
      sentinels = Sentinels(addresses: addresses, master: master)
    }
    self.caFile = caFile
    self.passwordFile = passwordFile
    self.serverName = serverName
  }

  private static func address(
    _ text: Substring, port: Int, wrong: (String) -> RedisError
  ) throws -> Address {
    var rest = text
    let host: String
    if rest.hasPrefix("["), let bracket = rest.firstIndex(of: "]") {
      host = String(rest[rest.index(after: rest.startIndex)..<bracket])
      rest = rest[rest.index(after: bracket)...]
    } else {
      host = String(rest.prefix { $0 != ":" })
      rest = rest.dropFirst(host.count)
    }
    guard !host.isEmpty else { throw wrong("has no host") }
    guard !rest.isEmpty else { return Address(host: host, port: port) }
    guard rest.hasPrefix(":"), let number = Int(rest.dropFirst()), (1...65535).contains(number)
    else { throw wrong("has no valid port") }
    return Address(host: host, port: number)
  }

  /// The configuration of the server at an address, Sentinels or not.
  func at(_ address: Address) -> RedisConfiguration {
    var configuration = self
    configuration.address = address
    configuration.sentinels = nil
    return configuration
  }

  /// The configuration of a Sentinel, as its own user.
  func ofSentinel(_ address: Address) -> RedisConfiguration {
    var configuration = at(address)
    configuration.user = sentinels?.user
    configuration.passwordFile = sentinels?.passwordFile
    configuration.urlPassword = nil
    return configuration
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
    let scheme = usesTLS ? "rediss" : "redis"
    let login = user.map { "\($0)@" } ?? ""
    guard let sentinels else { return "\(scheme)://\(login)\(address)" }
    let hosts = sentinels.addresses.map { "\($0)" }.joined(separator: ",")
    return "\(scheme)+sentinel://\(login)\(hosts)/\(sentinels.master)"
  }
}

extension RedisConfiguration.Address: CustomStringConvertible {
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

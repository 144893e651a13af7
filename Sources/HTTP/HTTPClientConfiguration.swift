/// How a client trusts, and shows itself.
public struct HTTPClientConfiguration: Sendable {
  /// A certificate and its private key, PEM.
  public struct Identity: Sendable {
    public var certificate: [UInt8]
    public var key: [UInt8]

    /// - Parameters:
    ///   - certificate: PEM, the leaf first.
    ///   - key: PEM, not encrypted.
    public init(certificate: [UInt8], key: [UInt8]) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// Whose certificates are accepted.
  public enum Trust: Sendable {
    /// Those that the system trusts.
    case system
    /// Those signed by one of these authorities, PEM.
    case authorities([UInt8])
    /// Any. For experiments only.
    case anybody
  }

  public var trust: Trust = .system
  public var identity: Identity?
  /// The name that the certificate must bear and that is sent as SNI, if it is not the URL's host.
  public var serverName: String?
  /// For a connection, TLS included.
  public var connectTimeout: Duration = .seconds(5)
  public var userAgent = "agent-ready-k8s"

  /// libcurl's defaults.
  public init() {}
}

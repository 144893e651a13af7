/// How a client trusts, and shows itself.
public struct HTTPClientConfiguration: Sendable {
  /// A certificate and its private key, PEM.
  public struct Identity: Sendable, Equatable {
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
  public enum Trust: Sendable, Equatable {
    /// Those that the system trusts. A change of theirs is noticed within a minute.
    case system
    /// Those signed by one of these authorities, PEM.
    case authorities([UInt8])
    /// Those signed by one of the authorities in this file, PEM. It is read again when it changes: what
    /// is sent from then on goes over connections to whom the new content trusts, and over no others.
    case authorityFile(String)
    /// Any. For experiments only.
    case anybody

    /// Whether these bytes are a PEM text with a certificate in it, at first sight. libcurl would trust
    /// nobody because of one without, and those of the system because of an empty one.
    public static func holdsCertificate(_ bytes: [UInt8]) -> Bool {
      String(decoding: bytes, as: UTF8.self).contains(
        /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/)
    }
  }

  /// Whose certificates are accepted.
  public var trust: Trust = .system
  /// Who we are; a request may say otherwise.
  public var identity: Identity?
  /// The name that the certificate must bear and that is sent as SNI, if it is not the URL's host.
  public var serverName: String?
  /// For a connection, TLS included.
  public var connectTimeout: Duration = .seconds(5)
  /// A connection on which the peer's kernel acknowledges nothing for so long is given up, whether it is
  /// used (then what waits on it fails, or is sent once more over a new one) or idle. At least a second.
  public var silenceTimeout: Duration = .seconds(5)
  /// Sent as `User-Agent`.
  public var userAgent = "agent-ready-k8s"

  /// Where the system's authorities are, if not where libcurl was built to look for them. For tests.
  var systemFolder: String?

  /// libcurl's defaults.
  public init() {}
}

public import HTTP

/// Where the API server is, how it is trusted, and who we are.
public struct KubernetesConfiguration: Sendable {
  /// How a caller shows who it is.
  public enum Credentials: Sendable, Equatable {
    /// Not at all: `system:anonymous`.
    case none
    /// A bearer token.
    case token(String)
    /// A file with a bearer token. Read again every minute, and when the API server has refused what it
    /// held: the kubelet renews it.
    case tokenFile(String)
    /// A client certificate.
    case certificate(HTTPClientConfiguration.Identity)
    /// Files with a client certificate and its key, PEM; they may be the same. Read again when they
    /// change.
    case certificateFiles(certificate: String, key: String)
    /// A program that says it.
    case exec(ExecPlugin)
  }

  /// Base URL, without a slash at the end.
  public var server: String { didSet { origin = nil } }
  /// Whose certificates are accepted.
  public var trust: HTTPClientConfiguration.Trust { didSet { origin = nil } }
  /// The name that the certificate must bear, if it is not the URL's host.
  public var serverName: String? { didSet { origin = nil } }
  /// Who we are.
  public var credentials: Credentials { didSet { origin = nil } }
  /// The namespace of the context or of the pod.
  public var namespace: String
  /// Where it was read from; `nil` once it is given by hand, in part or as a whole.
  var origin: WatchedKubeconfig.Origin?

  /// A configuration given by hand. For one that is read from files see `load(path:context:environment:)`.
  public init(
    server: String, trust: HTTPClientConfiguration.Trust, credentials: Credentials,
    serverName: String? = nil, namespace: String = "default"
  ) {
    self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
    self.trust = trust
    self.credentials = credentials
    self.serverName = serverName
    self.namespace = namespace
  }
}

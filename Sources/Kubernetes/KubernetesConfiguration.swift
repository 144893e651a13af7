internal import Foundation
public import HTTP

/// Where the API server is, how it is trusted, and who we are.
public struct KubernetesConfiguration: Sendable {
  /// How a caller shows who it is.
  public enum Credentials: Sendable {
    case none
    case token(String)
    /// Read again every minute: the kubelet renews it.
    case tokenFile(String)
    case certificate(HTTPClientConfiguration.Identity)
  }

  /// Base URL, without a slash at the end.
  public var server: String
  /// Whose certificates are accepted.
  public var trust: HTTPClientConfiguration.Trust
  /// The name that the certificate must bear, if it is not the URL's host.
  public var serverName: String?
  /// Who we are.
  public var credentials: Credentials
  /// The namespace of the context or of the pod.
  public var namespace: String

  /// A configuration, as it is read from a file or given by hand.
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

  /// Finds the configuration as kubectl does: `path`, else `KUBECONFIG`, else `~/.kube/config`, else the
  /// service account that is mounted into a pod.
  /// - Parameters:
  ///   - path: A kubeconfig.
  ///   - context: One of its contexts; `nil`: its current one.
  ///   - environment: Variables; `nil`: the process's.
  /// - Throws: `KubernetesError` of kind `configuration`, saying what was looked for.
  public static func load(
    path: String? = nil, context: String? = nil,
    environment: [String: String]? = nil
  ) throws -> KubernetesConfiguration {
    let environment = environment ?? ProcessInfo.processInfo.environment
    if let path { return try Kubeconfig(path: path).configuration(context: context) }
    if let list = environment["KUBECONFIG"], !list.isEmpty {
      let paths = list.split(separator: ":").map(String.init)
      guard let first = paths.first(where: FileManager.default.fileExists(atPath:)) else {
        throw KubernetesError(configuration: "KUBECONFIG names no file that exists: \(list)")
      }
      return try Kubeconfig(path: first).configuration(context: context)
    }
    if let home = environment["HOME"] {
      let path = "\(home)/.kube/config"
      if FileManager.default.fileExists(atPath: path) {
        return try Kubeconfig(path: path).configuration(context: context)
      }
    }
    if let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty {
      return try inCluster(host: host, port: environment["KUBERNETES_SERVICE_PORT"] ?? "443")
    }
    throw KubernetesError(
      configuration:
        "no kubeconfig: give --kubeconfig FILE, set KUBECONFIG, or run inside a cluster")
  }

  /// The service account of a pod.
  static func inCluster(
    host: String, port: String, folder: String = "/var/run/secrets/kubernetes.io/serviceaccount"
  ) throws -> KubernetesConfiguration {
    let authority = host.contains(":") ? "[\(host)]" : host
    let namespace = try? String(contentsOfFile: "\(folder)/namespace", encoding: .utf8)
    guard FileManager.default.fileExists(atPath: "\(folder)/token") else {
      throw KubernetesError(
        configuration: "no token in \(folder): is automountServiceAccountToken off?")
    }
    return KubernetesConfiguration(
      server: "https://\(authority):\(port)",
      trust: .authorities(try Kubeconfig.bytes(ofFile: "\(folder)/ca.crt")),
      credentials: .tokenFile("\(folder)/token"),
      namespace: namespace?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "default")
  }
}

internal import Foundation
internal import HTTP

extension KubernetesConfiguration {
  /// Finds the configuration as kubectl does: `path`, else `KUBECONFIG`, else `~/.kube/config`, else the
  /// service account that is mounted into a pod.
  ///
  /// `KUBECONFIG` may name several files, separated by colons; those that do not exist are passed over.
  /// For each cluster, user and context, and for the current context, the first file that has it is
  /// taken. Relative paths start from the folder of the file that they stand in.
  /// - Parameters:
  ///   - path: A kubeconfig.
  ///   - context: One of its contexts; `nil`: its current one.
  ///   - environment: Variables; `nil`: the process's.
  /// - Throws: `KubernetesError` of kind `configuration`, saying what was looked for, what is wrong with
  ///   it, or what it asks for that is not supported.
  public static func load(
    path: String? = nil, context: String? = nil,
    environment: [String: String]? = nil
  ) throws -> KubernetesConfiguration {
    try load(
      path: path, context: context, environment: environment, serviceAccount: serviceAccountFolder)
  }

  /// Where the kubelet mounts a pod's service account.
  private static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// - Parameter serviceAccount: Where a pod's service account is mounted.
  static func load(
    path: String? = nil, context: String? = nil,
    environment: [String: String]? = nil, serviceAccount: String
  ) throws -> KubernetesConfiguration {
    let environment = environment ?? ProcessInfo.processInfo.environment
    let exists = FileManager.default.fileExists(atPath:)
    if let path { return try Kubeconfig(paths: [path]).configuration(context: context) }
    if let list = environment["KUBECONFIG"], !list.isEmpty {
      let paths = list.split(separator: ":").map(String.init).filter(exists)
      guard !paths.isEmpty else {
        throw KubernetesError(configuration: "KUBECONFIG names no file that exists: \(list)")
      }
      return try Kubeconfig(paths: paths).configuration(context: context)
    }
    if let home = environment["HOME"], exists("\(home)/.kube/config") {
      return try Kubeconfig(paths: ["\(home)/.kube/config"]).configuration(context: context)
    }
    if let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty {
      guard context == nil else {
        throw KubernetesError(
          configuration: "no kubeconfig, so there is no context \"\(context!)\"; inside a cluster "
            + "leave --context out")
      }
      return try inCluster(
        host: host, port: environment["KUBERNETES_SERVICE_PORT"] ?? "443", folder: serviceAccount)
    }
    throw KubernetesError(
      configuration:
        "no kubeconfig: give --kubeconfig FILE, set KUBECONFIG, or run inside a cluster")
  }

  /// The service account of a pod (Kubernetes documentation, "Accessing the Kubernetes API from a Pod").
  static func inCluster(
    host: String, port: String, folder: String
  ) throws -> KubernetesConfiguration {
    let name = host.contains(":") ? "[\(host)]" : host
    let namespace = try? String(contentsOfFile: "\(folder)/namespace", encoding: .utf8)
    guard FileManager.default.fileExists(atPath: "\(folder)/token") else {
      throw KubernetesError(
        configuration: "no token in \(folder): is automountServiceAccountToken off?")
    }
    return KubernetesConfiguration(
      server: "https://\(name):\(port)", trust: try authority(inFile: "\(folder)/ca.crt"),
      credentials: .tokenFile("\(folder)/token"),
      namespace: namespace?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "default")
  }

  /// Trust in the authorities of a file, which must be there and hold a certificate: else nobody is
  /// trusted, rather than everybody whom the system trusts.
  static func authority(inFile path: String) throws -> HTTPClientConfiguration.Trust {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw KubernetesError(configuration: "cannot read the certificate authority \(path)")
    }
    guard HTTPClientConfiguration.Trust.holdsCertificate(Array(data)) else {
      throw KubernetesError(configuration: "the certificate authority \(path) holds no certificate")
    }
    return .authorityFile(path)
  }
}

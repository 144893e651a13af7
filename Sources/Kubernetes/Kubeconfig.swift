internal import Foundation
internal import HTTP

/// One or several kubeconfig files, the first of which that has an entry has the word (Kubernetes
/// documentation, "Organizing Cluster Access Using kubeconfig Files"). What they ask for and is not
/// supported here is refused by name, never passed over.
struct Kubeconfig {
  private let files: [KubeconfigEntry]

  init(paths: [String]) throws {
    files = try paths.map(KubeconfigEntry.init(path:))
  }

  /// Files whose content is known.
  init(files: [(path: String, content: [UInt8])]) throws {
    self.files = try files.map {
      try KubeconfigEntry(path: $0.path, text: String(decoding: $0.content, as: UTF8.self))
    }
  }

  func configuration(context name: String?) throws -> KubernetesConfiguration {
    let name = try name ?? files.lazy.compactMap { try $0.text("current-context") }.first
    guard let name, !name.isEmpty else {
      throw wrong("no current context; choose one with --context")
    }
    let context = try entry("contexts", "context", name)
    let clusterName = try context.text("cluster") ?? ""
    let cluster = try entry("clusters", "cluster", clusterName)
    try cluster.refuse(["proxy-url"])
    try cluster.refuseAll(but: [
      "server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority",
      "certificate-authority-data", "disable-compression", "extensions",
    ])
    guard let server = try cluster.text("server") else {
      throw cluster.wrong("has no server for the cluster \"\(clusterName)\"")
    }
    let trust = try trust(cluster)
    let userName = try context.text("user")
    let user = try userName.map { try entry("users", "user", $0) }
    var configuration = KubernetesConfiguration(
      server: server, trust: trust,
      credentials: try user.map { try credentials($0, for: cluster) } ?? .none,
      serverName: try cluster.text("tls-server-name"),
      namespace: try context.text("namespace") ?? "default")
    configuration.origin = WatchedKubeconfig.Origin(paths: files.map(\.path), context: name)
    return configuration
  }

  private func trust(_ cluster: KubeconfigEntry) throws -> HTTPClientConfiguration.Trust {
    if let authorities = try cluster.base64("certificate-authority-data") {
      guard HTTPClientConfiguration.Trust.holdsCertificate(authorities) else {
        throw cluster.wrong("has a certificate-authority-data that holds no certificate")
      }
      return .authorities(authorities)
    }
    if let path = try cluster.path("certificate-authority") {
      return try KubernetesConfiguration.authority(inFile: path)
    }
    if try cluster.flag("insecure-skip-tls-verify") { return .anybody }
    // What a template has left empty is not the wish to trust whomever the system trusts.
    for key in ["certificate-authority-data", "certificate-authority"] where cluster.has(key) {
      throw cluster.wrong("has an empty \(key); leave it out to trust the system's authorities")
    }
    // No authority is named at all: those of the system, as for kubectl. Servers with public
    // certificates need them.
    return .system
  }

  /// What is fixed goes before a plugin, as for kubectl.
  private func credentials(
    _ user: KubeconfigEntry, for cluster: KubeconfigEntry
  ) throws -> KubernetesConfiguration.Credentials {
    try user.refuse([
      "auth-provider", "username", "password", "as", "as-uid", "as-groups", "as-user-extra",
    ])
    try user.refuseAll(but: [
      "client-certificate", "client-certificate-data", "client-key", "client-key-data", "token",
      "tokenFile", "exec", "extensions",
    ])
    if let certificate = try certificate(user) {
      // kubectl shows both. To drop one would make us somebody else.
      let others = ["tokenFile", "token", "exec"]
      if let other = others.first(where: { user.has($0) && !user.isEmpty($0) }) {
        throw user.wrong(
          "has a client certificate beside \(other), which is not supported; leave one of them out")
      }
      return certificate
    }
    if let file = try user.path("tokenFile") { return .tokenFile(file) }
    if let token = try user.text("token") { return .token(token) }
    if let exec = try user.entry("exec") { return .exec(try ExecPlugin(exec, cluster: cluster)) }
    return .none
  }

  private func certificate(
    _ user: KubeconfigEntry
  ) throws -> KubernetesConfiguration.Credentials? {
    let files = (try user.path("client-certificate"), try user.path("client-key"))
    let data = (try user.base64("client-certificate-data"), try user.base64("client-key-data"))
    guard files.0 != nil || data.0 != nil else { return nil }
    guard files.1 != nil || data.1 != nil else {
      throw user.wrong("has a client certificate without its key")
    }
    let certificate = try data.0 ?? user.bytes(ofFile: files.0!)
    let key = try data.1 ?? user.bytes(ofFile: files.1!)
    if data.0 == nil, data.1 == nil {
      return .certificateFiles(certificate: files.0!, key: files.1!)
    }
    return .certificate(HTTPClientConfiguration.Identity(certificate: certificate, key: key))
  }

  private func entry(_ list: String, _ kind: String, _ name: String) throws -> KubeconfigEntry {
    for file in files {
      if let named = try file.entries(list).first(where: { try $0.text("name") == name }) {
        return try named.entry(kind) ?? named.empty()
      }
    }
    throw wrong("no \(kind) named \"\(name)\"")
  }

  private func wrong(_ what: String) -> KubernetesError {
    let names = files.map(\.path).joined(separator: ", ")
    return KubernetesError(
      configuration: files.count == 1
        ? "the kubeconfig \(names) has \(what)" : "the kubeconfigs \(names) have \(what)")
  }
}

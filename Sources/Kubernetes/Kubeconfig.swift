internal import Foundation
internal import HTTP
internal import Yams

/// A kubeconfig file. What it asks for and is not supported here is refused by name, never passed over.
struct Kubeconfig {
  private let path: String
  private let root: [String: Any]

  init(path: String) throws {
    self.path = path
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw KubernetesError(configuration: "cannot read the kubeconfig \(path)")
    }
    do {
      guard let root = try Yams.load(yaml: text) as? [String: Any] else {
        throw KubernetesError(configuration: "the kubeconfig \(path) is no YAML object")
      }
      self.root = root
    } catch let error as KubernetesError {
      throw error
    } catch {
      throw KubernetesError(configuration: "the kubeconfig \(path) is no YAML: \(error)")
    }
  }

  func configuration(context name: String?) throws -> KubernetesConfiguration {
    guard let name = name ?? root["current-context"] as? String, !name.isEmpty else {
      throw wrong("has no current context; choose one with --context")
    }
    let context = try entry("contexts", "context", name)
    let clusterName = try text(context, "cluster") ?? ""
    let cluster = try entry("clusters", "cluster", clusterName)
    guard let server = try text(cluster, "server") else {
      throw wrong("has no server for the cluster \(clusterName)")
    }
    if let proxy = try text(cluster, "proxy-url") {
      throw wrong("asks for the proxy \(proxy), which is not supported")
    }
    var user: [String: Any] = [:]
    if let userName = try text(context, "user") { user = try entry("users", "user", userName) }
    return KubernetesConfiguration(
      server: server, trust: try trust(cluster, server: server),
      credentials: try credentials(user),
      serverName: try text(cluster, "tls-server-name"),
      namespace: try text(context, "namespace") ?? "default")
  }

  private func trust(
    _ cluster: [String: Any], server: String
  ) throws -> HTTPClientConfiguration.Trust {
    if let authorities = try data(cluster, "certificate-authority") {
      return .authorities(authorities)
    }
    if cluster["insecure-skip-tls-verify"] as? Bool == true { return .anybody }
    // Without an authority kubectl trusts those of the system, as managed clusters with public
    // certificates need.
    return .system
  }

  private func credentials(_ user: [String: Any]) throws -> KubernetesConfiguration.Credentials {
    for unsupported in ["exec", "auth-provider", "username", "as"] where user[unsupported] != nil {
      throw wrong("asks for \(unsupported) credentials, which are not supported")
    }
    if let certificate = try data(user, "client-certificate") {
      guard let key = try data(user, "client-key") else {
        throw wrong("has a client certificate without its key")
      }
      return .certificate(HTTPClientConfiguration.Identity(certificate: certificate, key: key))
    }
    if let file = try text(user, "tokenFile") { return .tokenFile(resolved(file)) }
    if let token = try text(user, "token") { return .token(token) }
    return .none
  }

  private func entry(_ list: String, _ kind: String, _ name: String) throws -> [String: Any] {
    let entries = root[list] as? [[String: Any]] ?? []
    guard let entry = entries.first(where: { $0["name"] as? String == name }) else {
      throw wrong("has no \(kind) named \"\(name)\"")
    }
    return entry[kind] as? [String: Any] ?? [:]
  }

  /// `key-data` in Base64, which wins, or the file that `key` names.
  private func data(_ entry: [String: Any], _ key: String) throws -> [UInt8]? {
    if let text = try text(entry, "\(key)-data") {
      // Base64 is often folded into lines.
      guard let data = Data(base64Encoded: text.filter { !$0.isWhitespace }) else {
        throw wrong("has a \(key)-data that is no Base64")
      }
      return Array(data)
    }
    guard let file = try text(entry, key) else { return nil }
    return try Self.bytes(ofFile: resolved(file))
  }

  /// A text; `nil` if it is absent or empty. What YAML takes for something else (a token of digits
  /// without quotes) is refused: passing it over would make us anonymous.
  private func text(_ entry: [String: Any], _ key: String) throws -> String? {
    guard let value = entry[key], !(value is NSNull) else { return nil }
    guard let text = value as? String else { throw wrong("has a \(key) that is no text; quote it") }
    return text.isEmpty ? nil : text
  }

  /// Relative paths start from the kubeconfig's own folder.
  private func resolved(_ file: String) -> String {
    guard !file.hasPrefix("/") else { return file }
    return URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent(file).path
  }

  private func wrong(_ why: String) -> KubernetesError {
    KubernetesError(configuration: "the kubeconfig \(path) \(why)")
  }

  static func bytes(ofFile path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw KubernetesError(configuration: "cannot read \(path)")
    }
    return Array(data)
  }
}

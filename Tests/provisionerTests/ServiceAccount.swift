internal import Crypto
internal import Foundation
internal import Kubernetes
internal import TestSupport

/// A service account with the provisioner's rights, with fewer, or others, that a test may delete.
struct ServiceAccount: Sendable {
  /// A right.
  struct Right: Sendable, CustomStringConvertible {
    var verb: String
    var resource: String

    var description: String { "\(verb) \(resource)" }
  }

  private static let accounts = "/api/v1/namespaces/agent-ready-k8s-system/serviceaccounts"
  private static let bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
  private static let roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
  private static let role = "agent-ready-k8s-provisioner"
  private let kubernetes: KubernetesClient
  private let cluster: Stack
  private let name: String
  private let missing: Right?

  /// - Parameters:
  ///   - role: A ClusterRole.
  ///   - missing: What of the provisioner's rights it may not do.
  init(
    _ scene: Scene, role: String = Self.role, without missing: Right? = nil
  ) async throws {
    kubernetes = scene.kubernetes
    cluster = scene.cluster
    name = "provisioner-\(scene.prefix)"
    self.missing = missing
    try await create()
    var role = role
    if let missing {
      role = name
      let rules = try await allRules().compactMap { rule -> JSONValue? in
        guard rule["resources"]?.array?.contains(.string(missing.resource)) == true else {
          return rule
        }
        let others = (rule["resources"]?.array ?? []).filter { $0 != .string(missing.resource) }
        let verbs = (rule["verbs"]?.array ?? []).filter { $0 != .string(missing.verb) }
        // The others keep theirs.
        if !others.isEmpty { return rule.setting("resources", to: .array(others)) }
        return verbs.isEmpty ? nil : rule.setting("verbs", to: .array(verbs))
      }
      let rest = try await allRules().compactMap { rule -> JSONValue? in
        guard (rule["resources"]?.array?.count ?? 0) > 1,
          rule["resources"]?.array?.contains(.string(missing.resource)) == true
        else { return nil }
        let verbs = (rule["verbs"]?.array ?? []).filter { $0 != .string(missing.verb) }
        return rule.setting("resources", to: [.string(missing.resource)])
          .setting("verbs", to: .array(verbs))
      }
      _ = try await kubernetes.create(
        Self.roles, ["metadata": ["name": .string(name)], "rules": .array(rules + rest)])
    }
    _ = try await kubernetes.create(
      Self.bindings,
      [
        "metadata": ["name": .string(name)],
        "roleRef": [
          "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(role),
        ],
        "subjects": [
          [
            "kind": "ServiceAccount", "name": .string(name),
            "namespace": "agent-ready-k8s-system",
          ]
        ],
      ])
  }

  private func allRules() async throws -> [JSONValue] {
    try await kubernetes.get("\(Self.roles)/\(Self.role)")["rules"]?.array ?? []
  }

  /// Gives it what is missing.
  func grant() async throws {
    _ = try await kubernetes.mergePatch(
      "\(Self.roles)/\(name)", ["rules": .array(try await allRules())])
  }

  /// A kubeconfig with its token. Lies in the stack's folder.
  func kubeconfig() async throws -> String {
    let own = try String(contentsOfFile: cluster.provisionerKubeconfig, encoding: .utf8)
    let path = "\(cluster.folder)/\(name).kubeconfig"
    let token = try await token()
    try own.replacing(/tokenFile: .*/, with: "token: \(token)")
      .write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// A file with its token, to be renewed, and a kubeconfig that names it. They lie in the stack's folder.
  func tokenFile() async throws -> (token: URL, kubeconfig: String) {
    let own = try String(contentsOfFile: cluster.provisionerKubeconfig, encoding: .utf8)
    let path = "\(cluster.folder)/\(name)"
    let token = URL(fileURLWithPath: "\(path).token")
    try Data(try await self.token().utf8).write(to: token)
    try own.replacing(/tokenFile: .*/, with: "tokenFile: \(token.path)")
      .write(toFile: "\(path).renewed", atomically: true, encoding: .utf8)
    return (token, "\(path).renewed")
  }

  func create() async throws {
    _ = try await kubernetes.create(Self.accounts, ["metadata": ["name": .string(name)]])
  }

  func token() async throws -> String {
    let answer = try await kubernetes.create("\(Self.accounts)/\(name)/token", ["spec": [:]])
    guard let token = answer["status"]?["token"]?.string else {
      throw TestSupportError("no token: \(answer.serialized())")
    }
    return token
  }

  /// A token that ends then, signed as the API server signs: it gives none for less than ten minutes.
  func token(until end: Date) async throws -> String {
    let parts = try await token().split(separator: ".").map(String.init)
    let payload = parts[1].replacing("-", with: "+").replacing("_", with: "/")
    guard
      let bytes = Data(
        base64Encoded: payload + String(repeating: "=", count: (4 - payload.count % 4) % 4))
    else { throw TestSupportError("no token: \(parts)") }
    let claims = try JSONValue(parsing: String(decoding: bytes, as: UTF8.self))
      .setting("exp", to: .integer(Int64(end.timeIntervalSince1970)))
    let signed = "\(parts[0]).\(Self.base64URL(Data(claims.serialized().utf8)))"
    let key = try P256.Signing.PrivateKey(
      pemRepresentation: String(
        contentsOfFile: "\(cluster.folder)/kubernetes/accounts.key", encoding: .utf8))
    let signature = try key.signature(for: Data(signed.utf8))
    return "\(signed).\(Self.base64URL(signature.rawRepresentation))"
  }

  private static func base64URL(_ data: Data) -> String {
    data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
  }

  /// Its tokens are no longer accepted, not even those of a later account of that name.
  func delete() async throws {
    _ = try await kubernetes.delete("\(Self.accounts)/\(name)", uid: nil, resourceVersion: nil)
  }

  /// Takes everything away.
  func remove() async throws {
    try await delete()
    _ = try await kubernetes.delete("\(Self.bindings)/\(name)", uid: nil, resourceVersion: nil)
    guard missing != nil else { return }
    _ = try await kubernetes.delete("\(Self.roles)/\(name)", uid: nil, resourceVersion: nil)
  }
}

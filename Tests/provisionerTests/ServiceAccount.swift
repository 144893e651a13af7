internal import Kubernetes
internal import TestSupport

/// A service account with the provisioner's rights, or others, that a test may delete.
struct ServiceAccount: Sendable {
  private static let accounts = "/api/v1/namespaces/agent-ready-k8s-system/serviceaccounts"
  private static let bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
  private let kubernetes: KubernetesClient
  private let name: String

  /// - Parameter role: A ClusterRole.
  init(_ scene: Scene, role: String = "agent-ready-k8s-provisioner") async throws {
    kubernetes = scene.kubernetes
    name = "provisioner-\(scene.prefix)"
    try await create()
    _ = try await kubernetes.create(
      Self.bindings,
      [
        "metadata": ["name": .string(name)],
        "roleRef": [
          "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
          "name": .string(role),
        ],
        "subjects": [
          [
            "kind": "ServiceAccount", "name": .string(name),
            "namespace": "agent-ready-k8s-system",
          ]
        ],
      ])
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

  /// Its tokens are no longer accepted, not even those of a later account of that name.
  func delete() async throws {
    _ = try await kubernetes.delete("\(Self.accounts)/\(name)", uid: nil, resourceVersion: nil)
  }

  /// Takes everything away.
  func remove() async throws {
    try await delete()
    _ = try await kubernetes.delete("\(Self.bindings)/\(name)", uid: nil, resourceVersion: nil)
  }
}

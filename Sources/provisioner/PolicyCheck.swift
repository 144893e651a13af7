internal import Daemon
internal import Kubernetes

/// Looks whether admission policies protect what the provisioner relies on: above all that no pod gets
/// into a namespace that is not isolated yet.
///
/// That none does is a warning, no failure: tenants are made all the same, and a cluster may enforce the
/// gate by other means.
struct PolicyCheck: Sendable {
  let kubernetes: KubernetesClient

  private static let admission = "/apis/admissionregistration.k8s.io/v1"

  /// Asks the API server, and judges what it has.
  func run(_ version: KubernetesVersion) async -> [CheckReport.Row] {
    do {
      var found = Policies()
      if version >= .withAdmissionPolicies {
        found.policies = try await list("\(Self.admission)/validatingadmissionpolicies")
        found.bindings = try await list("\(Self.admission)/validatingadmissionpolicybindings")
      }
      let groups = try await kubernetes.get("/apis")["groups"]?.array ?? []
      found.groups = Set(groups.compactMap { $0["name"]?.string })
      if found.groups.contains("kyverno.io") {
        found.clusterPolicies = try await list("/apis/kyverno.io/v1/clusterpolicies")
      }
      return found.rows(on: version)
    } catch {
      let refused = (error as? KubernetesError)?.status != nil
      return [
        CheckReport.Row(
          refused ? .warning : .failed, "policy", "cannot look at the policies: \(error)",
          hint: refused ? "grant it: kubectl apply -k deploy/kubernetes" : nil,
          isConnection: !refused)
      ]
    }
  }

  private func list(_ path: String) async throws -> [JSONValue] {
    try await kubernetes.list(path).items
  }
}

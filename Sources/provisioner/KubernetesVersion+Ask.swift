internal import Daemon
internal import Kubernetes

extension KubernetesVersion {
  /// The newest that was tried.
  static let newest = KubernetesVersion(major: 1, minor: 36)
  /// The first that has ValidatingAdmissionPolicies in a version that stays.
  static let withAdmissionPolicies = KubernetesVersion(major: 1, minor: 30)

  /// Asks an API server for its version.
  /// - Throws: `StartupError` if it is too old, or none; `KubernetesError` if it does not answer.
  @discardableResult
  static func ask(_ kubernetes: KubernetesClient) async throws -> KubernetesVersion {
    let version: KubernetesVersion
    do {
      version = try await kubernetes.version()
    } catch let error as KubernetesError where error.kind == .malformed {
      throw StartupError(
        error.message, hint: "look at the kubeconfig's server", isConnection: true)
    }
    guard version >= .oldest else {
      throw StartupError(
        "the API server is Kubernetes \(version)",
        hint: "Kubernetes \(KubernetesVersion.oldest) or newer is needed", isConnection: true)
    }
    return version
  }
}

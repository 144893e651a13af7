internal import ArgumentParser
internal import Kubernetes

/// Where Kubernetes is.
struct KubernetesOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Kubernetes: default KUBECONFIG, ~/.kube/config, or the mounted service account.",
      valueName: "file"))
  var kubeconfig: String?

  @Option(
    help: ArgumentHelp("Context of the kubeconfig. Default: its current one.", valueName: "name"))
  var context: String?

  /// - Throws: `KubernetesError` if the configuration cannot be used.
  func client(
    onWarning: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> KubernetesClient {
    try KubernetesClient(.load(path: kubeconfig, context: context), onWarning: onWarning)
  }
}

internal import ArgumentParser
internal import Daemon
internal import Kubernetes
internal import Synchronization

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

  /// - Parameter onWarning: Told what the API server warns of; `nil`: standard error is, of each once, as
  ///   by kubectl.
  /// - Throws: `KubernetesError` if the configuration cannot be used.
  func client(
    onWarning: (@Sendable (String) -> Void)? = nil
  ) throws -> KubernetesClient {
    let teller = WarningTeller()
    return try KubernetesClient(
      .load(path: kubeconfig, context: context), onWarning: onWarning ?? { teller.tell($0) })
  }
}

/// Tells each warning once.
private final class WarningTeller: Sendable {
  private let told = Mutex<Set<String>>([])

  func tell(_ warning: String) {
    guard told.withLock({ $0.insert(warning).inserted }) else { return }
    StandardStream.error.writeLine("provisioner: Kubernetes warns: \(warning)")
  }
}

internal import Daemon
internal import Kubernetes
internal import Postgres

/// What must be so before the daemon begins. Once it has begun, it rides out whatever is lost.
enum Preflight {
  /// Asks both servers once.
  /// - Throws: `StartupError`, in words for whoever has started the daemon.
  static func check(postgres: PostgresConfiguration, kubernetes: KubernetesClient) async throws {
    do {
      try await PostgresConnection.probe(postgres, for: "provisioning.claim(text,interval)")
    } catch let error as PostgresError {
      throw StartupError(
        error.description, hint: error.hint ?? "look at the server's log",
        isConnection: error.kind != .usage)
    }
    do {
      try await KubernetesVersion.ask(kubernetes)
    } catch let error as KubernetesError {
      throw StartupError(
        error.description, hint: "look at the kubeconfig: server, authority, credentials",
        isConnection: true)
    }
  }
}

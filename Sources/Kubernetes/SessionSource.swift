internal import HTTP
internal import Synchronization

/// Through what a client calls.
struct Session: Sendable {
  let configuration: KubernetesConfiguration
  let http: HTTPClient
  let credentials: CredentialSource

  init(_ configuration: KubernetesConfiguration, userAgent: String) {
    self.configuration = configuration
    credentials = CredentialSource(configuration.credentials)
    var settings = HTTPClientConfiguration()
    settings.trust = configuration.trust
    settings.serverName = configuration.serverName
    settings.userAgent = userAgent
    http = HTTPClient(settings)
  }
}

/// A client's session; another one, when the kubeconfig has come to hold other authorities or credentials.
///
/// Calls that are under way end as they began. What else a kubeconfig may say anew, another server above all,
/// is not followed: that would be another cluster.
final class SessionSource: Sendable {
  private struct State {
    var session: Session
    var kubeconfig: WatchedKubeconfig?
  }

  private let state: Mutex<State>
  private let userAgent: String
  private let onWarning: @Sendable (String) -> Void

  init(
    _ configuration: KubernetesConfiguration, userAgent: String,
    onWarning: @escaping @Sendable (String) -> Void
  ) {
    self.userAgent = userAgent
    self.onWarning = onWarning
    state = Mutex(
      State(
        session: Session(configuration, userAgent: userAgent),
        kubeconfig: configuration.origin.map(WatchedKubeconfig.init)))
  }

  /// The session of now. Asks the file system (microseconds).
  func session() -> Session {
    let (session, warning) = state.withLock { state in
      let warning = follow(&state)
      return (state.session, warning)
    }
    if let warning { onWarning(warning) }
    return session
  }

  /// - Returns: Why the kubeconfig is not followed.
  private func follow(_ state: inout State) -> String? {
    let old = state.session.configuration
    switch state.kubeconfig?.change() {
    case nil: return nil
    case .failure(let error): return "\(error); what was read before stands"
    case .success(let new):
      guard new.server == old.server else {
        return
          "the kubeconfig names another server, \(new.server), which is followed after a restart"
      }
      guard new.serverName == old.serverName else {
        return "the kubeconfig has another tls-server-name, which is followed after a restart"
      }
      if new.trust != old.trust || new.credentials != old.credentials {
        state.session = Session(new, userAgent: userAgent)
      }
      return nil
    }
  }
}

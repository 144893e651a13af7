internal import AsyncIO
internal import Foundation
internal import HTTP
internal import Synchronization

/// What a call shows, and where it comes from anew.
struct Credential: Sendable, Equatable {
  var token: String?
  var identity: HTTPClientConfiguration.Identity?
}

/// The credentials of a configuration, renewed as they run out.
final class CredentialSource: Sendable {
  private enum Source: Sendable {
    case fixed(Credential)
    case tokenFile
    case certificateFiles
    case exec(ExecPlugin)
  }

  private struct State {
    var token: TokenFile?
    var files: (certificate: WatchedFile, key: WatchedFile)?
    var answer: ExecCredential?
  }

  private let source: Source
  private let state: Mutex<State>
  /// Of the plugin: many calls that need it wait for one run.
  private let turn = AsyncSemaphore(permits: 1)
  private let now: @Sendable () -> Date

  init(
    _ credentials: KubernetesConfiguration.Credentials,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.now = now
    switch credentials {
    case .none: source = .fixed(Credential())
    case .token(let token): source = .fixed(Credential(token: token))
    case .certificate(let identity): source = .fixed(Credential(identity: identity))
    case .tokenFile: source = .tokenFile
    case .certificateFiles: source = .certificateFiles
    case .exec(let plugin): source = .exec(plugin)
    }
    var state = State()
    if case .tokenFile(let path) = credentials { state.token = TokenFile(path: path) }
    if case .certificateFiles(let certificate, let key) = credentials {
      state.files = (WatchedFile(path: certificate), WatchedFile(path: key))
    }
    self.state = Mutex(state)
  }

  /// What to show now.
  /// - Parameter refused: What the API server has just refused: something newer, then.
  /// - Returns: `nil` if there can be nothing newer.
  /// - Throws: `KubernetesError` of kind `configuration`; `CancellationError`.
  func credential(after refused: Credential? = nil) async throws -> Credential? {
    switch source {
    case .fixed(let credential):
      return refused == nil ? credential : nil
    case .tokenFile:
      return Credential(
        token: try state.withLock { try $0.token?.token(at: now(), isRefused: refused != nil) })
    case .certificateFiles:
      let credential = Credential(identity: try readCertificate())
      return credential == refused ? nil : credential
    case .exec(let plugin):
      if let known = known(besides: refused) { return known }
      return try await turn.withPermit {
        // Whoever had the turn before may have brought it.
        if let known = known(besides: refused) { return known }
        let answer = try await plugin.run()
        state.withLock { $0.answer = answer }
        return Credential(token: answer.token, identity: answer.identity)
      }
    }
  }

  private func readCertificate() throws -> HTTPClientConfiguration.Identity {
    do {
      return try state.withLock { state in
        HTTPClientConfiguration.Identity(
          certificate: try state.files?.certificate.bytes() ?? [],
          key: try state.files?.key.bytes() ?? [])
      }
    } catch let error as HTTPError {
      throw KubernetesError(configuration: error.message)
    }
  }

  private func known(besides refused: Credential?) -> Credential? {
    guard let answer = state.withLock({ $0.answer }), answer.isGood(at: now()) else { return nil }
    let credential = Credential(token: answer.token, identity: answer.identity)
    return credential == refused ? nil : credential
  }
}

internal import Foundation
internal import Synchronization

/// The bearer token, from a file that is renewed now and then.
final class TokenSource: Sendable {
  private struct Cached {
    var token: String
    var readAt: ContinuousClock.Instant
  }

  private let credentials: KubernetesConfiguration.Credentials
  private let cached = Mutex<Cached?>(nil)

  init(_ credentials: KubernetesConfiguration.Credentials) {
    self.credentials = credentials
  }

  /// The token; `nil` if there is none.
  /// - Parameter isStale: The server refused the last one: read the file again.
  func token(isStale: Bool = false) throws -> String? {
    switch credentials {
    case .none, .certificate: return nil
    case .token(let token): return token
    case .tokenFile(let path):
      return try cached.withLock { cached in
        if !isStale, let known = cached, known.readAt.duration(to: .now) < .seconds(60) {
          return known.token
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
          throw KubernetesError(configuration: "cannot read the token file \(path)")
        }
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        cached = Cached(token: token, readAt: .now)
        return token
      }
    }
  }

  /// Whether reading again may help.
  var isRenewable: Bool {
    if case .tokenFile = credentials { true } else { false }
  }
}

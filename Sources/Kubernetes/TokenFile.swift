internal import Foundation

/// A bearer token in a file that is renewed now and then.
struct TokenFile {
  /// How long what was read is used. The kubelet renews a token when a fifth of its life is left,
  /// ten minutes at the least (Kubernetes documentation, "Managing Service Accounts").
  static let lifetime: TimeInterval = 60

  private let path: String
  private var known: (token: String, readAt: Date)?

  init(path: String) { self.path = path }

  /// The token. One that was read and can be read no longer is used until it is refused.
  mutating func token(at now: Date, isRefused: Bool) throws -> String {
    if !isRefused, let known, (0..<Self.lifetime).contains(now.timeIntervalSince(known.readAt)) {
      return known.token
    }
    let text = try? String(contentsOfFile: path, encoding: .utf8)
    let token = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    guard token.isEmpty else {
      known = (token, now)
      return token
    }
    if !isRefused, let known { return known.token }
    throw KubernetesError(
      configuration: text == nil
        ? "cannot read the token file \(path)" : "the token file \(path) is empty")
  }
}

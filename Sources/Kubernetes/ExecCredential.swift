internal import Foundation
internal import HTTP

/// What a credential plugin has answered.
struct ExecCredential: Sendable, Equatable {
  var token: String?
  var identity: HTTPClientConfiguration.Identity?
  /// `nil`: until the API server refuses it.
  var expiresAt: Date?

  /// Reads a plugin's output. No part of it gets into an error: it may be secret.
  init(parsing output: String, from plugin: ExecPlugin) throws {
    guard let answer = try? JSONValue(parsing: output), answer["kind"] == "ExecCredential" else {
      throw plugin.wrong("answered with something else than an ExecCredential")
    }
    let version = answer["apiVersion"]?.string ?? "none"
    guard version == plugin.version.rawValue else {
      throw plugin.wrong(
        "is configured for \(plugin.version.rawValue) and answered in version \(version)")
    }
    let status = answer["status"]
    func text(_ key: String) -> String? {
      status?[key]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }
    token = text("token")
    switch (text("clientCertificateData"), text("clientKeyData")) {
    case (let certificate?, let key?):
      identity = HTTPClientConfiguration.Identity(
        certificate: Array(certificate.utf8), key: Array(key.utf8))
    case (nil, nil):
      identity = nil
    case (_?, nil), (nil, _?):
      throw plugin.wrong("answered with a certificate without its key, or a key alone")
    }
    guard token != nil || identity != nil else {
      throw plugin.wrong("answered with neither a token nor a certificate")
    }
    if let text = text("expirationTimestamp") {
      guard let date = Self.date(text) else {
        throw plugin.wrong("answered with an expirationTimestamp that is no time of RFC 3339")
      }
      expiresAt = date
    }
  }

  /// Whether it will still be good when a request with it arrives.
  func isGood(at now: Date) -> Bool {
    expiresAt.map { $0.timeIntervalSince(now) > 10 } ?? true
  }

  private static func date(_ text: String) -> Date? {
    (try? Date(text, strategy: .iso8601))
      ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
  }
}

extension ExecPlugin {
  func wrong(_ what: String) -> KubernetesError {
    KubernetesError(configuration: "the credential plugin \(command) \(what)")
  }
}

extension [UInt8] {
  var base64: String { Data(self).base64EncodedString() }
}

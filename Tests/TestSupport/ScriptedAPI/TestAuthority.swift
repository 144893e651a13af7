internal import Foundation

/// A certificate authority of one test's own, and what it signs.
public struct TestAuthority: Sendable {
  /// A certificate and its private key, PEM.
  public struct Leaf: Sendable {
    public let certificate: [UInt8]
    public let key: [UInt8]
  }

  /// The authority's own certificate, PEM.
  public let certificate: [UInt8]
  private let key: [UInt8]

  /// Makes one.
  public static func make(_ name: String = "test authority") async throws -> TestAuthority {
    try await Folder.with { folder in
      try await folder.openssl(
        ["req", "-x509", "-days", "365", "-subj", "/CN=\(name)", "-out", folder.path("ca.crt")]
          + Self.newKey(folder.path("ca.key")))
      return TestAuthority(
        certificate: try folder.bytes("ca.crt"), key: try folder.bytes("ca.key"))
    }
  }

  /// A certificate, for a server or a client.
  /// - Parameters:
  ///   - subject: As openssl writes it: `/O=group/CN=user`.
  ///   - names: Subject alternative names.
  public func leaf(
    subject: String = "/CN=test", names: String = "DNS:localhost,IP:127.0.0.1"
  ) async throws -> Leaf {
    try await Folder.with { folder in
      try folder.write("ca.crt", certificate)
      try folder.write("ca.key", key)
      try folder.write(
        "ext", Array("extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=\(names)\n".utf8))
      try await folder.openssl(
        ["req", "-new", "-subj", subject, "-out", folder.path("csr")]
          + Self.newKey(folder.path("key")))
      try await folder.openssl([
        "x509", "-req", "-in", folder.path("csr"), "-CA", folder.path("ca.crt"), "-CAkey",
        folder.path("ca.key"), "-CAcreateserial", "-CAserial", folder.path("srl"), "-days", "365",
        "-extfile", folder.path("ext"), "-out", folder.path("crt"),
      ])
      return Leaf(certificate: try folder.bytes("crt"), key: try folder.bytes("key"))
    }
  }

  /// Elliptic curves: made in milliseconds.
  private static func newKey(_ path: String) -> [String] {
    ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path]
  }
}

/// Where openssl reads and writes.
private struct Folder {
  private let root: String

  static func with<Value>(_ body: (Folder) async throws -> Value) async throws -> Value {
    let folder = Folder(
      root: FileManager.default.temporaryDirectory.appendingPathComponent("ark-ca-\(UUID())").path)
    try FileManager.default.createDirectory(
      atPath: folder.root, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: folder.root) }
    return try await body(folder)
  }

  func path(_ name: String) -> String { "\(root)/\(name)" }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
  }

  func openssl(_ arguments: [String]) async throws {
    let result = try await Tool.run("/usr/bin/openssl", arguments)
    guard result.status == 0 else { throw TestSupportError("openssl: \(result.error)") }
  }
}

internal import Foundation
internal import HTTP
internal import Synchronization
internal import TestSupport
internal import Testing

@testable import Kubernetes

/// A kubeconfig that changes while a client lives, whose authorities and credentials stand in it.
@Suite(.timeLimit(.minutes(2))) struct KubeconfigChangeTests {
  /// A server that lets in whoever shows its token.
  private func play(
    _ body: (ScriptedAPIServer, _ token: Box<Mutex<String>>, Folder) async throws -> Void
  ) async throws {
    let folder = try Folder()
    let token = Box(Mutex("one"))
    let server = try await ScriptedAPIServer.start { request in
      request.header("authorization") == "Bearer \(token.value.withLock { $0 })"
        ? .answer(.init(200)) : .answer(.refusal(401, reason: "Unauthorized"))
    }
    defer { server.stop() }
    try await body(server, token, folder)
  }

  private func text(
    _ url: String, authority: [UInt8], _ user: String = "token: one", current: String = "c"
  ) -> String {
    """
    current-context: \(current)
    contexts:
    - {name: c, context: {cluster: k, user: u}}
    - {name: other, context: {cluster: other, user: u}}
    clusters:
    - {name: k, cluster: {server: "\(url)", certificate-authority-data: \(Data(authority).base64EncodedString())}}
    - {name: other, cluster: {server: "https://127.0.0.1:1"}}
    users:
    - {name: u, user: {\(user)}}
    """
  }

  @Test func `Another authority is trusted from the next call on, and the old one no longer`()
    async throws
  {
    try await play { server, _, folder in
      let old = server.authorityCertificate
      let file = try folder.write("config", text(server.url, authority: old))
      let client = try KubernetesClient(.load(path: file))
      _ = try await client.get("/x")

      let new = try await TestAuthority.make()
      try await server.use(new)
      server.cut()
      try await eventually("a server that is not trusted") {
        try await refusal { try await client.get("/x") }.transport?.code == .tls
      }
      try folder.write("config", text(server.url, authority: new.certificate))
      _ = try await client.get("/x")
      // A connection to whom the file trusts no longer is not used, however warm it is.
      try folder.write("config", text(server.url, authority: old))
      #expect(try await refusal { try await client.get("/x") }.transport?.code == .tls)
    }
  }

  @Test func `Another token, or another kind of credentials, is shown from the next call on`()
    async throws
  {
    try await play { server, token, folder in
      let authority = server.authorityCertificate
      let file = try folder.write("config", text(server.url, authority: authority))
      let client = try KubernetesClient(.load(path: file))
      _ = try await client.get("/x")
      token.value.withLock { $0 = "two" }
      #expect(try await refusal { try await client.get("/x") }.status?.code == 401)
      try folder.write("config", text(server.url, authority: authority, "token: two"))
      _ = try await client.get("/x")
      token.value.withLock { $0 = "three" }
      try folder.write("token", "three")
      try folder.write("config", text(server.url, authority: authority, "tokenFile: token"))
      _ = try await client.get("/x")
    }
  }

  /// The real API server, which asks for certificates.
  @Test func `Another client certificate is shown from the next call on`() async throws {
    let folder = try Folder()
    let own = try KubernetesConfiguration.load(path: Stack.current.adminKubeconfig)
    guard case .authorityFile(let authority) = own.trust,
      case .certificateFiles(let certificate, let key) = own.credentials
    else {
      Issue.record("the administrator's kubeconfig names no files: \(own.trust)")
      return
    }
    func data(_ path: String) throws -> [UInt8] {
      Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
    func encoded(_ path: String) throws -> String { Data(try data(path)).base64EncodedString() }
    let file = try folder.write(
      "config", text(own.server, authority: data(authority), "token: nobodys"))
    let client = try KubernetesClient(.load(path: file))
    #expect(try await refusal { try await client.get("/api/v1/namespaces") }.status?.code == 401)
    let user =
      "client-certificate-data: \(try encoded(certificate)), client-key-data: \(try encoded(key))"
    try folder.write("config", text(own.server, authority: data(authority), user))
    _ = try await client.get("/api/v1/namespaces")
  }

  @Test func `What cannot be used is told once, and what was read before stands`() async throws {
    try await play { server, token, folder in
      let authority = server.authorityCertificate
      let good = text(server.url, authority: authority)
      let file = try folder.write("config", good)
      let warnings = Box(Mutex<[String]>([]))
      let client = try KubernetesClient(.load(path: file)) { warning in
        warnings.value.withLock { $0.append(warning) }
      }
      // As it is while it is written.
      try folder.write("config", "")
      for _ in 0..<3 { _ = try await client.get("/x") }
      #expect(warnings.value.withLock { $0.count } == 1)
      #expect(
        warnings.value.withLock { $0.last }?.hasSuffix("; what was read before stands") == true)
      try folder.write("config", text(server.url, authority: Array("nobody".utf8)))
      _ = try await client.get("/x")
      #expect(
        warnings.value.withLock { $0.last }?.contains("certificate-authority-data that holds no")
          == true)
      // Gone.
      try FileManager.default.removeItem(atPath: file)
      _ = try await client.get("/x")
      #expect(warnings.value.withLock { $0.count } == 2)
      // And it is followed again.
      token.value.withLock { $0 = "two" }
      try folder.write("config", text(server.url, authority: authority, "token: two"))
      _ = try await client.get("/x")
      #expect(warnings.value.withLock { $0.count } == 2)
    }
  }

  /// Whoever writes both writes one of them first.
  @Test func `A kubeconfig whose authority's file comes later is followed then`() async throws {
    try await play { server, _, folder in
      let old = server.authorityCertificate
      let file = try folder.write("config", text(server.url, authority: old))
      let warnings = Box(Mutex<[String]>([]))
      let client = try KubernetesClient(.load(path: file)) { warning in
        warnings.value.withLock { $0.append(warning) }
      }
      _ = try await client.get("/x")
      let new = try await TestAuthority.make()
      let inFile = text(server.url, authority: []).replacing(
        "certificate-authority-data: ", with: "certificate-authority: ca-2.crt")
      try folder.write("config", inFile)
      for _ in 0..<3 { _ = try await client.get("/x") }
      #expect(warnings.value.withLock { $0.count } == 1)
      try await server.use(new)
      server.cut()
      try folder.write("ca-2.crt", String(decoding: new.certificate, as: UTF8.self))
      _ = try await client.get("/x")
      #expect(warnings.value.withLock { $0.count } == 1)
    }
  }

  @Test func `Another cluster is none of this client's, nor what was changed by hand`() async throws
  {
    try await play { server, _, folder in
      let authority = server.authorityCertificate
      let file = try folder.write("config", text(server.url, authority: authority))
      let warnings = Box(Mutex<[String]>([]))
      var byHand = try KubernetesConfiguration.load(path: file)
      byHand.credentials = .token("nobodys")
      let client = try KubernetesClient(.load(path: file)) { warning in
        warnings.value.withLock { $0.append(warning) }
      }
      let other = try KubernetesClient(byHand)
      // `kubectl config use-context other`.
      try folder.write("config", text(server.url, authority: authority, current: "other"))
      _ = try await client.get("/x")
      #expect(warnings.value.withLock { $0 } == [])
      try folder.write("config", text("https://127.0.0.1:1", authority: authority))
      _ = try await client.get("/x")
      #expect(
        warnings.value.withLock { $0 } == [
          "the kubeconfig names another server, https://127.0.0.1:1, which is followed after a restart"
        ])
      #expect(try await refusal { try await other.get("/x") }.status?.code == 401)
    }
  }
}

internal import Foundation
internal import HTTP
internal import Synchronization
internal import TestSupport
internal import Testing

@testable import Kubernetes

/// A clock that a test moves.
final class Clock: Sendable {
  private let time: Mutex<Date>
  init(_ time: Date = Date()) { self.time = Mutex(time) }
  var now: Date { time.withLock { $0 } }
  func advance(_ seconds: TimeInterval) { time.withLock { $0 += seconds } }
}

@Suite(.timeLimit(.minutes(2))) struct CredentialTests {
  let folder: Folder
  let clock = Clock()

  init() throws { folder = try Folder() }

  func token(_ source: CredentialSource, after refused: Credential? = nil) async throws -> String? {
    try await source.credential(after: refused)?.token
  }

  @Test func `A token file is read again every minute, and when it was refused`() async throws {
    let file = try folder.write("token", "one\n")
    let source = CredentialSource(.tokenFile(file), now: { [clock] in clock.now })
    #expect(try await token(source) == "one")
    try folder.write("token", "two")
    clock.advance(59)
    #expect(try await token(source) == "one")
    clock.advance(1)
    #expect(try await token(source) == "two")
    try folder.write("token", "three")
    #expect(try await token(source) == "two")
    #expect(try await token(source, after: Credential(token: "two")) == "three")
    #expect(try await token(source) == "three")
  }

  @Test func `A token file that is gone: what was read holds until it is refused`() async throws {
    let file = try folder.write("token", "one")
    let source = CredentialSource(.tokenFile(file), now: { [clock] in clock.now })
    #expect(try await token(source) == "one")
    try folder.write("token", "")
    clock.advance(61)
    #expect(try await token(source) == "one")
    let empty = try await refusal { try await token(source, after: Credential(token: "one")) }
    #expect(empty.kind == .configuration && empty.message.contains("\(file) is empty"))
    try FileManager.default.removeItem(atPath: file)
    let gone = try await refusal { try await token(source, after: Credential(token: "one")) }
    #expect(gone.kind == .configuration && gone.message.contains(file))
    // A clock that is set back is no reason to keep it for longer.
    try folder.write("token", "two")
    clock.advance(-3600)
    #expect(try await token(source) == "two")
  }

  @Test func `What is fixed has nothing newer`() async throws {
    let fixed: [KubernetesConfiguration.Credentials] = [
      .none, .token("t"), .certificate(.init(certificate: [1], key: [2])),
    ]
    for credentials in fixed {
      let source = CredentialSource(credentials)
      let credential = try #require(try await source.credential())
      #expect(try await source.credential(after: credential) == nil)
    }
  }

  @Test func `A client certificate is read again when its files change`() async throws {
    let authority = try await TestAuthority.make()
    let first = try await authority.leaf(subject: "/CN=first")
    let second = try await authority.leaf(subject: "/CN=second")
    func write(_ leaf: TestAuthority.Leaf) throws {
      try folder.write("crt", String(decoding: leaf.certificate, as: UTF8.self))
      try folder.write("key", String(decoding: leaf.key, as: UTF8.self))
    }
    let source = CredentialSource(
      .certificateFiles(certificate: "\(folder.path)/crt", key: "\(folder.path)/key"))
    let absent = try await refusal { try await source.credential() }
    #expect(absent.kind == .configuration && absent.message.contains("\(folder.path)/crt"))
    try write(first)
    let shown = try #require(try await source.credential())
    #expect(shown.identity == .init(certificate: first.certificate, key: first.key))
    #expect(try await source.credential(after: shown) == nil)
    try write(second)
    #expect(
      try await source.credential(after: shown)?.identity
        == .init(certificate: second.certificate, key: second.key))
    // While it is being replaced.
    try FileManager.default.removeItem(atPath: "\(folder.path)/crt")
    #expect(try await source.credential()?.identity?.certificate == second.certificate)
  }

  @Test func `A 401 that comes again is the answer, after two attempts`() async throws {
    let file = try folder.write("token", "one")
    let server = try await ScriptedAPIServer.start { _ in .answer(.refusal(401)) }
    defer { server.stop() }
    let renewable = try KubernetesClient(server.configuration(credentials: .tokenFile(file)))
    #expect(try await refusal { try await renewable.get("/x") }.status?.code == 401)
    #expect(server.requests.count == 2)
    let fixed = try KubernetesClient(server.configuration(credentials: .token("t")))
    #expect(try await refusal { try await fixed.get("/x") }.status?.code == 401)
    #expect(server.requests.count == 3)
  }
}

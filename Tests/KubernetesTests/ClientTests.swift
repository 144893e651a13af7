internal import Foundation
internal import HTTP
internal import Synchronization
internal import TestSupport
internal import Testing

@testable import Kubernetes

/// Calls that must be refused.
func refusal(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> some Any
) async throws -> KubernetesError {
  do {
    _ = try await body()
  } catch let error as KubernetesError {
    return error
  }
  Issue.record("no error", sourceLocation: sourceLocation)
  throw CancellationError()
}

@Suite(.timeLimit(.minutes(2))) struct KubernetesCalls {
  let configuration: KubernetesConfiguration
  let client: KubernetesClient

  init() throws {
    configuration = try KubernetesConfiguration.load(path: Stack.current.adminKubeconfig)
    client = try KubernetesClient(configuration)
  }

  func namespace(_ labels: JSONValue = [:]) -> (name: String, object: JSONValue) {
    let name = "test-\(UUID().uuidString.lowercased())"
    return (
      name,
      [
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": ["name": .string(name), "labels": labels],
      ]
    )
  }

  @Test func `Create, get, list, patch, replace, delete`() async throws {
    let (name, object) = namespace(["test/part": "one"])
    let path = "/api/v1/namespaces/\(name)"
    let created = try await client.create("/api/v1/namespaces", object, auditID: UUID().uuidString)
    #expect(created.contains(object))
    #expect(try await client.get(path).contains(object))

    let list = try await client.get("/api/v1/namespaces?labelSelector=test/part%3Done")
    let names = list["items"]?.array?.compactMap { $0["metadata"]?["name"]?.string } ?? []
    #expect(names.contains(name))

    let patched = try await client.jsonPatch(
      path,
      [
        ["op": "test", "path": "/metadata/labels/test~1part", "value": "one"],
        ["op": "replace", "path": "/metadata/labels/test~1part", "value": "two"],
      ])
    #expect(patched["metadata"]?["labels"]?["test/part"] == "two")
    let merged = try await client.mergePatch(path, ["metadata": ["labels": ["test/part": .null]]])
    #expect(merged["metadata"]?["labels"]?["test/part"] == nil)

    let replaced = try await client.replace(
      path, merged.setting("metadata", "annotations", to: ["a": "b"]))
    #expect(replaced["metadata"]?["annotations"]?["a"] == "b")
    let stale = try await refusal { try await client.replace(path, merged) }
    #expect(stale.status?.code == 409 && stale.status?.reason == "Conflict")
    #expect(!stale.outcomeUnknown)

    let uid = try #require(replaced["metadata"]?["uid"]?.string)
    _ = try await client.delete(path, uid: uid, resourceVersion: nil)
    try await eventually {
      do {
        _ = try await client.get(path)
        return false
      } catch let error as KubernetesError where error.status?.code == 404 {
        return true
      }
    }
  }

  @Test func `A JSON Patch whose test fails changes nothing`() async throws {
    let (name, object) = namespace(["part": "one"])
    let path = "/api/v1/namespaces/\(name)"
    _ = try await client.create("/api/v1/namespaces", object)
    let error = try await refusal {
      try await client.jsonPatch(
        path,
        [
          ["op": "replace", "path": "/metadata/labels/part", "value": "two"],
          ["op": "test", "path": "/metadata/labels/part", "value": "three"],
        ])
    }
    #expect(error.kind == .refused && error.status?.code == 422 && !error.outcomeUnknown)
    #expect(try await client.get(path).contains(object))
    _ = try await client.delete(path, uid: nil, resourceVersion: nil)
  }

  @Test func `Deleting another object of the name, or another version, is a conflict`() async throws
  {
    let (name, object) = namespace()
    let path = "/api/v1/namespaces/\(name)"
    let created = try await client.create("/api/v1/namespaces", object)
    let uid = try #require(created["metadata"]?["uid"]?.string)
    let wrongUID = try await refusal {
      try await client.delete(path, uid: UUID().uuidString.lowercased(), resourceVersion: nil)
    }
    #expect(wrongUID.status?.code == 409)
    let wrongVersion = try await refusal {
      try await client.delete(path, uid: uid, resourceVersion: "1")
    }
    #expect(wrongVersion.status?.code == 409)
    #expect(try await client.get(path)["metadata"]?["deletionTimestamp"] == nil)
    _ = try await client.delete(path, uid: uid, resourceVersion: nil)
  }

  @Test func `What is there already, is absent, is invalid`() async throws {
    let exists = try await refusal {
      try await client.create(
        "/api/v1/namespaces",
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "default"]])
    }
    #expect(exists.status?.code == 409 && exists.status?.reason == "AlreadyExists")
    let absent = try await refusal { try await client.get("/api/v1/namespaces/absent") }
    #expect(absent.status?.code == 404 && absent.status?.reason == "NotFound")
    let invalid = try await refusal {
      try await client.create(
        "/api/v1/namespaces",
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "Not_Valid"]])
    }
    #expect(invalid.status?.code == 422 && invalid.status?.reason == "Invalid")
    #expect(invalid.status?.causes.contains { $0.hasPrefix("metadata.name: ") } == true)
  }

  @Test func `A quota in other words is the same quota`() async throws {
    let (name, object) = namespace()
    _ = try await client.create("/api/v1/namespaces", object)
    let quota: JSONValue = [
      "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "q"],
      "spec": ["hard": ["limits.cpu": "2000m", "requests.memory": "1024Mi", "pods": "10"]],
    ]
    let path = "/api/v1/namespaces/\(name)/resourcequotas"
    let created = try await client.create(path, quota)
    #expect(created.contains(quota))
    #expect(!created.contains(quota.setting("spec", "hard", "pods", to: "11")))
    _ = try await client.delete("/api/v1/namespaces/\(name)", uid: nil, resourceVersion: nil)
  }

  @Test func `A bad token is 401`() async throws {
    var configuration = configuration
    configuration.credentials = .token("nonsense")
    let client = try KubernetesClient(configuration)
    let error = try await refusal { try await client.get("/api/v1/namespaces") }
    #expect(error.status?.code == 401 && !error.outcomeUnknown)
    #expect(!"\(error)".contains("nonsense"))
  }

  @Test func `A token file that was renewed is read again at 401`() async throws {
    let good = try KubernetesConfiguration.load(path: Stack.current.provisionerKubeconfig)
    guard case .tokenFile(let goodFile) = good.credentials else {
      Issue.record("the provisioner's kubeconfig has no token file")
      return
    }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("token-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try "nonsense\n".write(toFile: file, atomically: true, encoding: .utf8)
    var configuration = good
    configuration.credentials = .tokenFile(file)
    let client = try KubernetesClient(configuration)
    let error = try await refusal { try await client.get("/version") }
    #expect(error.status?.code == 401)
    try String(contentsOfFile: goodFile, encoding: .utf8)
      .write(toFile: file, atomically: true, encoding: .utf8)
    _ = try await client.get("/version")
    try FileManager.default.removeItem(atPath: file)
    // The one that was read is used for a minute.
    _ = try await client.get("/version")
  }

  @Test func `Nobody listens; another authority; another name`() async throws {
    var refused = configuration
    refused.server = "https://127.0.0.1:\(LocalServer.closedPort())"
    let closed = try await refusal {
      try await KubernetesClient(refused).create("/api/v1/namespaces", [:])
    }
    #expect(
      closed.kind == .transport && closed.transport?.code == .connect && !closed.outcomeUnknown)

    var distrusted = configuration
    distrusted.trust = .authorities(
      Array(try Data(contentsOf: URL(fileURLWithPath: Stack.current.redisCAFile))))
    let other = try await refusal {
      try await KubernetesClient(distrusted).create("/api/v1/namespaces", [:])
    }
    #expect(other.transport?.code == .tls && !other.outcomeUnknown)

    var renamed = configuration
    renamed.serverName = "wrong.example"
    let name = try await refusal { try await KubernetesClient(renamed).get("/version") }
    #expect(name.transport?.code == .tls)
    renamed.serverName = "kubernetes.default.svc"
    _ = try await KubernetesClient(renamed).get("/version")
  }

  @Test func `50 parallel calls share one connection`() async throws {
    let port = try #require(URL(string: configuration.server)?.port)
    let relay = Relay(to: port)
    defer { relay.stop() }
    var configuration = configuration
    configuration.server = "https://127.0.0.1:\(relay.port)"
    let client = try KubernetesClient(configuration)
    try await withThrowingTaskGroup { group in
      for _ in 0..<50 { group.addTask { _ = try await client.get("/api/v1/namespaces/default") } }
      try await group.waitForAll()
    }
    #expect(relay.accepted == 1)
  }
}

@Suite(.timeLimit(.minutes(2))) struct KubernetesAnswers {
  func client(_ server: LocalServer, timeout: Duration = .seconds(5)) throws -> KubernetesClient {
    try KubernetesClient(
      KubernetesConfiguration(
        server: "http://127.0.0.1:\(server.port)/", trust: .system, credentials: .token("t0ken")),
      timeout: timeout)
  }

  func answer(_ status: String, headers: String = "", _ body: String) -> LocalServer {
    LocalServer.http(
      "HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
    )
  }

  @Test(arguments: [
    ("500 Internal Server Error", true), ("503 Service Unavailable", true),
    ("504 Gateway Timeout", true), ("403 Forbidden", false), ("409 Conflict", false),
    ("429 Too Many Requests", false),
  ])
  func `Whether a write may have happened`(status: String, unknown: Bool) async throws {
    let server = answer(status, "not JSON")
    defer { server.stop() }
    let error = try await refusal { try await client(server).create("/x", [:]) }
    #expect(error.kind == .refused && error.outcomeUnknown == unknown)
    #expect(error.status?.code == Int(status.prefix(3)))
  }

  @Test func `A write without an answer, or with half of one, may have happened`() async throws {
    let silent = LocalServer.silent()
    defer { silent.stop() }
    let timeout = try await refusal {
      // Long enough to be sent on any machine.
      try await client(silent, timeout: .seconds(3)).create("/x", [:])
    }
    #expect(timeout.transport?.code == .timeout && timeout.outcomeUnknown)
    let cut = LocalServer.http("")
    defer { cut.stop() }
    let lost = try await refusal { try await client(cut).create("/x", [:]) }
    #expect(lost.transport?.code == .reset && lost.outcomeUnknown)
    let nonsense = answer("201 Created", "<html>")
    defer { nonsense.stop() }
    let malformed = try await refusal { try await client(nonsense).create("/x", [:]) }
    #expect(malformed.kind == .malformed && malformed.outcomeUnknown)
  }

  @Test func `When to come back, from the body or the header`() async throws {
    let body = answer(
      "429 Too Many Requests",
      #"{"kind":"Status","reason":"TooManyRequests","details":{"retryAfterSeconds":7}}"#)
    defer { body.stop() }
    #expect(
      try await refusal { try await client(body).get("/x") }.status?.retryAfter == .seconds(7))
    let header = answer("503 Service Unavailable", headers: "Retry-After: 3\r\n", "")
    defer { header.stop() }
    #expect(
      try await refusal { try await client(header).get("/x") }.status?.retryAfter == .seconds(3))
  }

  @Test func `Who calls, and why, is in the request; warnings are passed on`() async throws {
    let seen = Mutex("")
    let box = Box(seen)
    let server = LocalServer { connection in
      let bytes = LocalServer.bytes(connection) ?? []
      box.value.withLock { $0 = String(decoding: bytes, as: UTF8.self) }
      LocalServer.reply(
        connection,
        "HTTP/1.1 200 OK\r\nWarning: 299 - \"old\"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
      )
    }
    defer { server.stop() }
    let warnings = Box(Mutex<[String]>([]))
    let client = try KubernetesClient(
      KubernetesConfiguration(
        server: "http://127.0.0.1:\(server.port)", trust: .system, credentials: .token("t0ken")),
      onWarning: { warning in warnings.value.withLock { $0.append(warning) } })
    _ = try await client.mergePatch("/x", [:], auditID: "audit-7")
    let text = box.value.withLock { $0 }
    for line in [
      "PATCH /x?fieldValidation=Strict HTTP/1.1", "Authorization: Bearer t0ken",
      "Audit-ID: audit-7",
      "Content-Type: application/merge-patch+json", "User-Agent: agent-ready-k8s",
    ] { #expect(text.contains(line), "\(text)") }
    #expect(warnings.value.withLock { $0 } == ["old"])
  }
}

final class Box<Value: ~Copyable & Sendable>: Sendable {
  let value: Value
  init(_ value: consuming Value) { self.value = value }
}

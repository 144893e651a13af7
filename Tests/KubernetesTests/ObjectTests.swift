internal import Foundation
internal import TestSupport
internal import Testing

@testable import Kubernetes

/// What can be asked for with a call, on the real API server.
@Suite(.timeLimit(.minutes(2))) struct ObjectTests {
  let client: KubernetesClient
  let base = "/api/v1/namespaces/default/configmaps"
  let name = "objects-\(UUID().uuidString.lowercased())"

  init() throws {
    client = try KubernetesClient(.load(path: Stack.current.adminKubeconfig))
  }

  var path: String { "\(base)/\(name)" }

  func object(_ data: JSONValue, name: String? = nil, labels: JSONValue = [:]) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": ["name": .string(name ?? self.name), "labels": labels], "data": data,
    ]
  }

  func isThere() async throws -> Bool {
    do {
      _ = try await client.get(path)
      return true
    } catch let error as KubernetesError where error.status?.code == 404 {
      return false
    }
  }

  @Test func `A dry run is answered, and stores nothing`() async throws {
    let created = try await client.create(base, object(["a": "b"]), options: .dryRun)
    #expect(created["metadata"]?["uid"] != nil)
    #expect(try await isThere() == false)
    let invalid = try await refusal {
      try await client.create(base, object(["a/b": "c"]), options: .dryRun)
    }
    #expect(invalid.status?.code == 422)

    let stored = try await client.create(base, object(["a": "b"]))
    let changed: JSONValue = ["data": ["a": "c"]]
    let patch: JSONValue = [["op": "replace", "path": "/data/a", "value": "c"]]
    for answer in [
      try await client.mergePatch(path, changed, options: .dryRun),
      try await client.jsonPatch(path, patch, options: .dryRun),
      try await client.replace(path, object(["a": "c"]), options: .dryRun),
      try await client.apply(
        path, object(["a": "c"]), fieldManager: "test", force: true, options: .dryRun),
    ] { #expect(answer["data"]?["a"] == "c") }
    _ = try await client.delete(path, uid: nil, resourceVersion: nil, isDryRun: true)
    #expect(
      try await client.get(path)["metadata"]?["resourceVersion"]
        == stored["metadata"]?["resourceVersion"])
    _ = try await client.delete(path, uid: nil, resourceVersion: nil)
  }

  @Test func `Apply lists the fields that others own, and takes them over by force`() async throws {
    _ = try await client.apply(path, object(["a": "1", "b": "1"]), fieldManager: "first")
    let error = try await refusal {
      try await client.apply(path, object(["a": "2", "b": "2", "c": "2"]), fieldManager: "second")
    }
    #expect(error.status?.code == 409 && !error.outcomeUnknown)
    #expect(
      error.status?.conflicts.sorted { $0.field < $1.field } == [
        .init(field: ".data.a", manager: "first"), .init(field: ".data.b", manager: "first"),
      ])
    #expect(error.description.contains("first") && error.description.contains(".data.a"))
    #expect(try await client.get(path)["data"] == ["a": "1", "b": "1"])
    _ = try await client.apply(
      path, object(["a": "2", "b": "2"]), fieldManager: "second", force: true)
    #expect(try await client.get(path)["data"] == ["a": "2", "b": "2"])
    // A conflict of another kind lists none.
    let exists = try await refusal { try await client.create(base, object([:])) }
    #expect(exists.status?.code == 409 && exists.status?.conflicts == [])
    _ = try await client.delete(path, uid: nil, resourceVersion: nil)
  }

  @Test func `Who writes is in managedFields: by name, else by User-Agent`() async throws {
    let configuration = try KubernetesConfiguration.load(path: Stack.current.adminKubeconfig)
    let full = try KubernetesClient(
      configuration, keepsManagedFields: true, userAgent: "tester/1.0")
    let named = try await full.create(
      base, object(["a": "b"]), options: WriteOptions(fieldManager: "some one"))
    func managers(_ object: JSONValue) -> Set<String> {
      Set((object["metadata"]?["managedFields"]?.array ?? []).compactMap { $0["manager"]?.string })
    }
    #expect(managers(named) == ["some one"])
    #expect(
      managers(try await full.mergePatch(path, ["data": ["a": "c"]])) == ["some one", "tester"])
    // Nobody else is burdened with them.
    let brief = try await client.get(path)
    #expect(brief["metadata"]?["managedFields"] == nil && brief["data"] == ["a": "c"])
    // Nor does who writes back what was read so take anybody's fields.
    _ = try await client.replace(path, brief.setting("metadata", "labels", to: ["e": "f"]))
    #expect(managers(try await full.get(path)).isSuperset(of: ["some one", "tester"]))
    _ = try await client.delete(path, uid: nil, resourceVersion: nil)
  }

  /// The API server of the tests is 1.20, which does not know `fieldValidation`: it takes the write.
  @Test func `A server that does not know strictness takes the write`() async throws {
    let version = try await client.version()
    let unknown = object(["a": "b"]).setting("nonsense", to: "x")
    if version < KubernetesVersion(major: 1, minor: 25) {
      #expect(try await client.create(base, unknown)["nonsense"] == nil)
      _ = try await client.mergePatch(path, ["nonsense": "x"])
      _ = try await client.jsonPatch(path, [["op": "add", "path": "/data/b", "value": "c"]])
      _ = try await client.replace(path, unknown)
    } else {
      let error = try await refusal { try await client.create(base, unknown) }
      #expect(error.status?.code == 400 && error.message.contains("nonsense"))
      _ = try await client.create(base, unknown, options: WriteOptions(fieldValidation: .ignore))
    }
    _ = try await client.delete(path, uid: nil, resourceVersion: nil)
  }

  @Test func `A collection, page by page, by label and by field`() async throws {
    let label = "t\(UUID().uuidString.lowercased())"
    let names = (0..<7).map { "\(name)-\($0)" }
    for name in names {
      _ = try await client.create(base, object([:], name: name, labels: ["suite": .string(label)]))
    }
    let server = try await ScriptedAPIServer.start()
    defer { server.stop() }
    let paging = try KubernetesClient(
      server.configuration(credentials: KubernetesConfiguration.Credentials.none))
    func list(_ pageSize: Int) async throws -> [String] {
      try await paging.list(base, labelSelector: "suite in (\(label))", pageSize: pageSize).items
        .compactMap { $0["metadata"]?["name"]?.string }
    }
    #expect(try await list(3) == names)
    #expect(server.requests.count == 3)

    // The API server forgets the second page's moment, once.
    server.follow { request in
      request.path.contains("continue=") && request.number == 5
        ? .answer(.refusal(410, reason: "Expired")) : .forward
    }
    #expect(try await list(3) == names)
    #expect(server.requests.count == 3 + 2 + 3)

    // And then every time.
    server.follow { request in
      request.path.contains("continue=") ? .answer(.refusal(410, reason: "Expired")) : .forward
    }
    #expect(try await list(3) == names)
    #expect(server.requests.last?.path.contains("limit") == false)

    server.follow { _ in .answer(.refusal(410, reason: "Expired")) }
    #expect(try await refusal { try await list(3) }.status?.code == 410)

    let one = try await client.list(base, fieldSelector: "metadata.name=\(names[4])")
    #expect(one.items.count == 1 && one.resourceVersion != nil)
    _ = try await client.delete(
      "\(base)?labelSelector=suite%3D\(label)", uid: nil, resourceVersion: nil)
  }

  @Test func `What a deletion takes along`() async throws {
    let owner = try await client.create(base, object([:]))
    let child = "\(name)-child"
    func make() async throws {
      let reference: JSONValue = [
        "apiVersion": "v1", "kind": "ConfigMap", "name": .string(name),
        "uid": owner["metadata"]!["uid"]!, "blockOwnerDeletion": true,
      ]
      _ = try await client.create(
        base,
        object([:], name: child).setting("metadata", "ownerReferences", to: [reference]))
    }
    try await make()
    _ = try await client.delete(path, uid: nil, resourceVersion: nil, propagation: .orphan)
    try await eventually { try await isThere() == false }
    #expect(
      try await client.get("\(base)/\(child)")["metadata"]?["ownerReferences"] == nil)
    _ = try await client.delete("\(base)/\(child)", uid: nil, resourceVersion: nil)
  }
}

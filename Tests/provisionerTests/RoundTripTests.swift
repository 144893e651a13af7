internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// How many round trips follow one upon the other until a tenant is open: what its creation costs at least,
/// however fast the API server is. Computed from the blueprint, with the worker's own saga and machines:
/// everything that can be under way at a time is answered at once.
@Suite(.timeLimit(.minutes(2))) struct RoundTripTests {
  /// What the API server answers a write, as far as later steps refer to it.
  private func answer(_ request: Request, quotaHasStatus: Bool) -> Reply {
    switch request {
    case .create(let path, let body):
      var object = body.setting("metadata", "uid", to: "u")
        .setting("metadata", "resourceVersion", to: "1")
      if quotaHasStatus, path.hasSuffix("/resourcequotas") {
        object = object.setting("status", "hard", to: body["spec"]?["hard"] ?? .null)
      }
      return .object(object, status: 201)
    case .replace(_, let body): return .object(body, status: 200)
    case .patch(_, let body): return .object(Self.patched(body), status: 200)
    case .get, .list, .merge, .apply, .delete:
      return .refused(status: 404, reason: "", message: "not foreseen here", retryAfter: nil)
    }
  }

  /// What of an object a JSON Patch that holds tells.
  private static func patched(_ patch: JSONValue) -> JSONValue {
    func set(_ value: JSONValue?, at keys: ArraySlice<String>, in object: JSONValue) -> JSONValue {
      guard let key = keys.first else { return value ?? .null }
      var members = object.object ?? [:]
      members[key] = set(value, at: keys.dropFirst(), in: members[key] ?? [:])
      return .object(members)
    }
    return (patch.array ?? []).reduce([:]) { object, operation in
      let keys = (operation["path"]?.string ?? "").split(separator: "/")
        .map { String($0).replacing("~1", with: "/") }
      return set(operation["value"], at: keys[...], in: object)
    }
  }

  /// - Returns: What was under way, round trip by round trip.
  private func rounds(_ job: Job, quotaHasStatus: Bool) throws -> [[String]] {
    var saga = Saga(steps: job.steps)
    var machines: [(step: Step, machine: any Machine, request: Request)] = []
    var rounds: [[String]] = []
    func begin() throws {
      var isSkipped = false
      for step in saga.begin() {
        if saga.isNeedless(step) {
          saga.finish(step.name, .skipped)
          isSkipped = true
          continue
        }
        var machine = job.machine(
          for: step, desired: try saga.answers.fill(step.body, for: step.name),
          namespaceUID: saga.answers.field("namespace.metadata.uid")?.string)
        if case .send(let request) = machine.start() { machines.append((step, machine, request)) }
      }
      if isSkipped { try begin() }
    }
    try begin()
    while !machines.isEmpty, rounds.count < 20 {
      rounds.append(machines.map(\.step.name).sorted())
      let underWay = machines
      machines = []
      for (step, sent, request) in underWay {
        var machine = sent
        switch machine.handle(answer(request, quotaHasStatus: quotaHasStatus)) {
        case .send(let next): machines.append((step, machine, next))
        case .done(let outcome): saga.finish(step.name, outcome)
        }
      }
      try begin()
    }
    #expect(saga.isDone, "\(saga.failure?.message ?? "-")")
    return rounds
  }

  @Test func aCreationTakesFourRoundTripsOneAfterTheOther() async throws {
    try await Scene.play { scene in
      _ = try await scene.organization()
      let job = try #require(try await scene.worker("one").queue.claim())
      let children = [
        "limit-range", "network-policy", "owner-role-binding", "resource-quota", "service-account",
      ]
      // The status waits for the quota itself, not only for the version that it names: see below. 409 means that
      // the controller has counted meanwhile, and costs nothing more.
      #expect(
        try rounds(job, quotaHasStatus: false)
          == [["namespace"], children, ["quota-status"], ["gate"]])
      // Three, where the controller was faster.
      #expect(try rounds(job, quotaHasStatus: true) == [["namespace"], children, ["gate"]])
    }
  }

  /// Why the status has a round trip of its own: it neither comes with the quota nor before it.
  @Test func aQuotasStatusComesAfterIt() async throws {
    try await Scene.play { scene in
      _ = try await scene.kubernetes.create(
        "/api/v1/namespaces", ["metadata": ["name": .string("org-\(scene.prefix)-acme")]])
      let path = scene.namespacePath() + "/resourcequotas"
      let quota: JSONValue = [
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "tenant"],
        "spec": ["hard": ["limits.cpu": "10"]],
        "status": ["hard": ["limits.cpu": "10"], "used": ["limits.cpu": "0"]],
      ]
      let early = [
        try await status {
          try await scene.kubernetes.mergePatch(path + "/tenant/status", quota)
        },
        try await status {
          try await scene.kubernetes.apply(
            path + "/tenant/status", quota, fieldManager: "test", force: true)
        },
      ]
      #expect(early == [404, 404])
      let created = try await scene.kubernetes.create(path, quota)
      #expect(created["spec"]?["hard"]?["limits.cpu"] == "10")
      #expect(created["status"]?["hard"] == nil)
      try await remove(scene)
    }
  }
}

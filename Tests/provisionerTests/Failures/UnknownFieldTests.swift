internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// A field in an object of ours that the API server does not know, such as a misspelt one. Newer servers refuse
/// it, older ones, such as that of the tests, drop it: neither makes a tenant, and both name it.
@Suite(.timeLimit(.minutes(4))) struct UnknownFieldTests {
  private static let field = "spec.limits[0].defaults"

  private func misspell(_ scene: Scene) async throws {
    try await scene.owner.execute(
      """
      UPDATE provisioning.blueprint SET body = jsonb_set(body, '{spec,limits,0,defaults}', '{"cpu": "1"}')
      WHERE step = 'limit-range'
      """)
  }

  @Test func aCreationWithAnUnknownFieldIsTakenBack() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      try await misspell(scene)
      let id = try await scene.organization()
      try await scene.finish(.undo, of: id, by: try scene.worker("one"))
      let failure = try await scene.owner.value(
        "SELECT failure FROM core.organizations WHERE id = $1", [.int(id)])
      #expect(failure?.contains(Self.field) == true, "\(failure ?? "-")")
      let code = try await scene.owner.value("SELECT error_code FROM provisioning.jobs")
      #expect(code == "invalid")
      #expect(try await scene.status(scene.namespacePath()) == 404)
    }
  }

  /// The object is there, or is to be made anew.
  @Test(arguments: [false, true])
  func aRepairWithAnUnknownFieldIsGivenUp(isMissing: Bool) async throws {
    try await Trial.playTenant { (trial, id, worker) async throws in
      let scene = trial.scene
      try await misspell(scene)
      if isMissing {
        _ = try await scene.kubernetes.delete(
          scene.namespacePath() + "/limitranges/tenant", uid: nil, resourceVersion: nil)
      }
      try await scene.enqueue(id, "reconcile")
      try await scene.drain(worker)
      #expect(try await scene.state(of: "reconcile") == "failed")
      #expect(try await scene.failure(of: "reconcile") == "invalid")
      let error = try await scene.owner.value(
        "SELECT error FROM provisioning.jobs WHERE kind = 'reconcile'")
      #expect(error?.contains(Self.field) == true, "\(error ?? "-")")
      #expect(try await scene.organizationStatus(id) == "COMMITTED")
      try await scene.owner.execute(
        """
        UPDATE provisioning.blueprint SET body = body #- '{spec,limits,0,defaults}' WHERE step = 'limit-range'
        """)
    }
  }

  /// What newer servers answer.
  @Test func aRefusalIsFinal() {
    let body: JSONValue = ["metadata": ["name": "tenant"], "spec": ["defaults": "1"]]
    let home = Home(path: "/ns", uid: "u1")
    let step = Step(
      name: "s", answer: "s", wave: 1, after: nil, verb: .create, path: "/things", body: body,
      onExists: .compare, unless: nil)
    let words = #"strict decoding error: unknown field "spec.defaults""#
    func end(_ machine: some Machine, _ replies: Reply...) -> Action {
      var machine = machine
      var action = machine.start()
      for reply in replies { action = machine.handle(reply) }
      return action
    }
    func failure(_ action: Action) -> Failure? {
      if case .done(.failed(let failure)) = action { failure } else { nil }
    }
    let refused = failure(
      end(
        StepMachine(step: step, desired: body, operationID: "o", fence: 1, home: home),
        .refused(status: 400, reason: "BadRequest", message: words, retryAfter: nil),
        .refused(status: 404, reason: "NotFound", message: "", retryAfter: nil)))
    #expect(refused?.code == .invalid && refused?.message.contains(words) == true)
    // Server-side apply says it so, to this day.
    let there: JSONValue = [
      "metadata": ["name": "tenant", "uid": "c1", "ownerReferences": [["uid": "u1"]]]
    ]
    let untyped = failure(
      end(
        ApplyMachine(path: "/things/tenant", desired: body, home: home),
        .object(there, status: 200),
        .unknown(
          message:
            "failed to create typed patch object: .spec.defaults: field not declared in schema",
          status: 500)))
    #expect(untyped?.code == .invalid && untyped?.status == 500)
    let other = failure(
      end(
        ApplyMachine(path: "/things/tenant", desired: body, home: home),
        .object(there, status: 200),
        .unknown(message: "etcdserver: request timed out", status: 500),
        .object(there, status: 200)))
    #expect(other?.code == .unavailable)
  }
}

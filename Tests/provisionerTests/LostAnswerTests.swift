internal import Kubernetes
internal import Testing

@testable internal import provisioner

/// A write whose outcome is unknown is resolved by reading, at once, whatever kind it was. Those of real calls are
/// in AnswerTests.
@Suite struct LostAnswerTests {
  private static let operation = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
  private static let home = Home(path: "/ns", uid: "u1")
  private static let lost = Reply.unknown(message: "reset", status: nil)

  private static func namespace(fence: Int64 = 2, isTerminating: Bool = false) -> Reply {
    var metadata: [String: JSONValue] = [
      "uid": "u1", "resourceVersion": "7",
      "annotations": [
        "agent-ready-k8s/operation-id": .string(operation),
        "agent-ready-k8s/fence": .string("\(fence)"),
      ],
    ]
    if isTerminating { metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z" }
    return .object(["metadata": .object(metadata)], status: 200)
  }

  private static func quota(
    _ cpu: String, of home: String? = "u1", uid: String = "c1"
  ) -> JSONValue {
    var metadata: [String: JSONValue] = [
      "name": "tenant", "uid": .string(uid), "resourceVersion": "5",
    ]
    if let home { metadata["ownerReferences"] = [["uid": .string(home)]] }
    return ["metadata": .object(metadata), "spec": ["hard": ["requests.cpu": .string(cpu)]]]
  }
  private static let desired: JSONValue = [
    "metadata": ["name": "tenant"], "spec": ["hard": ["requests.cpu": "1"]],
  ]

  private func machine(_ verb: Step.Verb, _ path: String, _ body: JSONValue) -> StepMachine {
    StepMachine(
      step: Step(
        name: "s", answer: "s", wave: 1, after: nil, verb: verb, path: path, body: body,
        onExists: .compare, unless: nil),
      desired: body, operationID: Self.operation, fence: 2, home: Self.home)
  }

  private func refused(_ status: Int, _ message: String = "no") -> Reply {
    .refused(status: status, reason: "R", message: message, retryAfter: nil)
  }
  private func object(_ object: JSONValue) -> Reply { .object(object, status: 200) }

  /// What a machine comes to, given these replies one after the other.
  private func end(_ machine: some Machine, _ replies: [Reply]) -> Action {
    var machine = machine
    var action = machine.start()
    for reply in replies { action = machine.handle(reply) }
    return action
  }

  /// Nothing that was to be read is there, or it says other things: what stopped the write is what failed.
  private func expectFailure(_ machine: some Machine, _ replies: [Reply], _ looks: [Reply]) {
    for look in looks {
      guard case .done(.failed(let failure)) = end(machine, replies + [look]) else {
        Issue.record("\(look): \(end(machine, replies + [look]))")
        continue
      }
      #expect(failure.code == .unavailable && failure.message == "reset", "\(failure)")
    }
    // For how long it is to be patient, the look is told.
    let busy = Reply.refused(status: 429, reason: "R", message: "no", retryAfter: .seconds(7))
    guard case .done(.failed(let failure)) = end(machine, replies + [busy]) else {
      Issue.record("not patient")
      return
    }
    #expect(failure.message == "reset" && failure.retryAfter == .seconds(7), "\(failure)")
  }

  @Test(arguments: [Step.Verb.replace, .merge])
  func aStatusIsReadWithItsObject(_ verb: Step.Verb) {
    let status = machine(verb, "/quotas/tenant/status", Self.desired)
    #expect(end(status, [Self.lost]) == .send(.get(path: "/quotas/tenant")))
    let done = Self.quota("1000m")
    #expect(end(status, [Self.lost, object(done)]) == .done(.adopted(done)))
    expectFailure(status, [Self.lost], [object(Self.quota("2")), refused(404), Self.lost])
  }

  @Test func whatIsReplacedIsReadAgain() {
    let create = machine(.create, "/quotas", Self.desired)
    let start = [refused(409), object(Self.quota("2")), Self.lost]
    #expect(end(create, start) == .send(.get(path: "/quotas/tenant")))
    let done = Self.quota("1")
    #expect(end(create, start + [object(done)]) == .done(.adopted(done)))
    expectFailure(create, start, [object(Self.quota("2")), refused(404), Self.lost])
  }

  @Test func aNamespaceThatIsTakenOverIsReadAgain() {
    guard case .object(let body, _) = Self.namespace() else { return }
    let create = machine(.create, "/things", body.setting("metadata", "name", to: "org-acme"))
    let hold = HoldMachine(
      path: "/ns", operationID: Self.operation, uid: "u1", fence: 2, isDeletion: false)
    let delete = DeleteMachine(
      namespace: "org-acme", operationID: Self.operation, uid: nil, fence: 2)
    let old = Self.namespace(fence: 1)
    let looks = [old, Self.namespace(fence: 3), refused(403), Self.lost]

    let created = [refused(409), old, Self.lost]
    #expect(end(create, created) == .send(.get(path: "/things/org-acme")))
    #expect(end(create, created + [Self.namespace()]) == .done(.adopted(body)))
    expectFailure(create, created, looks)

    #expect(end(hold, [old, Self.lost]) == .send(.get(path: "/ns")))
    #expect(end(hold, [old, Self.lost, Self.namespace()]) == .done(.adopted(body)))
    expectFailure(hold, [old, Self.lost], looks)

    #expect(
      end(delete, [old, Self.lost]) == .send(.get(path: "/api/v1/namespaces/org-acme")))
    #expect(
      end(delete, [old, Self.lost, Self.namespace()])
        == .send(.delete(path: "/api/v1/namespaces/org-acme", uid: "u1", resourceVersion: "7")))
    expectFailure(delete, [old, Self.lost], looks)
  }

  @Test func whatIsAppliedIsReadAgain() {
    let apply = ApplyMachine(path: "/quotas/tenant", desired: Self.desired, home: Self.home)
    let (different, done) = (Self.quota("2"), Self.quota("1"))
    for start in [
      [object(different), Self.lost],
      // What apply has left, as a whole.
      [object(different), object(different), Self.lost],
      [refused(404), Self.namespace(), Self.lost],
    ] {
      #expect(end(apply, start) == .send(.get(path: "/quotas/tenant")))
      #expect(end(apply, start + [object(done)]) == .done(.adopted(done)))
      // As it should be, but another namespace's.
      let others = Self.quota("1", of: "u2", uid: "c2")
      expectFailure(
        apply, start, [object(different), object(others), refused(404), Self.lost])
    }
    // The very object that was written to needs not say whose it is.
    let silent = Self.quota("1", of: nil)
    #expect(
      end(apply, [object(different), Self.lost, object(silent)]) == .done(.adopted(silent)))
    expectFailure(apply, [refused(404), Self.namespace(), Self.lost], [object(silent)])
    // Making room.
    let start = [object(different), refused(422, "cannot change roleRef"), Self.lost]
    #expect(end(apply, start) == .send(.get(path: "/quotas/tenant")))
    #expect(
      end(apply, start + [refused(404)]) == .send(.create(path: "/quotas", body: Self.desired)))
    expectFailure(apply, start, [object(different), refused(403), Self.lost])
  }

  /// When a kept connection is lost before a byte of the answer has come, libcurl sends the write once more by
  /// itself. The first of the two was carried out, so the second is refused: what is there tells.
  @Test func theSecondOfTwoIsRefusedAndTheFirstIsFound() {
    guard case .object(let ours, _) = Self.namespace(),
      case .object(let quota, _) = object(Self.quota("1"))
    else { return }
    let old = Self.namespace(fence: 1)
    let apply = ApplyMachine(path: "/quotas/tenant", desired: Self.desired, home: Self.home)
    let hold = HoldMachine(
      path: "/ns", operationID: Self.operation, uid: "u1", fence: 2, isDeletion: false)
    let delete = DeleteMachine(
      namespace: "org-acme", operationID: Self.operation, uid: nil, fence: 2)
    let different = object(Self.quota("2"))

    #expect(end(hold, [old, refused(422), Self.namespace()]) == .done(.adopted(ours)))
    let create = machine(
      .create, "/things", ours.setting("metadata", "name", to: "org-acme"))
    #expect(
      end(create, [refused(409), old, refused(422), Self.namespace()]) == .done(.adopted(ours)))
    for start in [
      [different, refused(409)], [different, different, refused(409)],
      [refused(404), Self.namespace(), refused(409)],
    ] {
      #expect(end(apply, start) == .send(.get(path: "/quotas/tenant")))
      #expect(end(apply, start + [object(quota)]) == .done(.adopted(quota)))
    }
    let replace = machine(.create, "/quotas", Self.desired)
    #expect(
      end(replace, [refused(409), different, refused(409), object(quota)])
        == .done(.adopted(quota)))
    let merge = machine(.merge, "/quotas/tenant/status", Self.desired)
    #expect(end(merge, [refused(409), object(quota)]) == .done(.adopted(quota)))

    let path = "/api/v1/namespaces/org-acme"
    #expect(
      end(delete, [old, refused(422), Self.namespace()])
        == .send(.delete(path: path, uid: "u1", resourceVersion: "7")))
    #expect(end(delete, [Self.namespace(), refused(409)]) == .send(.get(path: path)))
    #expect(end(delete, [Self.namespace(), refused(409), refused(404)]) == .done(.deleted))
    guard
      case .done(.failed(let failure)) = end(
        delete, [Self.namespace(), refused(409), Self.namespace(isTerminating: true)])
    else {
      Issue.record("not waited for")
      return
    }
    #expect(failure.code == .terminating)
  }

  @Test func whatIsDeletedIsReadAgain() {
    let delete = DeleteMachine(
      namespace: "org-acme", operationID: Self.operation, uid: nil, fence: 2)
    let start = [Self.namespace(), Self.lost]
    #expect(end(delete, start) == .send(.get(path: "/api/v1/namespaces/org-acme")))
    #expect(end(delete, start + [refused(404)]) == .done(.deleted))
    guard
      case .done(.failed(let failure)) = end(delete, start + [Self.namespace(isTerminating: true)])
    else {
      Issue.record("not waited for")
      return
    }
    #expect(failure.code == .terminating)
    expectFailure(delete, start, [Self.namespace(), refused(403), Self.lost])
  }

  @Test func whatIsClearedIsListedAgain() {
    let clear = ClearMachine(path: "/pods", home: Self.home, isDeletion: false)
    func list(_ uids: [String], isTerminating: Bool = false) -> Reply {
      object([
        "items": .array(
          uids.map { uid in
            var metadata: [String: JSONValue] = ["name": .string("p"), "uid": .string(uid)]
            if isTerminating { metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z" }
            return ["metadata": .object(metadata)]
          })
      ])
    }
    let start = [list(["a"]), Self.namespace(), Self.lost]
    #expect(end(clear, start) == .send(.list(path: "/pods")))
    #expect(end(clear, start + [list([])]) == .done(.deleted))
    #expect(end(clear, start + [list(["a"], isTerminating: true)]) == .done(.deleted))
    // Another one has come meanwhile.
    #expect(
      end(clear, start + [list(["b"]), Self.namespace()])
        == .send(.delete(path: "/pods/p", uid: "b", resourceVersion: nil)))
    expectFailure(clear, start, [list(["a"]), refused(403), Self.lost])
    // However many answers are lost: no new ones have come.
    let names = (1...20).map { "\($0)" }
    let each = names.indices.flatMap { [list(Array(names[$0...])), Self.namespace(), Self.lost] }
    #expect(end(clear, each + [list([])]) == .done(.deleted))
  }
}

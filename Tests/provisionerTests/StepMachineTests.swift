internal import Kubernetes
internal import Testing

@testable internal import provisioner

@Suite struct StepMachineTests {
  private static let operation = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

  private static func namespace(
    fence: Int64 = 2, operation: String = operation, labels: [String: JSONValue] = [:],
    deleted: Bool = false
  ) -> JSONValue {
    var metadata: [String: JSONValue] = [
      "name": "org-acme", "uid": "u1", "resourceVersion": "7", "labels": .object(labels),
      "annotations": [
        "agent-ready-k8s/operation-id": .string(operation),
        "agent-ready-k8s/fence": .string("\(fence)"),
      ],
    ]
    if deleted { metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z" }
    return ["metadata": .object(metadata)]
  }

  private static let quota: JSONValue = [
    "metadata": ["name": "tenant"], "spec": ["hard": ["requests.cpu": "1"]],
  ]
  private static let home = Home(path: "/ns", uid: "u1")

  /// What lies in the namespace of that uid, and says so.
  private static func child(
    of uid: String? = "u1", cpu: String = "2", item: String = "c1"
  ) -> JSONValue {
    var metadata: [String: JSONValue] = [
      "name": "tenant", "uid": .string(item), "resourceVersion": "5",
    ]
    if let uid { metadata["ownerReferences"] = [["uid": .string(uid)]] }
    return ["metadata": .object(metadata), "spec": ["hard": ["requests.cpu": .string(cpu)]]]
  }

  private func machine(
    _ verb: Step.Verb, _ body: JSONValue, path: String = "/things/it",
    onExists: Step.OnExists = .compare
  ) -> StepMachine {
    let path = verb == .create ? "/things" : path
    return StepMachine(
      step: Step(
        name: "s", answer: "s", wave: 1, after: nil, verb: verb, path: path, body: body,
        onExists: onExists,
        unless: nil),
      desired: body, operationID: Self.operation, fence: 2, home: Self.home)
  }

  private func refused(
    _ status: Int, _ message: String = "no", reason: String = "R"
  ) -> Reply {
    .refused(status: status, reason: reason, message: message, retryAfter: nil)
  }

  /// What a machine comes to, given these replies one after the other.
  private func end(_ machine: some Machine, _ replies: [Reply]) -> Action {
    var machine = machine
    var action = machine.start()
    for reply in replies { action = machine.handle(reply) }
    return action
  }

  private func code(_ action: Action) -> Failure.Code? {
    if case .done(.failed(let failure)) = action { failure.code } else { nil }
  }

  @Test func whatIsCreatedIsDone() {
    let end = end(machine(.create, Self.quota), [.object(Self.quota, status: 201)])
    #expect(end == .done(.created(Self.quota, status: 201)))
  }

  @Test(arguments: [409, 422, 403])
  func aRefusedCreationIsResolvedByReading(status: Int) {
    let end = end(machine(.create, Self.quota), [refused(status)])
    #expect(end == .send(.get(path: "/things/tenant")))
  }

  @Test func anUnknownOutcomeIsResolvedByReading() {
    let unknown = Reply.unknown(message: "reset", status: nil)
    #expect(end(machine(.create, Self.quota), [unknown]) == .send(.get(path: "/things/tenant")))
    // It was done after all.
    var there = Self.quota.setting("metadata", "resourceVersion", to: "5")
    there = there.setting("spec", "hard", "requests.cpu", to: "1000m")
    #expect(
      end(machine(.create, Self.quota), [unknown, .object(there, status: 200)])
        == .done(.adopted(there)))
    // It was not.
    #expect(code(end(machine(.create, Self.quota), [unknown, refused(404)])) == .unavailable)
  }

  @Test func aDifferentObjectIsReplacedAsItWasRead() {
    let other = Self.child()
    let body = Self.quota.setting("metadata", "resourceVersion", to: "5")
    #expect(
      end(machine(.create, Self.quota), [refused(409), .object(other, status: 200)])
        == .send(.replace(path: "/things/tenant", body: body)))
    // One that does not say whose it is may be another namespace's by now.
    for owner in [nil, "u2"] {
      let start = [refused(409), .object(Self.child(of: owner), status: 200)]
      let create = machine(.create, Self.quota)
      #expect(end(create, start) == .send(.get(path: "/ns")))
      #expect(
        end(create, start + [.object(Self.namespace(), status: 200)])
          == .send(.replace(path: "/things/tenant", body: body)))
      let another = Self.namespace().setting("metadata", "uid", to: "u2")
      #expect(code(end(create, start + [.object(another, status: 200)])) == .conflict)
      #expect(code(end(create, start + [refused(404)])) == .conflict)
      #expect(
        code(end(create, start + [.unknown(message: "reset", status: nil)])) == .unavailable)
    }
    // But not where that will do: it is not even read, unless the refusal says something else.
    let accept = machine(.create, Self.quota, onExists: .accept)
    #expect(end(accept, [refused(409, reason: "AlreadyExists")]) == .done(.adopted(.null)))
    #expect(
      end(accept, [refused(409, reason: "Conflict"), .object(other, status: 200)])
        == .done(.adopted(other)))
  }

  @Test func aMissingRightIsTold() {
    #expect(
      code(end(machine(.create, Self.quota), [refused(403), refused(404)])) == .forbidden)
    #expect(
      code(
        end(
          machine(.create, Self.quota),
          [refused(403, "… because it is being terminated"), refused(404)])) == .terminating)
  }

  @Test func somebodyElsesNamespaceIsForeign() {
    let create = machine(.create, Self.namespace())
    let theirs = Self.namespace(operation: "other")
    #expect(code(end(create, [refused(409), .object(theirs, status: 200)])) == .foreign)
    #expect(code(end(create, [refused(409), .object(Self.quota, status: 200)])) == .foreign)
  }

  @Test func anEarlierAttemptsNamespaceIsTakenOver() {
    let create = machine(.create, Self.namespace())
    let earlier = Self.namespace(fence: 1)
    let next = end(create, [refused(409), .object(earlier, status: 200)])
    guard case .send(.patch(let path, let patch)) = next else {
      Issue.record("\(next)")
      return
    }
    #expect(path == "/things/org-acme")
    #expect(patch.array?.last?["value"] == "2")
    let taken = Self.namespace()
    #expect(
      end(create, [refused(409), .object(earlier, status: 200), .object(taken, status: 200)])
        == .done(.adopted(taken)))
    // Somebody was faster.
    #expect(
      code(
        end(
          create,
          [
            refused(409), .object(earlier, status: 200), refused(422),
            .object(Self.namespace(fence: 3), status: 200),
          ])) == .conflict)
  }

  /// Whose it is, PostgreSQL tells, given the fence that it bears.
  @Test func aLaterAttemptsNamespaceIsLeftAlone() {
    let later = Reply.object(Self.namespace(fence: 3), status: 200)
    let hold = HoldMachine(
      path: "/ns", operationID: Self.operation, uid: "u1", fence: 2, isDeletion: false)
    let delete = DeleteMachine(
      namespace: "org-acme", operationID: Self.operation, uid: nil, fence: 2)
    for action in [
      end(machine(.create, Self.namespace()), [refused(409), later]),
      end(machine(.patch, Self.namespace(), path: Self.home.path), [refused(409), later]),
      end(hold, [later]), end(delete, [later]),
    ] {
      guard case .done(.failed(let failure)) = action else {
        Issue.record("\(action)")
        continue
      }
      #expect(failure.code == .ahead && failure.laterFence == 3)
      #expect(failure.message.contains("bears the fence 3, this attempt 2"))
    }
  }

  @Test(arguments: [operation, "somebody else's"])
  func aNamespaceThatIsBeingDeletedIsWaitedFor(operation: String) {
    let dying = Self.namespace(operation: operation, deleted: true)
    #expect(
      code(end(machine(.create, Self.namespace()), [refused(409), .object(dying, status: 200)]))
        == .terminating)
  }

  @Test(arguments: [true, false])
  func theGateIsTurnedOnlyIfTheLabelSaysSo(opens: Bool) {
    let path: JSONValue = "/metadata/labels/isolation-ready"
    let gate = machine(
      .patch,
      [
        ["op": "test", "path": "/metadata/annotations/agent-ready-k8s~1fence", "value": "2"],
        opens
          ? ["op": "add", "path": path, "value": "true"] : ["op": "remove", "path": path],
      ], path: Self.home.path)
    let unknown = Reply.unknown(message: "reset", status: nil)
    let (open, closed) = (
      Self.namespace(labels: ["isolation-ready": "true"]), Self.namespace(labels: ["a": "b"])
    )
    let (right, wrong) = opens ? (open, closed) : (closed, open)
    #expect(end(gate, [unknown, .object(right, status: 200)]) == .done(.adopted(right)))
    #expect(code(end(gate, [unknown, .object(wrong, status: 200)])) == .unavailable)
    #expect(code(end(gate, [refused(422), .object(wrong, status: 200)])) == .conflict)
  }

  @Test func whatIsMergedMustBeThere() {
    let limits: JSONValue = ["status": ["hard": ["limits.cpu": "1000m"]]]
    let same: JSONValue = ["status": ["hard": ["limits.cpu": "1"], "used": ["limits.cpu": "0"]]]
    let old: JSONValue = ["status": ["hard": ["limits.cpu": "2"]]]
    #expect(
      end(machine(.merge, limits), [.object(same, status: 200)])
        == .done(.patched(same, status: 200)))
    #expect(code(end(machine(.merge, limits), [.object(old, status: 200)])) == .conflict)
    #expect(code(end(machine(.merge, limits), [refused(404)])) == .conflict)
  }

  @Test func limitsAreEnforcedOfTheQuotaThatWasRead() {
    func quota(_ hard: JSONValue, enforced: JSONValue) -> Reply {
      .object(["spec": ["hard": hard], "status": ["hard": enforced]], status: 200)
    }
    let (two, three): (JSONValue, JSONValue) = (["limits.cpu": "2"], ["limits.cpu": "3"])
    let patch: JSONValue = [
      ["op": "test", "path": "/spec/hard", "value": two],
      ["op": "add", "path": "/status/hard", "value": two],
    ]
    let limits = machine(.patch, patch, path: "/things/it/status")
    #expect(end(limits, []) == .send(.patch(path: "/things/it/status", body: patch)))
    let (right, newer) = (quota(two, enforced: two), quota(three, enforced: three))
    guard case .object(let object, _) = right else { return }
    #expect(end(limits, [right]) == .done(.patched(object, status: 200)))
    #expect(code(end(limits, [quota(two, enforced: three)])) == .conflict)
    // Lost, or refused: what is there tells why.
    let unknown = Reply.unknown(message: "reset", status: nil)
    #expect(end(limits, [unknown]) == .send(.get(path: "/things/it")))
    #expect(end(limits, [unknown, right]) == .done(.adopted(object)))
    #expect(code(end(limits, [unknown, quota(two, enforced: three)])) == .unavailable)
    #expect(code(end(limits, [refused(422), newer])) == .conflict)
    #expect(code(end(limits, [refused(422), quota(two, enforced: three)])) == .invalid)
    #expect(code(end(limits, [refused(403), quota(two, enforced: three)])) == .forbidden)
    #expect(code(end(limits, [refused(404), refused(404)])) == .conflict)
  }

  @Test func aNamespaceIsHeldOnlyIfItIsTheRecordedOne() {
    func hold(
      _ replies: [Reply], isDeletion: Bool = false, uid: String? = "u1"
    ) -> Action {
      var machine = HoldMachine(
        path: "/ns", operationID: Self.operation, uid: uid, fence: 2, isDeletion: isDeletion)
      var action = machine.start()
      for reply in replies { action = machine.handle(reply) }
      return action
    }
    func object(_ namespace: JSONValue) -> Reply { .object(namespace, status: 200) }
    let (old, ours) = (Self.namespace(fence: 1), Self.namespace())
    #expect(hold([object(ours)]) == .done(.adopted(ours)))
    #expect(hold([object(old), object(ours)]) == .done(.adopted(ours)))
    #expect(hold([object(old), refused(422)]) == .send(.get(path: "/ns")))
    #expect(code(hold([object(old), refused(422), object(old)])) == .conflict)
    #expect(code(hold([object(Self.namespace(fence: 3))])) == .ahead)
    #expect(code(hold([object(ours)], uid: "u2")) == .foreign)
    let others = Self.namespace(operation: "other")
    #expect(code(hold([object(others)])) == .foreign)
    #expect(code(hold([object(others)], isDeletion: true)) == .foreign)
    // None was recorded: known by its marks, and else there is none.
    #expect(hold([object(others)], isDeletion: true, uid: nil) == .done(.foreign))
    #expect(hold([object(ours)], isDeletion: true, uid: nil) == .done(.adopted(ours)))
    #expect(code(hold([object(others)], uid: nil)) == .foreign)
    #expect(code(hold([refused(404)])) == .absent)
    #expect(hold([refused(404)], isDeletion: true) == .done(.absent))
    let dying = Self.namespace(deleted: true)
    #expect(code(hold([object(dying)])) == .absent)
    // Its controller is at work, which a write would set back.
    #expect(code(hold([object(dying)], isDeletion: true)) == .terminating)
    #expect(code(hold([refused(403)])) == .forbidden)
  }

  @Test func whatIsAppliedIsOursOrNew() {
    let apply = ApplyMachine(path: "/things/tenant", desired: Self.quota, home: Self.home)
    let body = Self.quota.setting("metadata", "uid", to: "c1")
      .setting("metadata", "resourceVersion", to: "5")
    let applied = Action.send(.apply(path: "/things/tenant", body: body))
    func object(_ object: JSONValue) -> Reply { .object(object, status: 200) }
    #expect(end(apply, []) == .send(.get(path: "/things/tenant")))
    #expect(end(apply, [object(Self.child())]) == applied)
    #expect(end(apply, [refused(404)]) == .send(.get(path: "/ns")))
    let new = [refused(404), object(Self.namespace())]
    #expect(end(apply, new) == .send(.create(path: "/things", body: Self.quota)))
    let start = [object(Self.child(of: nil))]
    #expect(end(apply, start) == .send(.get(path: "/ns")))
    #expect(end(apply, start + [object(Self.namespace())]) == applied)
    let another = Self.namespace().setting("metadata", "uid", to: "u2")
    #expect(code(end(apply, start + [object(another)])) == .conflict)
    #expect(code(end(apply, start + [refused(404)])) == .conflict)
    #expect(code(end(apply, start + [refused(403)])) == .forbidden)

    #expect(
      end(apply, new + [.object(Self.quota, status: 201)])
        == .done(.created(Self.quota, status: 201)))
    #expect(code(end(apply, new + [refused(409), object(Self.child(of: nil))])) == .conflict)
    #expect(
      end(apply, [object(Self.child()), object(Self.quota)])
        == .done(.patched(Self.quota, status: 200)))
    // What apply has left as others have it.
    let left = [object(Self.child()), object(Self.child())]
    #expect(end(apply, left) == .send(.replace(path: "/things/tenant", body: body)))
    #expect(
      end(apply, left + [object(Self.quota)]) == .done(.replaced(Self.quota, status: 200)))
    #expect(code(end(apply, left + [refused(409), object(Self.child())])) == .conflict)
    // Another one has taken its place in between.
    #expect(
      code(end(apply, [object(Self.child()), refused(422, "metadata.uid: field is immutable")]))
        == .conflict)
    #expect(
      code(end(apply, [object(Self.child()), refused(409), object(Self.child())])) == .conflict)
    #expect(code(end(apply, [object(Self.child()), refused(422)])) == .invalid)
    #expect(code(end(apply, [refused(403)])) == .forbidden)
    // One that cannot be changed makes room.
    let other = [
      object(Self.child()), refused(422, "roleRef: Invalid value: cannot change roleRef"),
    ]
    #expect(
      end(apply, other)
        == .send(.delete(path: "/things/tenant", uid: "c1", resourceVersion: nil)))
    for reply in [object([:]), refused(404)] {
      #expect(end(apply, other + [reply]) == .send(.create(path: "/things", body: Self.quota)))
    }
    #expect(code(end(apply, other + [refused(409)])) == .conflict)
  }

  @Test func whatIsClearedIsDeletedOneByOne() {
    let clear = ClearMachine(path: "/pods", home: Self.home, isDeletion: false)
    func list(_ names: [String]) -> Reply {
      .object(
        [
          "items": .array(
            names.map { ["metadata": ["name": .string($0), "uid": .string("uid-\($0)")]] })
        ], status: 200)
    }
    func delete(_ name: String) -> Action {
      .send(.delete(path: "/pods/\(name)", uid: "uid-\(name)", resourceVersion: nil))
    }
    let (ours, gone) = (Reply.object(Self.namespace(), status: 200), Reply.object([:], status: 200))
    #expect(end(clear, []) == .send(.list(path: "/pods")))
    #expect(end(clear, [list([])]) == .done(.deleted))
    let start = [list(["a", "b"])]
    #expect(end(clear, start) == .send(.get(path: "/ns")))
    #expect(end(clear, start + [ours]) == delete("a"))
    #expect(end(clear, start + [ours, gone]) == delete("b"))
    // Gone already; another one of its name.
    for status in [404, 409] {
      #expect(end(clear, start + [ours, refused(status)]) == delete("b"))
    }
    // Whether one has slipped in meanwhile.
    let cleared = start + [ours, gone, gone]
    #expect(end(clear, cleared) == .send(.list(path: "/pods")))
    #expect(end(clear, cleared + [list([])]) == .done(.deleted))
    #expect(end(clear, cleared + [list(["c"]), ours]) == delete("c"))
    // Not for ever: then nothing refuses them.
    let again = (1...10).flatMap { _ in [list(["a"]), ours, gone] }
    #expect(end(clear, again) == .send(.list(path: "/pods")))
    #expect(code(end(clear, again + [list(["a"])])) == .conflict)
    // What is on its way has been told.
    let dying: JSONValue = [
      "metadata": ["name": "a", "uid": "u", "deletionTimestamp": "2026-01-01T00:00:00Z"]
    ]
    let rest = Reply.object(["items": [dying]], status: 200)
    #expect(end(clear, [rest]) == .done(.deleted))
    // But it still runs, which is waited for before the namespace goes.
    let last = ClearMachine(path: "/pods", home: Self.home, isDeletion: true)
    #expect(code(end(last, [rest])) == .terminating)
    #expect(code(end(last, cleared + [rest])) == .terminating)
    #expect(end(last, cleared + [list([])]) == .done(.deleted))

    let another = Self.namespace().setting("metadata", "uid", to: "u2")
    #expect(code(end(clear, start + [.object(another, status: 200)])) == .conflict)
    #expect(code(end(clear, start + [ours, refused(403)])) == .forbidden)
    #expect(code(end(clear, [refused(429)])) == .throttled)

    let vacant = VacancyMachine(path: "/pods")
    #expect(end(vacant, []) == .send(.list(path: "/pods")))
    let nothing: JSONValue = ["items": [dying]]
    #expect(end(vacant, [.object(nothing, status: 200)]) == .done(.same(nothing)))
    guard case .done(.differs(_, "should not be there: a, b")) = end(vacant, [list(["b", "a"])])
    else {
      Issue.record("\(end(vacant, [list(["b", "a"])]))")
      return
    }
    #expect(code(end(vacant, [refused(403)])) == .forbidden)
  }

  @Test func aFasterControllerIsFine() {
    #expect(end(machine(.replace, Self.quota), [refused(409)]) == .done(.skipped))
  }

  @Test func patienceIsAskedForByTheServer() {
    let busy = Reply.refused(status: 429, reason: "", message: "", retryAfter: .seconds(3))
    guard case .done(.failed(let failure)) = end(machine(.create, Self.quota), [busy]) else {
      Issue.record("no failure")
      return
    }
    #expect(failure.code == .throttled && failure.retryAfter == .seconds(3))
    // Also where it may have done the write, which the look at it then denies.
    let away = Reply.unknown(message: "", status: 503, retryAfter: .seconds(3))
    guard
      case .done(.failed(let denied)) = end(machine(.create, Self.quota), [away, refused(404)])
    else {
      Issue.record("no failure")
      return
    }
    #expect(denied.code == .unavailable && denied.retryAfter == .seconds(3))
  }

  @Test func onlyWhatWasJustReadIsDeleted() {
    func end(_ replies: [Reply]) -> Action {
      var machine = DeleteMachine(
        namespace: "org-acme", operationID: Self.operation, uid: nil, fence: 2)
      var action = machine.start()
      for reply in replies { action = machine.handle(reply) }
      return action
    }
    let ours = Reply.object(Self.namespace(), status: 200)
    let delete = Action.send(
      .delete(path: "/api/v1/namespaces/org-acme", uid: "u1", resourceVersion: "7"))
    #expect(end([ours]) == delete)
    #expect(end([refused(404)]) == .done(.absent))
    #expect(end([.object(Self.namespace(operation: "other"), status: 200)]) == .done(.foreign))
    #expect(code(end([.object(Self.namespace(fence: 3), status: 200)])) == .ahead)
    #expect(code(end([ours, refused(409), ours])) == .conflict)
    #expect(end([ours, ours, refused(404)]) == .done(.deleted))
    #expect(
      code(end([ours, ours, .object(Self.namespace(deleted: true), status: 200)])) == .terminating)
    #expect(code(end([ours, ours, ours])) == .conflict)
    // An earlier attempt's is fenced first, and deleted as the fence has left it.
    let fenced = Reply.object(Self.namespace(), status: 200)
    #expect(end([.object(Self.namespace(fence: 1), status: 200), fenced]) == delete)
  }

  @Test func wavesFollowEachOther() {
    func step(_ name: String, _ wave: Int64, after: String? = nil) -> Step {
      Step(
        name: name, answer: name, wave: wave, after: after, verb: .create, path: "/", body: [:],
        onExists: .accept, unless: nil)
    }
    var saga = Saga(steps: [step("a", 1), step("b", 2), step("c", 2, after: "b"), step("d", 3)])
    #expect(saga.begin().map(\.name) == ["a"])
    #expect(saga.begin().isEmpty)
    saga.finish("a", .created([:], status: 201))
    #expect(saga.begin().map(\.name) == ["b"])
    saga.finish("b", .skipped)
    #expect(saga.begin().map(\.name) == ["c"])
    saga.finish("c", .failed(Failure(code: .invalid, message: "")))
    #expect(saga.begin().isEmpty)
    #expect(saga.failure?.code == .invalid && !saga.isDone)
  }

  @Test func aStepMayDependOnAnAnswer() {
    func step(_ name: String, unless: String? = nil, onlyIf: String? = nil) -> Step {
      Step(
        name: name, answer: name, wave: 2, after: nil, verb: .patch, path: "/", body: [:],
        onExists: .compare, unless: unless, onlyIf: onlyIf)
    }
    let (label, other) = ("namespace.metadata.labels.isolation-ready", "namespace.nothing")
    var saga = Saga(steps: [])
    // Of what is not answered nothing is there.
    #expect(saga.isNeedless(step("close", onlyIf: label)))
    let namespace = Step(
      name: "hold", answer: "namespace", wave: 1, after: nil, verb: .hold, path: "/", body: .null,
      onExists: .compare, unless: nil)
    saga = Saga(steps: [namespace])
    saga.finish("hold", .adopted(Self.namespace(labels: ["isolation-ready": "true"])))
    #expect(!saga.isNeedless(step("close", onlyIf: label)))
    #expect(saga.isNeedless(step("close", onlyIf: other)))
    #expect(saga.isNeedless(step("open", unless: label)))
    #expect(!saga.isNeedless(step("open", unless: other)))
    #expect(!saga.isNeedless(step("pods")))
  }

  @Test func referencesAreFilledIn() throws {
    var answers = Answers()
    answers["namespace"] = Self.namespace()
    let filled = try answers.fill(
      [
        "uid": "${namespace.metadata.uid}", "text": "not ${namespace.metadata.uid}",
        "email": "$${a@b}",
      ],
      for: "s")
    #expect(
      filled == ["uid": "u1", "text": "not ${namespace.metadata.uid}", "email": "${a@b}"])
    #expect(throws: ProvisionerError.self) { try answers.fill("${namespace.nothing}", for: "s") }
  }
}

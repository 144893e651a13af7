internal import Kubernetes
internal import Testing

@testable internal import provisioner

/// The order in which a tenant is made and ended, broken and found.
extension JudgeTests {
  @Test(arguments: ["limitranges", "resourcequotas/status"])
  func whoOpensBeforeAllIsDoneIsFound(resource: String) {
    isFound("opened before what else there was to do was done: patch namespaces org-acme") {
      $0.writes.append(
        Self.write("update", resource, at: 5, code: 200, name: "tenant", attempt: 2))
    }
    // Refused, as what was sent twice may be; a quota of later, and somebody else's write.
    isNothing {
      $0.writes += [
        Self.write("update", resource, at: 6, code: 409, name: "tenant", attempt: 2),
        Self.write("update", resource, at: 6, name: "tenant", attempt: 3),
        Self.write("update", resource, at: 6, by: "ark-admin", name: "tenant"),
      ]
    }
  }

  @Test(
    arguments: [
      "resourcequotas", "resourcequotas/status", "limitranges", "networkpolicies", "rolebindings",
    ])
  func whoOpensWhatIsNotIsolatedIsFound(resource: String) {
    isFound("opened before there was a \(resource)/") {
      $0.writes.removeAll { $0.resource == resource && $0.isDone }
    }
    // It came later, in another attempt.
    isFound("opened before there was a \(resource)/") { judge in
      let index = judge.writes.firstIndex { $0.resource == resource && $0.isDone }!
      (judge.writes[index].began, judge.writes[index].ended) = ("t160", "t165")
    }
    // Somebody else's that says the same is adopted.
    isNothing { judge in
      let index = judge.writes.firstIndex { $0.resource == resource && $0.isDone }!
      (judge.writes[index].user, judge.writes[index].auditID) = ("ark-admin", "a")
    }
    // It lay in another namespace of the name.
    isFound("opened before there was a \(resource)/") { judge in
      let index = judge.writes.firstIndex { $0.resource == resource && $0.isDone }!
      (judge.writes[index].began, judge.writes[index].ended) = ("t010", "t015")
      judge.writes[index].user = "ark-admin"
    }
  }

  @Test func whoMakesItOpenIsFound() {
    isFound("opened before there was a networkpolicies/default-deny: create namespaces") {
      $0.writes[0].response = Self.namespace()
    }
  }

  /// It was there once, and is opened again when it is not.
  @Test(arguments: [JudgeTests.ours, "ark-admin"], ["delete", "deletecollection"])
  func whoOpensAgainWhatIsNoLongerIsolatedIsFound(user: String, verb: String) {
    let name = verb == "delete" ? "default-deny" : nil
    func reopened(_ judge: inout Judge, lost: Int, first: Int, made: Bool = false) {
      judge.writes += [
        Self.write(
          "patch", "namespaces", at: 6, response: Self.namespace(fence: 2, open: false)),
        Self.write(verb, "networkpolicies", at: lost, by: user, name: name, attempt: 3),
        Self.write("update", "resourcequotas/status", at: first, name: "tenant", attempt: 3),
        Self.write("patch", "namespaces", at: 12, response: Self.namespace(fence: 2), attempt: 3),
      ]
      if made {
        judge.writes.append(
          Self.write(
            "create", "networkpolicies", at: 11, code: 201, name: "default-deny", attempt: 3))
      }
      judge.writes.sort { ($0.began, $0.ended) < ($1.began, $1.ended) }
    }
    isFound("opened before there was a networkpolicies/default-deny: patch namespaces") {
      reopened(&$0, lost: 7, first: 8)
    }
    isNothing { reopened(&$0, lost: 7, first: 8, made: true) }
    // Taken away by others when it was seen already: the next comparison finds that.
    let isOurs = user == Self.ours
    let judge = { (judge: inout Judge) in reopened(&judge, lost: 9, first: 8) }
    if isOurs {
      isFound("opened before there was a networkpolicies/default-deny", judge)
    } else {
      isNothing(judge)
    }
  }

  /// A tenant that has been deleted, or taken back, step by step.
  private func ended(
    as status: String, close: Int = 6, pod: Int = 7, end: Int = 8, clears: Bool = true
  ) -> (inout Judge) -> Void {
    { judge in
      let gone: JSONValue = [
        "preconditions": ["uid": "u1", "resourceVersion": "1"]
      ]
      judge.organizations[0].status = status
      judge.namespaces = [:]
      judge.objects = [:]
      judge.writes += [
        Self.write("create", "pods", at: 5, by: "ark-admin", code: 201, name: "web"),
        Self.write(
          "patch", "namespaces", at: close, response: Self.namespace(fence: 2, open: false)),
        Self.write(
          "delete", "namespaces", at: end, request: gone,
          response: Self.namespace(fence: 2, open: end <= close)),
      ]
      if clears { judge.writes.append(Self.write("delete", "pods", at: pod, name: "web")) }
      judge.writes.sort { ($0.began, $0.ended) < ($1.began, $1.ended) }
    }
  }

  /// What is deleted, and what is taken back.
  private static let ends = ["DELETED", "FAILED"]

  @Test(arguments: ends) func whoDeletesPodsBeforeItClosesIsFound(status: String) {
    isNothing(ended(as: status))
    isFound("deleted a pod while the gate was open", ended(as: status, close: 7, pod: 6))
    // Side by side with the patch: it was not closed yet.
    isFound("deleted a pod while the gate was open", ended(as: status, close: 6, pod: 6))
  }

  @Test(arguments: ends) func whoDeletesTheNamespaceBeforeItsPodsIsFound(status: String) {
    isFound("deleted a namespace before its pod web", ended(as: status, pod: 9, end: 8))
    isFound("deleted a namespace before its pod web", ended(as: status, clears: false))
    isFound("deleted an open namespace", ended(as: status, close: 9, pod: 9, end: 8))
    // Told to end, it still runs.
    for rest in [["deletionGracePeriodSeconds": 30], ["finalizers": ["a/b"]]] as [JSONValue] {
      isFound("deleted a namespace before its pod web") { judge in
        self.ended(as: status)(&judge)
        let pod = judge.writes.firstIndex { $0.resource == "pods" && $0.verb == "delete" }!
        judge.writes[pod].response = ["metadata": rest]
      }
    }
    // One that nobody has opened.
    isNothing { judge in
      self.ended(as: status, clears: false)(&judge)
      judge.writes.removeAll { $0.resource == "namespaces" && $0.isOpen }
    }
  }

  @Test func whatALogMayLackHasNoOrder() {
    isNothing {
      $0.rules.mayMissWrites = true
      $0.writes.removeAll { $0.resource == "limitranges" }
    }
  }

  @Test(arguments: ["", "7c1e", "op1/gate", "op1/gate/x", "op2/gate/2"])
  func aWriteWithoutItsNameIsFound(name: String) {
    isFound("has no name in the audit log: create networkpolicies") { judge in
      let index = judge.writes.firstIndex { $0.resource == "networkpolicies" }!
      judge.writes[index].auditID = name
    }
  }
}

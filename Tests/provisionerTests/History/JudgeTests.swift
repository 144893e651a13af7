internal import Kubernetes
internal import Testing

@testable internal import provisioner

/// A judge who lets everything pass proves nothing: each promise broken, and found.
@Suite struct JudgeTests {
  static let ours = "system:serviceaccount:agent-ready-k8s-system:provisioner"
  static let acme = "org-acme"

  static func place(_ resource: String, _ name: String) -> Judge.Place {
    Judge.Place(namespace: acme, resource: resource, name: name)
  }

  static func namespace(
    uid: String = "u1", operation: String = "op1", fence: Int = 1, open: Bool = true,
    name: String = acme
  ) -> JSONValue {
    [
      "metadata": [
        "name": .string(name), "uid": .string(uid),
        "labels": [
          "isolation-ready": open ? "true" : .null,
          "pod-security.kubernetes.io/enforce": "baseline",
        ],
        "annotations": [
          "agent-ready-k8s/operation-id": .string(operation),
          "agent-ready-k8s/fence": .string("\(fence)"),
        ],
      ]
    ]
  }

  static func child(_ body: JSONValue = [:], of uid: String = "u1") -> JSONValue {
    var members = body.object ?? [:]
    members["metadata"] = ["ownerReferences": [["kind": "Namespace", "uid": .string(uid)]]]
    return .object(members)
  }

  static func write(
    _ verb: String, _ resource: String, at time: Int, by user: String = ours, code: Int = 200,
    name: String? = nil, request: JSONValue? = nil, response: JSONValue? = nil, attempt: Int = 9
  ) -> Write {
    Write(
      user: user, verb: verb, resource: resource, namespace: acme, name: name, code: code,
      request: request, response: response, auditID: user == ours ? "op1/step/\(attempt)" : "a",
      began: "t\(100 + time * 10)", ended: "t\(105 + time * 10)")
  }

  /// What a tenant may be asked for: names, of the cluster's own resolver.
  static let dns: JSONValue = [
    "to": [
      [
        "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "kube-system"]],
        "podSelector": ["matchLabels": ["k8s-app": "kube-dns"]],
      ]
    ],
    "ports": [["port": 53, "protocol": "UDP"], ["port": 53, "protocol": "TCP"]],
  ]

  private static let hard: JSONValue = [
    "requests.cpu": "10", "limits.cpu": "10000m", "requests.memory": "20Gi",
    "limits.memory": "20Gi", "requests.storage": "10Gi",
  ]

  /// A tenant with which everything is right.
  static func good() -> Judge {
    Judge(
      organizations: [
        .init(
          id: 1, namespace: acme, status: "COMMITTED", operationID: "op1", namespaceUID: "u1",
          members: ["owner": ["ann@x.example"]])
      ],
      jobs: [
        .init(
          id: 7, orgID: 1, kind: "create", state: "done",
          states: ["queued", "running", "queued", "running", "running", "done"])
      ],
      writes: [
        write("create", "namespaces", at: 0, code: 201, response: namespace(open: false)),
        write("create", "resourcequotas", at: 1, code: 201, name: "tenant", response: child()),
        write("create", "limitranges", at: 1, code: 201, name: "tenant", response: child()),
        write("create", "networkpolicies", at: 1, code: 201, name: "default-deny"),
        write("create", "rolebindings", at: 1, code: 201, name: "owner", response: child()),
        write("create", "limitranges", at: 2, code: 409, name: "tenant", attempt: 2),
        write("update", "resourcequotas/status", at: 2, name: "tenant", attempt: 2),
        write("patch", "namespaces", at: 3, response: namespace(fence: 2, open: false), attempt: 2),
        write("patch", "namespaces", at: 4, code: 422),
        write("patch", "namespaces", at: 5, response: namespace(fence: 2), attempt: 2),
      ],
      namespaces: [acme: namespace(fence: 2)],
      objects: [
        place("resourcequotas", "tenant"): child(
          ["spec": ["hard": hard], "status": ["hard": hard]]),
        place("limitranges", "tenant"): child([
          "spec": [
            "limits": [
              [
                "type": "Container", "default": ["cpu": "500m", "memory": "512Mi"],
                "defaultRequest": ["cpu": "100m", "memory": "128Mi"],
              ]
            ]
          ]
        ]),
        place("serviceaccounts", "default"): [:],
        place("networkpolicies", "default-deny"): child([
          "spec": [
            "podSelector": [:], "policyTypes": ["Ingress", "Egress"],
            "egress": [dns],
          ]
        ]),
        place("rolebindings", "owner"): child([
          "roleRef": ["kind": "ClusterRole", "name": "admin"],
          "subjects": [["kind": "User", "name": "ann@x.example"]],
        ]),
      ])
  }

  func isFound(
    _ finding: String, at location: SourceLocation = #_sourceLocation,
    _ spoil: (inout Judge) -> Void
  ) {
    var judge = Self.good()
    spoil(&judge)
    let findings = judge.findings
    #expect(findings.contains { $0.contains(finding) }, "\(findings)", sourceLocation: location)
  }

  func isNothing(
    at location: SourceLocation = #_sourceLocation, _ change: (inout Judge) -> Void
  ) {
    var judge = Self.good()
    change(&judge)
    let findings = judge.findings
    #expect(findings == [], "\(findings)", sourceLocation: location)
  }

  @Test func aGoodTenantHasNoFindings() {
    isNothing { _ in }
    // One that failed and left nothing, and whose slug another one has by now.
    isNothing {
      $0.organizations.append(
        .init(id: 2, namespace: Self.acme, status: "FAILED", operationID: "op2"))
      $0.jobs.append(
        .init(id: 8, orgID: 2, kind: "create", state: "failed", states: ["queued", "failed"]))
    }
    isNothing {
      $0.organizations[0].status = "SUSPENDED"
      $0.namespaces[Self.acme] = Self.namespace(open: false)
    }
  }

  // MARK: COMMITTED means every object, an enforced quota, the label, the recorded uid

  @Test(arguments: [
    ("resourcequotas", "tenant"), ("limitranges", "tenant"), ("serviceaccounts", "default"),
    ("networkpolicies", "default-deny"), ("rolebindings", "owner"),
  ]) func aMissingObjectIsFound(resource: String, name: String) {
    isFound("org-acme is COMMITTED, and has no \(resource)/\(name)") {
      $0.objects[Self.place(resource, name)] = nil
    }
  }

  @Test func aQuotaThatIsNotEnforcedIsFound() {
    let quota = Self.place("resourcequotas", "tenant")
    isFound("status: absent") { $0.objects[quota] = Self.child(["spec": ["hard": Self.hard]]) }
    isFound("status.hard.limits.cpu: \"5\" instead of \"10\"") {
      $0.objects[quota] = $0.objects[quota]?.setting("status", "hard", "limits.cpu", to: "5")
    }
    isFound("spec.hard.limits.cpu: \"10000m\" instead of \"20\"") { $0.organizations[0].cpu = "20" }
  }

  @Test func anotherContentIsFound() {
    let policy = Self.place("networkpolicies", "default-deny")
    isFound("spec.policyTypes") {
      $0.objects[policy] = $0.objects[policy]?.setting("spec", "policyTypes", to: ["Ingress"])
    }
    isFound("does not deny to every pod") {
      $0.objects[policy] = $0.objects[policy]?.setting(
        "spec", "podSelector", to: ["matchLabels": ["app": "x"]])
    }
    isFound("does not deny to every pod") {
      $0.objects[policy] = $0.objects[policy]?.setting("spec", "ingress", to: [[:]])
    }
    isFound("spec.egress") {
      $0.objects[policy] = $0.objects[policy]?.setting("spec", "egress", to: [[:]])
    }
    // Resolution by everybody's pods, by anything on the port, and on every port above it.
    for (field, egress) in [
      (
        "to[0].podSelector",
        ["to": [["namespaceSelector": [:]]], "ports": [["port": 53], ["port": 53]]]
      ),
      (
        "ports[0].endPort",
        Self.dns.setting(
          "ports",
          to: [
            ["port": 53, "protocol": "UDP", "endPort": 65535], ["port": 53, "protocol": "TCP"],
          ])
      ),
      (
        "ports[1].protocol",
        Self.dns.setting(
          "ports",
          to: [
            ["port": 53, "protocol": "UDP"], ["port": 53, "protocol": "UDP"],
          ])
      ),
    ] as [(String, JSONValue)] {
      isFound("spec.egress[0].\(field)") {
        $0.objects[policy] = $0.objects[policy]?.setting("spec", "egress", to: [egress])
      }
    }
    let range = Self.place("limitranges", "tenant")
    isFound("spec.limits[0].default: absent") {
      $0.objects[range] = Self.child(["spec": ["limits": [["type": "Container"]]]])
    }
    let owner = Self.place("rolebindings", "owner")
    isFound("rolebindings/owner differs: subjects") {
      $0.objects[owner] = $0.objects[owner]?.setting("subjects", to: [["name": "eve@x.example"]])
    }
    isFound("has no rolebindings/viewer") {
      $0.organizations[0].members["viewer"] = ["v@x.example"]
    }
    isFound("rolebindings/viewer differs: subjects") {
      $0.objects[Self.place("rolebindings", "viewer")] = Self.child([
        "roleRef": ["name": "view"], "subjects": [["kind": "User", "name": "gone@x.example"]],
      ])
    }
    isFound("does not go with its namespace") {
      $0.objects[owner] = $0.objects[owner]?.setting("metadata", to: [:])
    }
  }

  @Test func aNamespaceThatIsNotAsRecordedIsFound() {
    isFound("its namespace is not there") { $0.namespaces = [:] }
    isFound("its namespace is u1, not the recorded u0") { $0.organizations[0].namespaceUID = "u0" }
    isFound("not the recorded none") { $0.organizations[0].namespaceUID = nil }
    isFound("its gate is closed") { $0.namespaces[Self.acme] = Self.namespace(open: false) }
    isFound("org-acme is SUSPENDED, and its gate is open") {
      $0.organizations[0].status = "SUSPENDED"
    }
    isFound("does not bear its operation id") {
      $0.namespaces[Self.acme] = Self.namespace(operation: "other")
    }
    isFound("is being deleted") {
      $0.namespaces[Self.acme] = $0.namespaces[Self.acme]?.setting(
        "metadata", "deletionTimestamp", to: "2026-01-01T00:00:00Z")
    }
    isFound("may be privileged") {
      $0.namespaces[Self.acme] = $0.namespaces[Self.acme]?.setting(
        "metadata", "labels", "pod-security.kubernetes.io/enforce", to: "privileged")
    }
    isFound("its pods run: [\"web\"]") {
      $0.organizations[0].status = "SUSPENDED"
      $0.namespaces[Self.acme] = Self.namespace(open: false)
      $0.objects[Self.place("pods", "web")] = [:]
    }
  }

  // MARK: Nothing that is not ours

  @Test func aForeignNamespaceThatIsTouchedIsFound() {
    let theirs = Self.write(
      "create", "namespaces", at: 6, by: "ark-admin", code: 201,
      response: Self.namespace(uid: "u2"))
    for (verb, word) in [("patch", "written to"), ("delete", "deleted")] {
      isFound("\(word) a namespace that is not ours: \(verb) namespaces org-acme") {
        $0.writes += [
          theirs,
          Self.write(
            verb, "namespaces", at: 7,
            request: ["preconditions": ["uid": "u2", "resourceVersion": "1"]],
            response: Self.namespace(uid: "u2")),
        ]
      }
      // Not even if nobody knows who has made it, unless the log may lack that.
      isFound("\(word) a namespace that is not ours") {
        $0.writes.append(
          Self.write(verb, "namespaces", at: 7, response: Self.namespace(uid: "u3")))
      }
    }
    // Refused: nothing has happened. And what others do is theirs.
    isNothing {
      $0.writes += [
        theirs, Self.write("patch", "namespaces", at: 7, code: 422),
        Self.write("delete", "namespaces", at: 8, code: 409),
        Self.write(
          "delete", "namespaces", at: 9, by: "ark-admin", response: Self.namespace(uid: "u2")),
      ]
    }
  }

  @Test func ourNamespaceOfAnotherOrganizationIsNotOurs() {
    isFound("written to a namespace that is not ours") {
      $0.writes[0].response = Self.namespace(operation: "of nobody here")
    }
  }

  @Test func whatALostLogMayLackIsNoFinding() {
    isNothing {
      $0.rules.mayMissWrites = true
      $0.writes.removeFirst()
    }
    isFound("written to a namespace that is not ours") { $0.writes.removeFirst() }
    // Somebody else's stays somebody else's.
    isFound("written to a namespace that is not ours") {
      $0.rules.mayMissWrites = true
      $0.writes[0].user = "ark-admin"
    }
  }

  @Test func aDeletionWithoutAConditionIsFound() {
    for conditions: JSONValue in [
      [:], ["preconditions": ["uid": "u1"]], ["preconditions": ["resourceVersion": "1"]],
    ] {
      isFound("deleted without a condition") {
        $0.writes.append(
          Self.write(
            "delete", "namespaces", at: 7, request: conditions, response: Self.namespace()))
      }
    }
  }

  @Test func whatIsWrittenIntoAForeignNamespaceIsFound() {
    let theirs = Self.write(
      "create", "namespaces", at: 6, by: "ark-admin", code: 201,
      response: Self.namespace(uid: "u2"))
    for write in [
      Self.write("patch", "resourcequotas", at: 7, name: "tenant", response: Self.child()),
      Self.write("deletecollection", "pods", at: 7),
      Self.write("delete", "pods", at: 7, name: "web"),
      Self.write("update", "resourcequotas/status", at: 7, name: "tenant"),
      Self.write("create", "rolebindings", at: 7, code: 201, name: "owner", response: Self.child()),
      Self.write(
        "update", "resourcequotas/status", at: 7, name: "tenant", response: Self.child()),
    ] {
      isFound("written into a namespace that is not ours: \(write.verb) \(write.resource)") {
        $0.writes += [theirs, write]
      }
      // A new child with the dead one for its owner is the garbage collector's, where that is allowed,
      // and so is its status.
      var judge = Self.good()
      judge.rules.mayLeaveToCollector = true
      judge.writes += [theirs, write]
      let isOfAChild =
        write.code == 201 || write.verb == "update" && write.response == Self.child()
      #expect(judge.findings.isEmpty == isOfAChild, "\(judge.findings)")
    }
  }

  @Test func whoWasOvertakenAndWritesIsFound() {
    isFound("the fence fell from 2 to 1") {
      $0.writes.append(Self.write("patch", "namespaces", at: 7, response: Self.namespace()))
    }
  }

  // MARK: No orphan

  @Test(arguments: ["FAILED", "DELETED"]) func whatIsLeftIsFound(status: String) {
    isFound("an orphan: the namespace org-acme, uid u1") { $0.organizations[0].status = status }
  }

  @Test func aNamespaceOfOursThatIsNotTheRecordedOneIsFound() {
    isFound("an orphan: the namespace org-acme, uid u4") {
      $0.writes.append(
        Self.write("create", "namespaces", at: 7, code: 201, response: Self.namespace(uid: "u4")))
      $0.namespaces[Self.acme] = Self.namespace(uid: "u4")
    }
  }

  @Test func aChildInAForeignNamespaceIsFound() {
    isFound("an orphan in somebody else's namespace: rolebindings/owner of org-acme") {
      $0.rules.areBereft = [1]
      $0.namespaces[Self.acme] = Self.namespace(uid: "u2")
    }
    isNothing {
      $0.rules.areBereft = [1]
      $0.namespaces[Self.acme] = Self.namespace(uid: "u2")
      $0.objects = [Self.place("rolebindings", "owner"): Self.child(of: "u2")]
    }
  }

  // MARK: Each job once, and everything at its end

  @Test func aJobThatIsNotFinishedIsFound() {
    isFound("job 7 (create) is not finished: queued") {
      $0.jobs[0].state = "queued"
      $0.jobs[0].states = ["queued"]
    }
    isFound("job 7 (create) is not finished: running") {
      $0.jobs[0].state = "running"
      $0.jobs[0].states = ["queued", "running"]
    }
    isNothing {
      $0.jobs.append(
        .init(id: 9, orgID: 1, kind: "quota", state: "queued", isDue: false, states: ["queued"]))
    }
  }

  @Test func aJobThatIsFinishedTwiceIsFound() {
    isFound("job 7 (create) was finished twice") { $0.jobs[0].states.append("done") }
    isFound("job 7 (create) was finished twice") { $0.jobs[0].states.insert("failed", at: 5) }
    isFound("job 7 (create) was done, and then running") {
      $0.jobs[0].states += ["running", "done"]
    }
    isFound("job 7 (create) is done, and was made running") { $0.jobs[0].states.removeLast() }
    // Tried again by an administrator.
    isNothing { $0.jobs[0].states = ["queued", "running", "failed", "queued", "running", "done"] }
  }

  @Test(arguments: ["PENDING", "DELETING"])
  func whatNobodyWorksOnIsFound(status: String) {
    isFound("org-acme is \(status), and nobody works on it") { $0.organizations[0].status = status }
  }

  @Test func whatWasGivenUpIsFoundUnlessThatIsAllowed() {
    func spoil(_ judge: inout Judge) {
      judge.organizations[0].status = "DELETING"
      judge.jobs.append(
        .init(
          id: 9, orgID: 1, kind: "delete", state: "failed", states: ["queued", "running", "failed"])
      )
    }
    isFound("org-acme is DELETING, and nobody works on it", spoil)
    isNothing {
      spoil(&$0)
      $0.rules.mayGiveUp = ["delete"]
    }
  }

  // MARK: Running again converges

  @Test func whatRunningAgainChangesIsFound() {
    let first = Self.good()
    var second = first
    // Its marks and versions rise.
    second.namespaces[Self.acme] = Self.namespace(fence: 3)
    let quota = Self.place("resourcequotas", "tenant")
    second.objects[quota] = second.objects[quota]?.setting("metadata", "resourceVersion", to: "9")
    second.objects[quota] = second.objects[quota]?.setting("status", "used", to: ["pods": "1"])
    #expect(second.differences(from: first) == [])
    let policy = Self.place("networkpolicies", "default-deny")
    second.objects[policy] = second.objects[policy]?.setting("metadata", "generation", to: 2)
    second.objects[quota] = second.objects[quota]?.setting("spec", "hard", "limits.cpu", to: "9")
    second.objects[Self.place("rolebindings", "nobody")] = [:]
    second.objects[Self.place("rolebindings", "eve")] = ["subjects": [["name": "eve"]]]
    second.objects[Self.place("limitranges", "tenant")] = nil
    second.namespaces[Self.acme] = Self.namespace(open: false)
    #expect(
      second.differences(from: first) == [
        "running again changed limitranges/tenant of org-acme",
        "running again changed networkpolicies/default-deny of org-acme",
        "running again changed resourcequotas/tenant of org-acme",
        "running again changed rolebindings/eve of org-acme",
        "running again changed the namespace org-acme",
      ])
  }
}

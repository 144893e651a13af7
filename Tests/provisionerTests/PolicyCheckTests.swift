internal import Daemon
internal import Kubernetes
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// What policies are worth, and how they are found.
@Suite(.timeLimit(.minutes(2))) struct PolicyCheckTests {
  private static let old = KubernetesVersion(major: 1, minor: 29)
  private static let new = KubernetesVersion(major: 1, minor: 30)
  private static let gate: JSONValue = [
    "metadata": ["name": "agent-ready-k8s-gate"], "spec": ["failurePolicy": "Fail"],
  ]

  private func binding(_ actions: JSONValue, _ resources: JSONValue? = nil) -> JSONValue {
    let spec: JSONValue = ["policyName": "agent-ready-k8s-gate", "validationActions": actions]
    return ["spec": resources.map { spec.setting("matchResources", to: $0) } ?? spec]
  }

  /// All rows but the one that names what is missing.
  private func lines(_ policies: Policies, on version: KubernetesVersion) -> [String] {
    policies.rows(on: version).map { "\($0.outcome.rawValue) \($0.text)" }
      .filter { !$0.hasPrefix("warning missing: ") }
  }

  private func missing(_ policies: Policies, on version: KubernetesVersion) -> [String] {
    policies.rows(on: version).filter { $0.text.hasPrefix("missing: ") }
      .flatMap { $0.text.dropFirst("missing: ".count).split(separator: ", ").map(String.init) }
  }

  @Test func aGateThatDenies() {
    let policies = Policies(policies: [Self.gate], bindings: [binding(["Deny", "Audit"])])
    #expect(lines(policies, on: Self.new) == ["ok agent-ready-k8s-gate denies"])
  }

  @Test func aGateThatDoesNotDeny() {
    for (bindings, weakness) in [
      ([], "is not bound, so it is not asked"),
      ([binding(["Warn", "Audit"])], "is bound, but not to Deny"),
      (
        [binding(["Deny"], ["namespaceSelector": [:]])],
        "is bound for a part of the cluster only"
      ),
    ] {
      let policies = Policies(policies: [Self.gate], bindings: bindings)
      #expect(lines(policies, on: Self.new) == ["warning agent-ready-k8s-gate \(weakness)"])
    }
    let open = Policies(
      policies: [Self.gate.setting("spec", "failurePolicy", to: "Ignore")],
      bindings: [binding(["Deny"])])
    #expect(
      lines(open, on: Self.new) == ["warning agent-ready-k8s-gate lets pass what it cannot judge"])
  }

  @Test func noGate() {
    let others = Policies(
      policies: [["metadata": ["name": "somebody-elses"], "spec": [:]]], bindings: [])
    #expect(lines(others, on: Self.new).count == 1)
    #expect(lines(others, on: Self.new)[0].hasPrefix("warning none protects the gate"))
    for (policies, version, hint) in [
      (others, Self.new, "kubectl apply -k deploy/kubernetes/policies/admission"),
      (
        Policies(), Self.old,
        "install Kyverno, and kubectl apply -k deploy/kubernetes/policies/kyverno"
      ),
      (
        Policies(groups: ["kyverno.io"]), Self.old,
        "kubectl apply -k deploy/kubernetes/policies/kyverno"
      ),
    ] {
      #expect(policies.rows(on: version).map(\.hint) == [hint, hint])
    }
  }

  @Test func whatIsMissingIsNamed() {
    func named(_ names: [String]) -> [JSONValue] {
      names.map { ["metadata": ["name": .string($0)], "spec": [:]] }
    }
    let gate = "agent-ready-k8s-gate"
    #expect(missing(Policies(), on: Self.new) == Policies.ofAdmission.filter { $0 != gate })
    #expect(missing(Policies(), on: Self.old) == Policies.ofKyverno.filter { $0 != gate })
    let all = Policies(policies: named(Policies.ofAdmission))
    #expect(missing(all, on: Self.new) == [])
    let less = named(Policies.ofAdmission.filter { !$0.hasSuffix("services") && $0 != gate })
    // The gate has a row of its own.
    #expect(missing(Policies(policies: less), on: Self.new) == ["agent-ready-k8s-services"])
    // Kyverno's will do on a newer cluster, too; they lack the one about kinds that a cluster may lack.
    for version in [Self.old, Self.new] {
      let kyverno = Policies(clusterPolicies: named(Policies.ofKyverno), groups: ["kyverno.io"])
      #expect(missing(kyverno, on: version) == [])
      let first = Policies(
        clusterPolicies: named(Array(Policies.ofKyverno.dropLast())), groups: ["kyverno.io"])
      #expect(missing(first, on: version) == ["agent-ready-k8s-services"])
    }
  }

  /// Where there is a network plug-in whose policies Kyverno does not judge yet.
  @Test func aPluginThatIsNotJudgedIsNamed() {
    func hints(
      _ groups: Set<String>, _ present: [String], on version: KubernetesVersion
    ) -> [String?] {
      let names = Policies.ofKyverno + present
      return Policies(
        clusterPolicies: names.map {
          [
            "metadata": ["name": .string($0)],
            "spec": ["validationFailureAction": "Enforce", "rules": [["name": "r"]]],
          ]
        }, groups: groups
      ).rows(on: version).filter { $0.outcome != .ok }.map(\.hint)
    }
    let file = "kubectl apply -f deploy/kubernetes/policies/kyverno/network-plugins"
    for version in [Self.old, Self.new] {
      #expect(hints(["kyverno.io"], [], on: version) == [])
      #expect(hints(["kyverno.io", "cilium.io"], [], on: version) == ["\(file)/cilium.yaml"])
      #expect(
        hints(["kyverno.io", "projectcalico.org", "crd.projectcalico.org"], [], on: version)
          == ["\(file)/calico.yaml", "\(file)/calico-api.yaml"])
      let cilium = "agent-ready-k8s-foreign-network-policies-cilium"
      #expect(hints(["kyverno.io", "cilium.io"], [cilium], on: version) == [])
    }
    // As ValidatingAdmissionPolicies there is one for all of them.
    #expect(
      Policies(policies: [], groups: ["cilium.io"]).rows(on: Self.new)
        .allSatisfy { $0.hint?.contains("network-plugins") != true })
  }

  /// What is looked for is what deploy/kubernetes has.
  @Test func noPolicyIsForgotten() async throws {
    for (folder, kind, names) in [
      ("admission", "ValidatingAdmissionPolicy", Policies.ofAdmission),
      ("kyverno", "ClusterPolicy", Policies.ofKyverno),
    ] {
      let found = try await Tool.run(
        "/bin/bash",
        [
          "-c",
          "cat deploy/kubernetes/policies/\(folder)/*.yaml | grep -A5 '^kind: \(kind)$' | grep -oE '^  name: .*'",
        ], folder: Stack.root)
      let present = found.output.split(separator: "\n").map {
        String($0.dropFirst("  name: ".count))
      }
      #expect(present.sorted() == names)
    }
  }

  @Test func kyvernos() {
    for (spec, outcome) in [
      (["validationFailureAction": "Enforce", "rules": [["name": "a"]]], "ok"),
      (["validationFailureAction": "enforce", "rules": [["name": "a"]]], "ok"),
      (["rules": [["validate": ["failureAction": "Enforce"]]]], "ok"),
      (["validationFailureAction": "Audit", "rules": [["name": "a"]]], "warning"),
      (
        [
          "rules": [
            ["validate": ["failureAction": "Enforce"]], ["validate": ["failureAction": "Audit"]],
          ]
        ], "warning"
      ),
      (["rules": [["name": "a"]]], "warning"), (["validationFailureAction": "Enforce"], "warning"),
      (
        [
          "validationFailureAction": "Enforce", "failurePolicy": "Ignore", "rules": [["name": "a"]],
        ], "warning"
      ),
    ] as [(JSONValue, String)] {
      let policies = Policies(
        clusterPolicies: [["metadata": ["name": "agent-ready-k8s-gate"], "spec": spec]],
        groups: ["kyverno.io"])
      let found = lines(policies, on: Self.old)
      #expect(found.count == 1 && found[0].hasPrefix(outcome), "\(spec): \(found)")
    }
  }

  /// No API server that the tests can run is as new as that, and the one of 1.20 cannot hold an object of
  /// Kyverno's: built with today's Go, it ends at the first custom resource. This one answers like others.
  @Test(arguments: ["1.29", "1.30", "1.37"])
  func aClusterIsAskedForItsPolicies(version: String) async throws {
    let minor = version.split(separator: ".")[1]
    // All but one.
    func all(_ names: [String], _ spec: JSONValue) -> JSONValue {
      .array(
        names.filter { !$0.hasSuffix("services") }
          .map { ["metadata": ["name": .string($0)], "spec": spec] })
    }
    let kyverno: JSONValue = ["validationFailureAction": "Enforce", "rules": [["name": "r"]]]
    let bindings = Policies.ofAdmission.map { name -> JSONValue in
      ["spec": ["policyName": .string(name), "validationActions": ["Deny"]]]
    }
    let groups: JSONValue = version == "1.29" ? [["name": "kyverno.io"]] : []
    let answers: [(path: String, body: JSONValue)] = [
      (
        "/version",
        ["major": "1", "minor": .string(String(minor)), "gitVersion": .string("v\(version).0")]
      ),
      ("/selfsubjectaccessreviews", ["status": ["allowed": true]]),
      (
        "/validatingadmissionpolicies",
        ["items": all(Policies.ofAdmission, ["failurePolicy": "Fail"])]
      ),
      ("/validatingadmissionpolicybindings", ["items": .array(bindings)]),
      ("/clusterpolicies", ["items": all(Policies.ofKyverno, kyverno)]),
      ("/apis", ["groups": groups]),
    ]
    let server = LocalServer { connection in
      var request = ""
      while !request.contains("\r\n\r\n") {
        guard let more = LocalServer.bytes(connection) else { return }
        request += String(decoding: more, as: UTF8.self)
      }
      let path = (request.split(separator: " ").dropFirst().first ?? "").prefix { $0 != "?" }
      let body = answers.first { path.hasSuffix($0.path) }?.body.serialized()
      LocalServer.reply(
        connection,
        "HTTP/1.1 \(body == nil ? "404 Not Found" : "200 OK")\r\nContent-Type: application/json\r\n"
          + "Content-Length: \((body ?? "{}").utf8.count)\r\nConnection: close\r\n\r\n\(body ?? "{}")"
      )
    }
    defer { server.stop() }
    try await Scene.play { scene in
      try await scene.withKubeconfig(
        replacing: /server: .*/, by: "server: http://127.0.0.1:\(server.port)"
      ) {
        let check = try await scene.clusterCommand("check", kubeconfig: $0)
        #expect(check.status == 0, "\(check.output)\(check.error)")
        let gate =
          version == "1.29"
          ? "agent-ready-k8s-gate of Kyverno denies" : "agent-ready-k8s-gate denies"
        #expect(check.output.contains("\nok       policy       \(gate)\n"), "\(check.output)")
        let last = check.output.split(separator: "\n").last
        #expect(
          last?.hasPrefix("warning  policy       missing: agent-ready-k8s-services HINT: ") == true,
          "\(check.output)")
        #expect(
          check.output.contains(
            version == "1.37"
              ? "warning  Kubernetes   version 1.37 HINT: 1.36 is the newest that was tried"
              : "ok       Kubernetes   version \(version)"), "\(check.output)")
      }
    }
  }
}

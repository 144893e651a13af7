internal import Foundation
internal import TestSupport
internal import Testing

@testable import Kubernetes

/// What deploy/kubernetes has besides what the stack applies, and the rights that it gives.
@Suite(.timeLimit(.minutes(2))) struct DeploymentTests {
  @Test(arguments: [
    ("agent", ["daemonset", "service", "networkpolicy"]), ("agent-sidecar", ["deployment"]),
  ])
  func theServerTakesTheExamples(folder: String, kinds: [String]) async throws {
    let result = try await Tool.run(
      Stack.current.kubectl,
      [
        "--kubeconfig", Stack.current.adminKubeconfig, "apply", "--dry-run=server", "-k",
        "\(Stack.root)/deploy/kubernetes/\(folder)",
      ])
    #expect(result.status == 0, "\(result.error)")
    for kind in kinds { #expect(result.output.contains("\(kind)"), "\(result.output)") }
    #expect(!result.error.contains("unknown field"))
  }

  private func kubectl(_ kubeconfig: String, _ arguments: [String]) async throws -> Tool.Result {
    try await Tool.run(Stack.current.kubectl, ["--kubeconfig", kubeconfig] + arguments)
  }

  @Test(arguments: [
    ("overlays/v1.30", "flowcontrol.apiserver.k8s.io/v1\n", 10, 0),
    ("overlays/v1.26-kyverno", "flowcontrol.apiserver.k8s.io/v1beta3\n", 0, 9),
    ("overlays/v1.20", "flowcontrol.apiserver.k8s.io/v1beta1\n", 0, 0),
  ])
  func theOverlaysBuild(folder: String, flow: String, admission: Int, kyverno: Int) async throws {
    let result = try await kubectl(
      Stack.current.adminKubeconfig, ["kustomize", "\(Stack.root)/deploy/kubernetes/\(folder)"])
    #expect(result.status == 0, "\(result.error)")
    func count(_ line: String) -> Int {
      result.output.components(separatedBy: "kind: \(line)\n").count - 1
    }
    #expect(result.output.contains("apiVersion: \(flow)"))
    #expect(count("FlowSchema") == 1 && count("PriorityLevelConfiguration") == 1)
    #expect(count("Namespace") == 1)
    #expect(result.output.components(separatedBy: "\nkind: NetworkPolicy\n").count == 5)
    #expect(count("ValidatingAdmissionPolicy") == admission)
    #expect(count("ValidatingAdmissionPolicyBinding") == admission)
    #expect(count("ClusterPolicy") == kyverno)
  }

  /// What an overlay has, by kind and name.
  private func objects(of overlay: String) async throws -> [String: KubeconfigEntry] {
    let result = try await kubectl(
      Stack.current.adminKubeconfig,
      ["kustomize", "\(Stack.root)/deploy/kubernetes/overlays/\(overlay)"])
    #expect(result.status == 0, "\(result.error)")
    let folder = try Folder()
    var objects: [String: KubeconfigEntry] = [:]
    for text in result.output.components(separatedBy: "\n---\n") {
      let object = try KubeconfigEntry(path: try folder.write("object.yaml", text))
      let name = try object.entry("metadata")?.text("name") ?? "-"
      objects["\(try object.text("kind") ?? "-") \(name)"] = object
    }
    return objects
  }

  static let overlays = ["v1.30", "v1.26-kyverno", "v1.20"]

  private static func ports(_ ports: Int...) -> JSONValue {
    .array(ports.map { ["protocol": "TCP", "port": .integer(Int64($0))] })
  }

  private static func pods(_ name: String) -> JSONValue {
    ["matchLabels": ["app.kubernetes.io/name": .string(name)]]
  }

  private static let monitoring: JSONValue = [
    "namespaceSelector": ["matchLabels": ["agent-ready-k8s/monitoring": "true"]]
  ]

  /// Nothing comes in and nothing goes out but what each of our daemons needs; the bridge never reaches the
  /// API server.
  @Test(arguments: overlays) func ourDaemonsReachWhatTheyNeedAndNoMore(overlay: String) async throws
  {
    let wanted: [String: JSONValue] = [
      "default-deny": [
        "podSelector": [:], "policyTypes": ["Ingress", "Egress"],
        "egress": [
          [
            "to": [
              [
                "namespaceSelector": [
                  "matchLabels": ["kubernetes.io/metadata.name": "kube-system"]
                ],
                "podSelector": ["matchLabels": ["k8s-app": "kube-dns"]],
              ]
            ],
            "ports": [["protocol": "UDP", "port": 53], ["protocol": "TCP", "port": 53]],
          ]
        ],
      ],
      "provisioner": [
        "podSelector": Self.pods("provisioner"), "policyTypes": ["Egress"],
        "egress": [
          ["ports": Self.ports(5432, 6432)], ["ports": Self.ports(443, 6443)],
          ["to": [Self.monitoring], "ports": Self.ports(9090)],
        ],
      ],
      "bridge": [
        "podSelector": Self.pods("bridge"), "policyTypes": ["Egress"],
        "egress": [["ports": Self.ports(5432, 6432, 6379, 6380, 26379)]],
      ],
      "metrics": [
        "podSelector": [
          "matchExpressions": [
            [
              "key": "app.kubernetes.io/name", "operator": "In",
              "values": ["provisioner", "bridge"],
            ]
          ]
        ],
        "policyTypes": ["Ingress"],
        "ingress": [
          ["from": [["podSelector": [:]], Self.monitoring], "ports": Self.ports(8701)]
        ],
      ],
    ]
    let objects = try await objects(of: overlay)
    let policies = objects.filter { $0.key.hasPrefix("NetworkPolicy ") }
    #expect(Set(policies.keys) == Set(wanted.keys.map { "NetworkPolicy \($0)" }))
    for (name, spec) in wanted {
      let policy = policies["NetworkPolicy \(name)"]
      #expect(policy?.json("spec") == spec, "\(name)")
      #expect(policy?.json("metadata")?["namespace"] == "agent-ready-k8s-system")
    }
  }

  /// Our own daemons run without any right on their node.
  @Test(arguments: overlays) func ourNamespaceIsRestricted(overlay: String) async throws {
    let namespace = try await objects(of: overlay)["Namespace agent-ready-k8s-system"]
    let labels = namespace?.json("metadata")?["labels"]
    for (mode, level) in [
      ("enforce", "restricted"), ("enforce-version", "latest"), ("audit", "restricted"),
      ("warn", "restricted"),
    ] {
      #expect(labels?["pod-security.kubernetes.io/\(mode)"]?.string == level)
    }
  }

  /// Only v1beta1 can be tried here: the newer ones say the same, but for the name of one field.
  @Test(arguments: ["v1.30", "v1.26-kyverno"])
  func flowControlIsTheSameInEveryVersion(overlay: String) async throws {
    let (old, new) = (try await objects(of: "v1.20"), try await objects(of: overlay))
    let schema = "FlowSchema agent-ready-k8s-provisioner"
    #expect(old[schema]?.json("spec") != nil)
    #expect(new[schema]?.json("spec") == old[schema]?.json("spec"))

    let level = "PriorityLevelConfiguration agent-ready-k8s"
    var limited = try #require(new[level]?.json("spec")?["limited"]?.object)
    // What v1beta1 does not know: lent to others while no tenant is made.
    #expect(limited.removeValue(forKey: "lendablePercent")?.integer == 50)
    limited["assuredConcurrencyShares"] = limited.removeValue(forKey: "nominalConcurrencyShares")
    #expect(limited["assuredConcurrencyShares"]?.integer == 20)
    #expect(JSONValue.object(limited) == old[level]?.json("spec")?["limited"])
    #expect(new[level]?.json("spec")?["type"] == old[level]?.json("spec")?["type"])
  }

  /// Requests of the provisioner wait for nobody else's.
  @Test func theServerTellsTheProvisionersRequestsFromOthers() async throws {
    let folder = "\(Stack.root)/deploy/kubernetes/overlays/v1.20"
    let applied = try await kubectl(Stack.current.adminKubeconfig, ["apply", "-k", folder])
    #expect(applied.status == 0, "\(applied.error)")
    let uid = try await kubectl(
      Stack.current.adminKubeconfig,
      ["get", "flowschema", "agent-ready-k8s-provisioner", "-o", "jsonpath={.metadata.uid}"])
    #expect(uid.output.count == 36, "\(uid.error)")
    try await eventually("a request of the schema \(uid.output)") {
      let answer = try await kubectl(
        Stack.current.provisionerKubeconfig, ["get", "namespaces", "-v=8"])
      return answer.error.lowercased().contains("flowschema-uid: \(uid.output)")
    }
    let other = try await kubectl(Stack.current.adminKubeconfig, ["get", "namespaces", "-v=8"])
    #expect(!other.error.contains(uid.output))
  }

  /// The verbs of the user's document, what they do not suffice for, and nothing that leads further.
  @Test func theProvisionerHasTheRightsThatItNeedsAndNoMore() async throws {
    let granted = [
      "create,get,list,patch,delete namespaces", "create,get,list,patch,update resourcequotas",
      "create,get,list,patch,update networkpolicies.networking.k8s.io",
      "create,get,list,patch,update,delete rolebindings.rbac.authorization.k8s.io",
      "list,delete pods",
      "create,get,list,patch,update limitranges", "create,get,list,patch serviceaccounts",
      "update,patch resourcequotas/status",
      "bind clusterroles.rbac.authorization.k8s.io/admin",
      "bind clusterroles.rbac.authorization.k8s.io/edit",
      "bind clusterroles.rbac.authorization.k8s.io/view",
    ]
    let refused = [
      "update,watch namespaces", "update,patch namespaces/finalize,namespaces/status",
      "delete,deletecollection resourcequotas,limitranges,serviceaccounts",
      "delete networkpolicies.networking.k8s.io",
      "get,list,create secrets", "create,get pods", "create pods/exec,serviceaccounts/token",
      "impersonate users,groups,serviceaccounts",
      "create roles.rbac.authorization.k8s.io,clusterroles.rbac.authorization.k8s.io",
      "create clusterrolebindings.rbac.authorization.k8s.io",
      "escalate clusterroles.rbac.authorization.k8s.io",
      "bind clusterroles.rbac.authorization.k8s.io/cluster-admin",
      "create,patch,delete validatingwebhookconfigurations.admissionregistration.k8s.io",
    ]
    for (answer, rows) in [("yes", granted), ("no", refused)] {
      for row in rows {
        let parts = row.split(separator: " ").map { $0.split(separator: ",").map(String.init) }
        for (verb, resource) in parts[0].flatMap({ verb in parts[1].map { (verb, $0) } }) {
          let sub = resource.split(separator: "/").map(String.init)
          let isName = sub.count == 2 && verb == "bind"
          let arguments =
            isName || sub.count == 1
            ? [verb, resource] : [verb, sub[0], "--subresource", sub[1]]
          let result = try await kubectl(
            Stack.current.provisionerKubeconfig,
            ["auth", "can-i", "--all-namespaces"] + arguments)
          #expect(
            result.output.trimmingCharacters(in: .newlines) == answer, "\(verb) \(resource)")
        }
      }
    }
  }
}

internal import Kubernetes

@testable internal import provisioner

/// What a tenant must be. Written down once more, not taken from the blueprint: a blueprint without a
/// network policy is to be found, too.
extension Judge {
  /// COMMITTED, SUSPENDED, and not so.
  var incomplete: [String] {
    organizations.flatMap { organization -> [String] in
      guard ["COMMITTED", "SUSPENDED"].contains(organization.status),
        !rules.areBereft.contains(organization.id)
      else { return [] }
      return lacks(organization).map {
        "\(organization.namespace) is \(organization.status), and \($0)"
      }
    }
  }

  private func lacks(_ organization: Organization) -> [String] {
    let name = organization.namespace
    guard let namespace = namespaces[name] else { return ["its namespace is not there"] }
    let metadata = namespace["metadata"]
    let uid = metadata?["uid"]?.string
    var lacks: [String] = []
    if organization.namespaceUID == nil || uid != organization.namespaceUID {
      lacks.append(
        "its namespace is \(uid ?? "-"), not the recorded \(organization.namespaceUID ?? "none")")
    }
    if metadata?["deletionTimestamp"] != nil { lacks.append("its namespace is being deleted") }
    if Fence(namespace)?.operationID != organization.operationID {
      lacks.append("its namespace does not bear its operation id")
    }
    let labels = metadata?["labels"]
    let isOpen = labels?["isolation-ready"]?.string == "true"
    if isOpen != (organization.status == "COMMITTED") {
      lacks.append(isOpen ? "its gate is open" : "its gate is closed")
    }
    if labels?["pod-security.kubernetes.io/enforce"]?.string != "baseline" {
      lacks.append("its pods may be privileged")
    }
    if organization.status == "SUSPENDED" {
      let pods = objects.filter {
        $0.key.namespace == name && $0.key.resource == "pods"
          && $0.value["metadata"]?["deletionTimestamp"] == nil
      }
      if !pods.isEmpty { lacks.append("its pods run: \(pods.keys.map(\.name).sorted())") }
    }
    for (resource, object, wanted) in wanted(organization) {
      guard let actual = objects[Place(namespace: name, resource: resource, name: object)] else {
        // A binding of nobody grants what a missing one grants.
        if wanted["subjects"]?.array?.isEmpty != true {
          lacks.append("has no \(resource)/\(object)")
        }
        continue
      }
      let owners = actual["metadata"]?["ownerReferences"]?.array?.map { $0["uid"]?.string }
      if object != "default", owners != [uid] {
        lacks.append("\(resource)/\(object) does not go with its namespace")
      }
      lacks += actual.differences(from: wanted).map { "\(resource)/\(object) differs: \($0)" }
      // To lack what is not to be there is no difference.
      if resource == "networkpolicies",
        actual["spec"]?["podSelector"]?.object?.isEmpty == false
          || actual["spec"]?["ingress"]?.array?.isEmpty == false
      {
        lacks.append("\(resource)/\(object) does not deny to every pod")
      }
    }
    return lacks
  }

  private func wanted(_ organization: Organization) -> [(String, String, JSONValue)] {
    let hard: JSONValue = [
      "requests.cpu": .string(organization.cpu), "limits.cpu": .string(organization.cpu),
      "requests.memory": .string(organization.memory),
      "limits.memory": .string(organization.memory),
      "requests.storage": .string(organization.storage),
    ]
    var wanted: [(String, String, JSONValue)] = [
      // What the status says is what is enforced.
      ("resourcequotas", "tenant", ["spec": ["hard": hard], "status": ["hard": hard]]),
      (
        "limitranges", "tenant",
        [
          "spec": [
            "limits": [
              [
                "type": "Container", "default": ["cpu": "500m", "memory": "512Mi"],
                "defaultRequest": ["cpu": "100m", "memory": "128Mi"], "max": .null, "min": .null,
              ]
            ]
          ]
        ]
      ),
      ("serviceaccounts", "default", [:]),
      (
        "networkpolicies", "default-deny",
        [
          "spec": [
            "policyTypes": ["Ingress", "Egress"],
            // Name resolution, of the cluster's own, and nothing else.
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
                "ports": [
                  ["port": 53, "protocol": "UDP", "endPort": .null],
                  ["port": 53, "protocol": "TCP", "endPort": .null],
                ],
              ]
            ],
          ]
        ]
      ),
    ]
    for (role, clusterRole) in [
      ("owner", "admin"), ("admin", "admin"), ("member", "edit"), ("viewer", "view"),
    ] {
      let subjects = (organization.members[role] ?? []).map { address -> JSONValue in
        ["kind": "User", "name": .string(address)]
      }
      wanted.append(
        (
          "rolebindings", role,
          ["roleRef": ["name": .string(clusterRole)], "subjects": .array(subjects)]
        ))
    }
    return wanted
  }
}

internal import Daemon
internal import Kubernetes

/// The admission policies of a cluster, as far as they are ours, and what they are worth.
struct Policies: Sendable {
  /// ValidatingAdmissionPolicies and their bindings.
  var policies: [JSONValue] = []
  var bindings: [JSONValue] = []
  /// Kyverno's.
  var clusterPolicies: [JSONValue] = []
  /// The API groups that the cluster serves, by which its network plug-in is known.
  var groups: Set<String> = []

  /// How the names of ours begin.
  private static let prefix = "agent-ready-k8s-"
  /// The one without which pods get in too early.
  private static let gate = "agent-ready-k8s-gate"
  /// Those of deploy/kubernetes/policies/kyverno. The one about kinds of network plug-ins is in files of its own,
  /// as Kyverno refuses a policy about kinds that the cluster lacks.
  static let ofKyverno = [
    "gate", "managed-objects", "namespace-guard", "namespace-lifecycle", "namespace-subresources",
    "network-policies", "provisioner", "role-bindings", "services",
  ].map { prefix + $0 }
  /// Those of deploy/kubernetes/policies/admission.
  static let ofAdmission = (ofKyverno + [prefix + "foreign-network-policies"]).sorted()

  /// Whose policies add to ours, and the file of deploy/kubernetes/policies/kyverno/network-plugins that keeps
  /// tenants from writing them.
  private static let plugins = [
    "cilium.io": "cilium", "crd.antrea.io": "antrea", "crd.projectcalico.org": "calico",
    "projectcalico.org": "calico-api",
  ]

  private typealias Row = CheckReport.Row

  private var hasKyverno: Bool { groups.contains("kyverno.io") }

  /// A row for each policy of ours, one for all that are missing, and one if the gate is among them.
  func rows(on version: KubernetesVersion) -> [CheckReport.Row] {
    var rows = ours(policies).map {
      row($0.name, weaknessOfAdmission($0.name, $0.policy), "admission")
    }
    rows += ours(clusterPolicies).map {
      row("\($0.name) of Kyverno", weaknessOfKyverno($0.policy), "kyverno")
    }
    // Kyverno's will do on a newer cluster, too.
    let isAdmission =
      version >= .withAdmissionPolicies
      && (!ours(policies).isEmpty || ours(clusterPolicies).isEmpty)
    let present = Set((ours(policies) + ours(clusterPolicies)).map(\.name))
    let missing = (isAdmission ? Self.ofAdmission : Self.ofKyverno).filter { !present.contains($0) }
    let hint =
      (isAdmission || hasKyverno ? "" : "install Kyverno, and ")
      + Self.apply(isAdmission ? "admission" : "kyverno")
    let others = missing.filter { $0 != Self.gate }
    if !others.isEmpty {
      rows.append(
        Row(.warning, "policy", "missing: \(others.joined(separator: ", "))", hint: hint))
    }
    if missing.contains(Self.gate) {
      rows.append(
        Row(
          .warning, "policy",
          "none protects the gate: pods may get into a namespace that is not isolated yet",
          hint: hint))
    }
    return rows + (isAdmission ? [] : unjudgedPlugins(present))
  }

  /// A policy about kinds that the cluster lacks is refused by Kyverno, so each plug-in's is applied by hand.
  private func unjudgedPlugins(_ present: Set<String>) -> [Row] {
    guard hasKyverno else { return [] }
    return Self.plugins.sorted { $0.key < $1.key }.compactMap { group, file in
      let name = "\(Self.prefix)foreign-network-policies-\(file)"
      guard groups.contains(group), !present.contains(name) else { return nil }
      return Row(
        .warning, "policy", "missing: \(name), as the cluster has \(group)",
        hint: "kubectl apply -f deploy/kubernetes/policies/kyverno/network-plugins/\(file).yaml")
    }
  }

  private func ours(_ all: [JSONValue]) -> [(name: String, policy: JSONValue)] {
    all.compactMap { policy in
      guard let name = policy["metadata"]?["name"]?.string, name.hasPrefix(Self.prefix) else {
        return nil
      }
      return (name, policy)
    }.sorted { $0.name < $1.name }
  }

  private func row(_ what: String, _ weakness: String?, _ place: String) -> Row {
    guard let weakness else { return Row(.ok, "policy", "\(what) denies") }
    return Row(.warning, "policy", "\(what) \(weakness)", hint: Self.apply(place))
  }

  private static func apply(_ place: String) -> String {
    "kubectl apply -k deploy/kubernetes/policies/\(place)"
  }

  /// Why a ValidatingAdmissionPolicy does not deny what it is there for; `nil` if it does.
  private func weaknessOfAdmission(_ name: String, _ policy: JSONValue) -> String? {
    let bound = bindings.filter { $0["spec"]?["policyName"]?.string == name }
    guard !bound.isEmpty else { return "is not bound, so it is not asked" }
    let denying = bound.filter {
      $0["spec"]?["validationActions"]?.array?.contains("Deny") == true
    }
    guard !denying.isEmpty else { return "is bound, but not to Deny" }
    guard denying.contains(where: { $0["spec"]?["matchResources"] == nil }) else {
      return "is bound for a part of the cluster only"
    }
    // The API server's default is Fail.
    if policy["spec"]?["failurePolicy"]?.string == "Ignore" {
      return "lets pass what it cannot judge"
    }
    return nil
  }

  /// Why a policy of Kyverno does not deny what it is there for; `nil` if it does.
  private func weaknessOfKyverno(_ policy: JSONValue) -> String? {
    let all = policy["spec"]?["validationFailureAction"]?.string
    let actions = (policy["spec"]?["rules"]?.array ?? []).map {
      $0["validate"]?["failureAction"]?.string ?? all
    }
    guard actions.allSatisfy({ $0?.lowercased() == "enforce" }), !actions.isEmpty else {
      return "audits, and does not enforce"
    }
    if policy["spec"]?["failurePolicy"]?.string == "Ignore" {
      return "lets pass what it cannot judge"
    }
    return nil
  }
}

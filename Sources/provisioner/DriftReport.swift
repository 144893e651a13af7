internal import Daemon
internal import Kubernetes

/// What in Kubernetes is not as the blueprint says.
struct DriftReport: Sendable {
  enum What: String, Sendable {
    case differs
    case missing
    /// A pod of a tenant that is suspended.
    case unwanted
    /// A namespace with our prefix that no organisation owns.
    case stray
  }

  /// A field, an object or a namespace that is not as it should be.
  struct Finding: Sendable {
    /// `nil`: nobody's.
    var slug: String?
    var namespace: String
    /// `resourcequotas/tenant`.
    var object: String
    var what: What
    /// Which field, where fields differ.
    var difference: Difference?
  }

  /// An object that could not be looked at.
  struct Unseen: Sendable {
    var slug: String
    var object: String
    var why: String
  }

  var findings: [Finding] = []
  var unseen: [Unseen] = []
  var organizations = 0

  /// Adds what a comparison has found.
  mutating func add(_ result: Comparison.Result) {
    organizations += 1
    findings += result.findings
    unseen += result.unseen
  }

  /// A line per finding, for people; none if there is nothing.
  var lines: [String] {
    var table = TextTable("NAMESPACE", "OBJECT", "FIELD", "IS", "SHOULD BE")
    for finding in findings {
      let (now, should) =
        switch finding.what {
        case .differs: (text(finding.difference?.actual), text(finding.difference?.desired))
        case .missing: ("absent", "present")
        case .unwanted: ("present", "absent")
        case .stray: ("present", "owned by an organisation")
        }
      table.add(finding.namespace, finding.object, finding.difference?.field, now, should)
    }
    return table.isEmpty ? [] : table.lines
  }

  /// The same for programs.
  var json: JSONValue {
    [
      "apiVersion": "agent-ready-k8s/v1", "kind": "ProvisionerDrift",
      "organizations": .integer(Int64(organizations)),
      "findings": .array(
        findings.map { finding in
          [
            "organization": finding.slug.map(JSONValue.string) ?? .null,
            "namespace": .string(finding.namespace), "object": .string(finding.object),
            "what": .string(finding.what.rawValue),
            "field": finding.difference.map { .string($0.field) } ?? .null,
            "is": finding.difference?.actual ?? .null,
            "should": finding.difference?.desired ?? .null,
          ]
        }),
      "unseen": .array(
        unseen.map {
          ["organization": .string($0.slug), "object": .string($0.object), "why": .string($0.why)]
        }),
    ]
  }

  /// What is to be said besides, on standard error.
  var talk: [String] {
    unseen.map { "could not look at \($0.object) of \($0.slug): \($0.why)" } + [
      findings.isEmpty
        ? "no drift in \(organizations) organisations"
        : "\(findings.count) findings in \(organizations) organisations; "
          + "SELECT admin.repair(slug, 'why'); puts one right, a stray namespace is left to you"
    ]
  }

  private func text(_ value: JSONValue?) -> String {
    guard let value, value != .null else { return "<none>" }
    return value.string ?? value.serialized()
  }
}

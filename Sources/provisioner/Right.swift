internal import Kubernetes

/// A right in Kubernetes, of `provisioning.required_rights`.
struct Right: Sendable, CustomStringConvertible {
  var verb: String
  /// Empty: the core group.
  var group: String
  /// With its subresource: `resourcequotas/status`.
  var resource: String
  /// `nil`: any.
  var name: String?
  /// The steps of the blueprint that need it.
  var neededFor: String

  /// Near to what `kubectl auth can-i` takes: `bind clusterroles.rbac.authorization.k8s.io admin`.
  var description: String {
    [verb, resource + (group.isEmpty ? "" : ".\(group)"), name].compactMap(\.self)
      .joined(separator: " ")
  }

  /// The question whether we have it, in every namespace (SelfSubjectAccessReview).
  var review: JSONValue {
    let parts = resource.split(separator: "/", maxSplits: 1).map(String.init)
    var attributes: [String: JSONValue] = [
      "verb": .string(verb), "group": .string(group), "resource": .string(parts[0]),
    ]
    if parts.count > 1 { attributes["subresource"] = .string(parts[1]) }
    if let name { attributes["name"] = .string(name) }
    return [
      "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
      "spec": ["resourceAttributes": .object(attributes)],
    ]
  }
}

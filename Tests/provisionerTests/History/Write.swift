internal import Kubernetes

/// A write that the API server has carried out or refused, from its audit log.
struct Write: Sendable {
  /// Who.
  var user: String
  /// create, update, patch, delete or deletecollection.
  var verb: String
  /// With the subresource, if any: `resourcequotas/status`.
  var resource: String
  /// The namespace; of a namespace its own name.
  var namespace: String
  /// The object's name; of a collection `nil`.
  var name: String?
  /// HTTP status of the answer, which may have been lost on the way.
  var code: Int
  var request: JSONValue?
  var response: JSONValue?
  /// What its caller has named it: operation, step and attempt.
  var auditID = ""
  /// When it began and ended: RFC 3339 in UTC with microseconds, which sort as texts.
  var began: String
  var ended: String

  /// Whether it was carried out.
  var isDone: Bool { (200..<300).contains(code) }

  /// Whether a provisioner wrote it, under whichever of its accounts.
  var isOurs: Bool {
    user.hasPrefix("system:serviceaccount:agent-ready-k8s-system:provisioner")
  }

  /// The attempt that it belongs to: operation and fence; `nil` if its name says none.
  var attempt: String? {
    let parts = auditID.split(separator: "/")
    guard parts.count == 3, Int64(parts[2]) != nil else { return nil }
    return "\(parts[0])/\(parts[2])"
  }

  /// Whether the namespace that was answered is open.
  var isOpen: Bool { response?["metadata"]?["labels"]?["isolation-ready"]?.string == "true" }

  /// Whether the object that was answered is not gone, though it may be deleted: it has a grace period, or
  /// somebody has promised to clean up.
  var lingers: Bool {
    let metadata = response?["metadata"]
    return (metadata?["deletionGracePeriodSeconds"]?.integer ?? 0) > 0
      || metadata?["finalizers"]?.array?.isEmpty == false
  }

  /// The uid of the object that was answered.
  var uid: String? { response?["metadata"]?["uid"]?.string }
}

extension Write: CustomStringConvertible {
  var description: String {
    "\(verb) \(resource) \(namespace)\(name.map { "/\($0)" } ?? "") by \(user.split(separator: ":").last ?? "-"): \(code)"
  }
}

extension Write {
  /// A line of the audit log (audit.k8s.io/v1, `Event`); `nil` if it is no write.
  init?(_ event: JSONValue) {
    guard let object = event["objectRef"], let resource = object["resource"]?.string,
      let verb = event["verb"]?.string, let user = event["user"]?["username"]?.string,
      let code = event["responseStatus"]?["code"]?.integer
    else { return nil }
    self.user = user
    self.verb = verb
    self.resource = resource + (object["subresource"]?.string.map { "/\($0)" } ?? "")
    self.code = Int(code)
    auditID = event["auditID"]?.string ?? ""
    request = event["requestObject"]
    response = event["responseObject"]
    name = object["name"]?.string ?? request?["metadata"]?["name"]?.string
    guard let namespace = object["namespace"]?.string ?? name else { return nil }
    self.namespace = namespace
    began = event["requestReceivedTimestamp"]?.string ?? ""
    ended = event["stageTimestamp"]?.string ?? ""
  }
}

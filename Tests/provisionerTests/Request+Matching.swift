internal import Kubernetes
internal import Postgres

@testable internal import provisioner

/// How tests name a call.
extension Request {
  var path: String {
    switch self {
    case .get(let path), .list(let path), .create(let path, _), .replace(let path, _),
      .patch(let path, _),
      .merge(let path, _), .apply(let path, _), .delete(let path, _, _):
      path
    }
  }

  /// The namespace's creation.
  var createsNamespace: Bool {
    if case .create("/api/v1/namespaces", _) = self { true } else { false }
  }

  /// The creation of an object in the namespace.
  var createsChild: Bool {
    if case .create(let path, _) = self { path != "/api/v1/namespaces" } else { false }
  }

  /// The patch that opens or closes the gate.
  var turnsGate: Bool {
    if case .patch(_, let body) = self {
      body.serialized().contains("isolation-ready")
    } else {
      false
    }
  }

  /// The patch with which an attempt takes a namespace over.
  var takesOver: Bool {
    if case .patch = self { !turnsGate && !writesStatus } else { false }
  }

  /// The write by which the limits of a quota are enforced at once.
  var writesStatus: Bool {
    switch self {
    case .patch(let path, _), .merge(let path, _), .replace(let path, _): path.hasSuffix("/status")
    case .get, .list, .create, .apply, .delete: false
    }
  }

  /// The deletion of the namespace.
  var deletesNamespace: Bool {
    if case .delete(let path, _, _) = self { path.split(separator: "/").count == 4 } else { false }
  }

  /// The deletion of a pod.
  var deletesPod: Bool {
    if case .delete(let path, _, _) = self { path.contains("/pods/") } else { false }
  }
}

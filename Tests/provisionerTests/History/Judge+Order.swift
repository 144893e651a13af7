internal import Kubernetes

/// In which order a tenant was made and ended, by the beginnings and ends in the API server's audit log.
///
/// - A namespace is opened when everything else that the attempt has written is answered, and when everything
///   is there that isolates it.
/// - Pods are deleted when it is closed; the namespace, when no pod of a tenant that was open is left, not even one
///   that has its grace period.
extension Judge {
  var misordered: [String] {
    // What is not in the log has no place in an order.
    if rules.mayMissWrites { return [] }
    let changes = writes.filter { $0.resource == "namespaces" && $0.isDone }
    return changes.filter(\.isOurs).flatMap { write in
      write.verb == "delete" ? faults(ofDeletion: write) : faults(ofOpening: write, changes)
    } + faultsOfPods(changes)
  }

  private func before(_ write: Write, _ changes: [Write]) -> Write? {
    changes.last { $0.uid == write.uid && $0.ended <= write.began }
  }

  /// What isolates a tenant. Without a status, a quota enforces nothing.
  private static let isolation = [
    "resourcequotas/tenant", "resourcequotas/status/tenant", "limitranges/tenant",
    "networkpolicies/default-deny", "rolebindings/owner",
  ]

  private func faults(ofOpening write: Write, _ changes: [Write]) -> [String] {
    guard write.isOpen, before(write, changes)?.isOpen != true else { return [] }
    // What was refused has changed nothing: where a connection was lost, a request is sent once more, and the
    // first one may be answered, to nobody, after the second.
    let late = writes.filter {
      $0.isDone && $0.resource != "namespaces" && $0.isOurs && $0.attempt == write.attempt
        && $0.namespace == write.namespace && $0.ended > write.began
    }
    let standing = standing(at: write)
    return late.map { "opened before what else there was to do was done: \(write), \($0)" }
      + Self.isolation.filter { !standing.contains($0) }.map {
        "opened before there was a \($0): \(write)"
      }
  }

  /// What lies in a namespace when an attempt opens it, whoever has put it there: what says the same is
  /// adopted. What others delete in the middle of the attempt, it may have seen before.
  private func standing(at opening: Write) -> Set<String> {
    let start = writes.first { $0.isOurs && $0.attempt == opening.attempt }?.began ?? opening.began
    var standing: Set<String> = []
    for write in writes where write.isDone && write.namespace == opening.namespace {
      // Of others' writes the attempt hears by being refused (409), before their ends are written down.
      guard (write.isOurs ? write.ended : write.began) <= opening.began, isIn(opening.uid, write)
      else { continue }
      let isGone = write.isOurs || write.ended <= start
      switch (write.verb, write.name) {
      case ("deletecollection", _):
        if isGone { standing = standing.filter { !$0.hasPrefix("\(write.resource)/") } }
      case ("delete", let name):
        if isGone { standing.remove("\(write.resource)/\(name ?? "-")") }
      case (_, let name): standing.insert("\(write.resource)/\(name ?? "-")")
      }
    }
    return standing
  }

  /// Whether something was written into the namespace of a uid.
  private func isIn(_ uid: String?, _ write: Write) -> Bool {
    write.resource != "namespaces" && incumbent(of: write.namespace, at: write.began) == uid
  }

  private func faultsOfPods(_ changes: [Write]) -> [String] {
    writes.filter { $0.isOurs && $0.resource == "pods" && $0.verb == "delete" && $0.isDone }
      .filter { pod in
        guard let uid = incumbent(of: pod.namespace, at: pod.began) else { return false }
        return changes.last { $0.uid == uid && $0.ended <= pod.began }?.isOpen == true
      }
      .map { "deleted a pod while the gate was open: \($0)" }
  }

  private func faults(ofDeletion write: Write) -> [String] {
    let inside = writes.filter { $0.resource == "pods" && $0.isDone && isIn(write.uid, $0) }
    let wasOpen = writes.contains {
      $0.resource == "namespaces" && $0.uid == write.uid && $0.isDone && $0.isOpen
    }
    guard wasOpen else { return [] }
    var faults: [String] = []
    if write.isOpen { faults.append("deleted an open namespace: \(write)") }
    let deleted = Set(
      inside.filter { $0.verb == "delete" && !$0.lingers && $0.ended <= write.began }
        .compactMap(\.name))
    let made = inside.filter { $0.verb == "create" && $0.ended <= write.began }.compactMap(\.name)
    faults += made.filter { !deleted.contains($0) }.map {
      "deleted a namespace before its pod \($0): \(write)"
    }
    return faults
  }
}

extension Judge {
  /// Our writes whose names in the audit log do not say which operation, step and attempt they belong to.
  var unnamed: [String] {
    let operations = Set(organizations.map(\.operationID))
    return writes.filter { write in
      let operation = write.auditID.split(separator: "/").first.map(String.init) ?? ""
      return write.isOurs && (write.attempt == nil || !operations.contains(operation))
    }.map { "has no name in the audit log: \($0), \"\($0.auditID)\"" }
  }
}

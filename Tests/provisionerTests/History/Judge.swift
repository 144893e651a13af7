internal import Kubernetes

@testable internal import provisioner

/// Judges what became of tenants by what is promised. A struct without I/O, so that it is itself put to
/// the test.
///
/// - COMMITTED means every object, an enforced quota, and the label on the recorded uid; SUSPENDED the
///   same without the label, and no pod.
/// - Nothing that is not ours is ever deleted, labelled or written into, and nobody who was overtaken
///   writes again. Judged by the API server's audit log.
/// - Closed until it is isolated; closed, then emptied, then deleted (`misordered`).
/// - Each of our writes bears operation, step and attempt in that log.
/// - No orphan: what FAILED or was DELETED has left nothing, and nothing of ours belongs to nobody.
/// - Each job is finished, and once.
///
/// That running again converges is judged by two of them: see `differences(from:)`.
struct Judge: Sendable {
  struct Organization: Sendable {
    var id: Int64
    var namespace: String
    var status: String
    var operationID: String
    var namespaceUID: String?
    /// The quota in effect: Kubernetes quantities.
    var cpu = "10"
    var memory = "20Gi"
    var storage = "10Gi"
    /// Addresses by role: owner, admin, member, viewer.
    var members: [String: [String]] = [:]
  }

  struct Job: Sendable {
    var id: Int64
    var orgID: Int64
    var kind: String
    var state: String
    /// Whether its time has come.
    var isDue = true
    /// Its states one after the other, as they were committed.
    var states: [String]
  }

  /// An object in the cluster, by where it lies.
  struct Place: Sendable, Hashable, CustomStringConvertible {
    var namespace: String
    /// As in a path: `resourcequotas`.
    var resource: String
    var name: String

    var description: String { "\(resource)/\(name) of \(namespace)" }
  }

  /// What the trial has done that changes what may be expected.
  struct Rules: Sendable {
    /// Somebody has taken the namespaces of these organisations away. That is reported (compare), and
    /// nothing of theirs can be right.
    var areBereft: Set<Int64> = []
    /// Jobs of these kinds may have been given up, and their organisations stay where they are.
    var mayGiveUp: Set<String> = []
    /// The API server was killed, or a daemon with calls under way, which then are given up as well: what was
    /// done last may be missing in the log.
    var mayMissWrites = false
    /// New children may have been sent into a namespace that somebody has put in the place of ours in
    /// between, which no precondition of the API prevents. They name the dead one as their owner, and
    /// the garbage collector must have removed them.
    var mayLeaveToCollector = false
  }

  var organizations: [Organization]
  var jobs: [Job]
  /// By the beginning.
  var writes: [Write]
  /// Those of the trial that are there, by name.
  var namespaces: [String: JSONValue]
  /// What is in them.
  var objects: [Place: JSONValue]
  var rules = Rules()

  /// What is wrong; empty if nothing is.
  var findings: [String] {
    (incomplete + unowned + orphaned + unfinished + misordered + unnamed).sorted()
  }

  /// What of a namespace's objects is another than it was: what running again must not change.
  func differences(from earlier: Judge) -> [String] {
    func content(_ object: JSONValue) -> JSONValue {
      var members = object.object ?? [:]
      let metadata = object["metadata"]
      // The token's controller is in no hurry, nor is the one that counts what a tenant uses.
      members["secrets"] = nil
      if let hard = members["status"]?["hard"] { members["status"] = ["hard": hard] }
      members["metadata"] = [
        "uid": metadata?["uid"] ?? .null, "labels": metadata?["labels"] ?? .null,
        "ownerReferences": metadata?["ownerReferences"] ?? .null,
        // It rises with every specification that the API server takes for another one.
        "generation": metadata?["generation"] ?? .null,
      ]
      return .object(members)
    }
    // A binding of nobody grants what a missing one grants.
    func contents(_ judge: Judge) -> [Place: JSONValue] {
      judge.objects.filter {
        $0.key.resource != "rolebindings" || $0.value["subjects"]?.array?.isEmpty == false
      }.mapValues(content)
    }
    let (before, after) = (contents(earlier), contents(self))
    let places = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
    let names = Set(earlier.namespaces.keys).union(namespaces.keys).filter {
      earlier.namespaces[$0].map(content) != namespaces[$0].map(content)
    }
    return
      (places.map { "running again changed \($0)" }
      + names.map {
        "running again changed the namespace \($0)"
      }).sorted()
  }

  /// The uids of the namespaces that we have made for one of these organisations.
  private var owned: Set<String> {
    let operations = Set(organizations.map(\.operationID))
    let made = writes.filter {
      $0.isOurs && $0.isDone && $0.verb == "create" && $0.resource == "namespaces"
        && $0.response.flatMap(Fence.init).map { operations.contains($0.operationID) } == true
    }
    let byOthers = Set(
      writes.filter {
        !$0.isOurs && $0.isDone && $0.verb == "create" && $0.resource == "namespaces"
      }
      .compactMap(\.uid))
    var owned = Set(made.compactMap(\.uid))
    if rules.mayMissWrites {
      // What bears our marks, and was made by nobody whom we know of.
      for write in writes where write.isDone && write.resource == "namespaces" {
        if let fence = write.response.flatMap(Fence.init), operations.contains(fence.operationID),
          let uid = write.uid, !byOthers.contains(uid)
        {
          owned.insert(uid)
        }
      }
    }
    return owned
  }

  // MARK: Nothing that is not ours

  var unowned: [String] {
    let owned = owned
    var findings: [String] = []
    var fences: [String: Int64] = [:]
    for write in writes where write.isOurs && write.isDone {
      if write.resource == "namespaces" {
        guard write.verb != "create" else { continue }
        if !owned.contains(write.uid ?? "") {
          findings.append(
            "\(write.verb == "delete" ? "deleted" : "written to") a namespace that is not ours: \(write)"
          )
        }
        let conditions = write.request?["preconditions"]
        if write.verb == "delete",
          conditions?["uid"] == nil || conditions?["resourceVersion"] == nil
        {
          findings.append("deleted without a condition: \(write)")
        }
        if let uid = write.uid, let fence = write.response.flatMap(Fence.init)?.number {
          if let known = fences[uid], fence < known {
            findings.append("the fence fell from \(known) to \(fence): \(write)")
          }
          fences[uid] = max(fences[uid] ?? 0, fence)
        }
      } else if !owned.contains(incumbent(of: write.namespace, at: write.began) ?? "") {
        // The status of such a child, if the quota's controller was slower, is written by its version.
        if rules.mayLeaveToCollector,
          write.code == 201 || write.verb == "update" && write.resource == "resourcequotas/status",
          write.resource == "serviceaccounts" || owned.contains(owner(of: write.response) ?? "")
        {
          continue
        }
        findings.append("written into a namespace that is not ours: \(write)")
      }
    }
    return findings
  }

  /// The uid of the namespace that bore a name at a time, so far as its creation was heard of.
  func incumbent(of name: String, at time: String) -> String? {
    let made = writes.last {
      $0.resource == "namespaces" && $0.verb == "create" && $0.isDone && $0.namespace == name
        && $0.ended <= time
    }
    if let made { return made.uid }
    return rules.mayMissWrites ? namespaces[name]?["metadata"]?["uid"]?.string : nil
  }

  private func owner(of object: JSONValue?) -> String? {
    object?["metadata"]?["ownerReferences"]?.array?.first?["uid"]?.string
  }

  // MARK: No orphan

  private var orphaned: [String] {
    let owned = owned
    var findings: [String] = []
    for (name, namespace) in namespaces {
      let uid = namespace["metadata"]?["uid"]?.string ?? ""
      let marks = Fence(namespace)?.operationID
      let holder = organizations.first {
        $0.namespace == name && !["FAILED", "DELETED"].contains($0.status)
          && ($0.namespaceUID == nil || $0.namespaceUID == uid)
      }
      if holder == nil || holder?.operationID != marks, owned.contains(uid) {
        findings.append("an orphan: the namespace \(name), uid \(uid)")
      }
      guard !owned.contains(uid) else { continue }
      // Somebody else's: nothing of ours stands in it.
      for (place, object) in objects where place.namespace == name {
        if owned.contains(owner(of: object) ?? "") {
          findings.append("an orphan in somebody else's namespace: \(place)")
        }
      }
    }
    return findings
  }

  // MARK: Each job once

  private var unfinished: [String] {
    var findings: [String] = []
    let statuses = Dictionary(uniqueKeysWithValues: organizations.map { ($0.id, $0.status) })
    for job in jobs {
      let name = "job \(job.id) (\(job.kind))"
      if job.isDue, ["queued", "running"].contains(job.state) {
        findings.append("\(name) is not finished: \(job.state)")
      }
      var last = ""
      var isOver = false
      for state in job.states {
        if ["done", "failed"].contains(state) {
          if isOver { findings.append("\(name) was finished twice: \(job.states)") }
          isOver = true
        } else {
          // An administrator may have what was given up tried again; what is done is done.
          if last == "done" { findings.append("\(name) was done, and then \(state)") }
          isOver = false
        }
        last = state
      }
      if last != job.state { findings.append("\(name) is \(job.state), and was made \(last)") }
    }
    for organization in organizations {
      let isAtItsEnd = !["PENDING", "DELETING"].contains(organization.status)
      let given = jobs.filter {
        $0.orgID == organization.id && $0.state == "failed" && rules.mayGiveUp.contains($0.kind)
      }
      if !isAtItsEnd, given.isEmpty {
        findings.append(
          "\(organization.namespace) is \(statuses[organization.id] ?? "-"), and nobody works on it"
        )
      }
    }
    return findings
  }
}

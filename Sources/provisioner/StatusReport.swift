internal import Daemon
internal import Kubernetes

/// An answer of `provisioning.status`, as tables for people.
struct StatusReport: Sendable {
  /// As SQL has made it.
  let document: JSONValue

  init(_ document: JSONValue) { self.document = document }

  /// What is bad, in words. Empty: nothing.
  var trouble: [String] { (document["trouble"]?.array ?? []).compactMap(\.string) }

  /// The tables, with an empty line between two.
  var lines: [String] {
    [organizations, queue, lanes, workers, stuck, rollouts, maintenance]
      .joined(separator: [""]).map { $0 }
  }

  private var organizations: [String] {
    var table = TextTable("STATUS", "ORGANISATIONS")
    for (status, count) in (document["organizations"]?.object ?? [:]).sorted(by: { $0.key < $1.key }
    ) {
      table.add(status, text(count))
    }
    return table.isEmpty ? ["no organisations"] : table.lines
  }

  private var queue: [String] {
    var table = TextTable("KIND", "STATE", "JOBS", "DUE", "OLDEST")
    for row in rows("queue") {
      table.add(
        text(row["kind"]), text(row["state"]), text(row["jobs"]), text(row["due"]),
        age(row["oldest_seconds"]))
    }
    guard !table.isEmpty else { return ["no jobs"] }
    guard let oldest = document["oldest_waiting"] else { return table.lines }
    let error = text(oldest["error"]).map { ": \($0)" } ?? ""
    return table.lines + [
      "",
      "waiting longest: job \(text(oldest["job_id"]) ?? ""), \(text(oldest["kind"]) ?? "") of "
        + "\(text(oldest["slug"]) ?? ""), for \(age(oldest["waits_seconds"]) ?? "")\(error)",
    ]
  }

  private var lanes: [String] {
    var table = TextTable("LANE", "QUEUED", "RUNNING", "PRIORITY", "NEXT", "OLDEST")
    for row in rows("lanes") {
      let next = row["next_in_seconds"].flatMap(seconds)
      table.add(
        text(row["slug"]), text(row["queued"]), text(row["running"]), text(row["priority"]),
        next.map { $0 <= 0 ? "now" : "in \(Age($0))" }, age(row["oldest_seconds"]))
    }
    guard !table.isEmpty else { return ["no lane waits"] }
    return table.lines + more(document["lane_count"], beyond: rows("lanes").count, "lanes")
  }

  private var workers: [String] {
    var table = TextTable("WORKER", "JOB", "ORGANISATION", "KIND", "ATTEMPT", "LEASE")
    for row in rows("workers") {
      let left = row["lease_seconds"].flatMap(seconds)
      table.add(
        text(row["worker"]), text(row["job_id"]), text(row["slug"]), text(row["kind"]),
        text(row["attempt"]), left.map { $0 < 0 ? "ended \(Age(-$0)) ago" : "\(Age($0))" })
    }
    return table.isEmpty ? ["no worker has a job"] : table.lines
  }

  private var stuck: [String] {
    var table = TextTable("STUCK", "ORGANISATION", "KIND", "AGE", "ATTEMPTS", "WHY", "WHAT TO DO")
    for row in rows("stuck") {
      table.add(
        text(row["job_id"]), text(row["slug"]), text(row["kind"]), age(row["age_seconds"]),
        text(row["attempts"]), text(row["why"]), text(row["what_to_do"]))
    }
    guard !table.isEmpty else { return ["no job is stuck"] }
    return table.lines + more(document["stuck_count"], beyond: rows("stuck").count, "stuck jobs")
  }

  private var rollouts: [String] {
    var table = TextTable(
      "ROLL-OUT", "PLAN", "STATE", "DONE", "FAILED", "UNDER WAY", "LEFT", "FAILURE")
    for row in rows("rollouts") {
      table.add(
        text(row["rollout_id"]), text(row["plan"]) ?? "all", text(row["state"]),
        text(row["done"]), text(row["failed"]), text(row["under_way"]), text(row["left"]),
        text(row["failure"]))
    }
    return table.isEmpty ? ["no roll-outs"] : table.lines
  }

  private var maintenance: [String] {
    var table = TextTable("TIMED WORK", "LAST", "RESULT", "ERROR")
    for row in rows("maintenance") {
      table.add(
        text(row["task"]), age(row["finished_seconds_ago"]).map { "\($0) ago" } ?? "never",
        text(row["result"]), text(row["error"]))
    }
    return table.lines
  }

  private func rows(_ section: String) -> [JSONValue] { document[section]?.array ?? [] }

  private func more(_ count: JSONValue?, beyond shown: Int, _ what: String) -> [String] {
    guard let count = count?.integer, count > shown else { return [] }
    return ["and \(count - Int64(shown)) \(what) more"]
  }

  private func text(_ value: JSONValue?) -> String? {
    value.map { $0.string ?? $0.serialized() }
  }

  private func seconds(_ value: JSONValue) -> Int64? { value.integer }

  private func age(_ value: JSONValue?) -> String? {
    value.flatMap(seconds).map { "\(Age($0))" }
  }
}

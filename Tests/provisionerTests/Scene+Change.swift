internal import Kubernetes
internal import Postgres
internal import TestSupport

@testable internal import provisioner

/// What befalls an organisation, by the kind of the job that follows.
enum Change: String, Sendable, CaseIterable, CustomStringConvertible {
  case create, undo, quota, members, suspend, resume, reconcile, delete

  var description: String { rawValue }
  /// The kind of the job that carries it out.
  var kind: String { self == .undo ? "create" : rawValue }
  /// What the organisation is then.
  var status: String {
    switch self {
    case .undo: "FAILED"
    case .suspend: "SUSPENDED"
    case .delete: "DELETED"
    case .create, .quota, .members, .resume, .reconcile: "COMMITTED"
    }
  }
  /// Whether it takes an organisation of its own: it makes one, or ends it.
  var isOnce: Bool {
    switch self {
    case .create, .undo, .delete: true
    case .quota, .members, .suspend, .resume, .reconcile: false
    }
  }

  /// All of them, by the tenants that they can share: whoever is suspended is resumed.
  static let groups: [[Change]] = [
    [.create], [.undo], [.quota], [.members], [.suspend, .resume], [.reconcile], [.delete],
  ]
}

extension Scene {
  /// Brings an organisation to where a change begins, and asks for the change: its job is the next one.
  /// - Parameter worker: Does what comes before.
  /// - Returns: The organisation's id.
  func prepare(_ change: Change, _ name: String = "acme", by worker: Worker) async throws -> Int64 {
    if change == .undo {
      try await owner.query(
        """
        INSERT INTO provisioning.blueprint (plan, step, wave, verb, path, body) VALUES
        ('standard', 'broken', 3, 'create', '/api/v1/namespaces/{{namespace}}/limitranges',
         '{"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "Not A Name"}}')
        ON CONFLICT DO NOTHING
        """)
    }
    let id = try await organization(name)
    switch change {
    case .create: return id
    case .undo:
      // One attempt, which has made everything and turned round.
      _ = try await worker.workOnce()
      return id
    case .quota, .members, .suspend, .resume, .reconcile, .delete:
      try await work(worker, until: id, is: "COMMITTED")
    }
    if change == .resume {
      try await ask(for: .suspend, of: id, name)
      try await drain(worker)
    }
    try await ask(for: change, of: id, name)
    return id
  }

  /// Asks for a change of a tenant that stands.
  /// - Parameter number: Which one it is of its kind: each asks for something else.
  func ask(
    for change: Change, of id: Int64, _ name: String = "acme", number: Int = 1
  ) async throws {
    let slug = PostgresParameter.text("\(prefix)-\(name)")
    try await owner.query("SELECT set_config('app.current_org', $1, false)", [.int(id)])
    switch change {
    case .create, .undo: preconditionFailure("no tenant stands before them")
    case .quota:
      try await owner.query(
        "SELECT api.request_quota(p_cpu => $1, p_reason => 'r')", [.text("\(19 + number)")])
    case .members:
      try await owner.query(
        "SELECT api.invite_member($1, 'ann', 'member')",
        [.text(number == 1 ? member : "\(number)-\(member)")])
    case .suspend:
      try await createPod("runs-\(number)", in: name)
      try await owner.query("SELECT admin.suspend_organization($1, 'r')", [slug])
    case .resume:
      try await owner.query("SELECT admin.resume_organization($1, 'r')", [slug])
    case .reconcile: try await enqueue(id, "reconcile")
    case .delete:
      try await createPod("runs-\(number)", in: name)
      try await owner.query("SELECT admin.delete_organization($1, $1, 'r')", [slug])
    }
  }

  /// An address that `members` invites.
  var member: String { "ann@\(prefix).example" }

  /// Works until a change has come about.
  func finish(_ change: Change, of id: Int64, by worker: Worker) async throws {
    try await eventually("\(change) of \(id)") {
      try await hurry(id)
      _ = try await worker.workOnce()
      let open = try await owner.value(
        "SELECT count(*) FROM provisioning.jobs WHERE org_id = $1 AND state IN ('queued', 'running')",
        [.int(id)])
      return open == "0"
    }
    let status = try await organizationStatus(id)
    guard status == change.status else {
      let error = try await owner.value(
        "SELECT error FROM provisioning.jobs WHERE org_id = $1 ORDER BY job_id DESC LIMIT 1",
        [.int(id)])
      throw TestSupportError("\(change): \(status ?? "-"), \(error ?? "-")")
    }
  }
}

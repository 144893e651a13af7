internal import Kubernetes
internal import Postgres
internal import TestSupport

@testable internal import provisioner

/// What befalls an organisation, by the kind of the job that follows.
enum Change: String, Sendable, CaseIterable, CustomStringConvertible {
  case create, undo, quota, members, transfer, suspend, resume, reconcile, rollout, compare, delete,
    sweep

  var description: String { rawValue }
  /// The kind of the job that carries it out.
  var kind: String {
    switch self {
    case .undo: "create"
    case .transfer: "members"
    case .create, .quota, .members, .suspend, .resume, .reconcile, .rollout, .compare, .delete,
      .sweep:
      rawValue
    }
  }
  /// What the organisation is then.
  var status: String {
    switch self {
    case .undo, .sweep: "FAILED"
    case .suspend: "SUSPENDED"
    case .delete: "DELETED"
    case .create, .quota, .members, .transfer, .resume, .reconcile, .rollout, .compare:
      "COMMITTED"
    }
  }
  /// Whether it takes an organisation of its own: it makes one, or ends it.
  var isOnce: Bool {
    switch self {
    case .create, .undo, .delete, .sweep: true
    case .quota, .members, .transfer, .suspend, .resume, .reconcile, .rollout, .compare: false
    }
  }

  /// All of them, by the tenants that they can share: whoever is suspended is resumed.
  static let groups: [[Change]] = [
    [.create], [.undo], [.quota], [.members, .transfer], [.suspend, .resume], [.reconcile],
    [.rollout, .compare], [.delete], [.sweep],
  ]
}

extension Scene {
  /// Brings an organisation to where a change begins, and asks for the change: its job is the next one.
  /// - Parameter worker: Does what comes before.
  /// - Returns: The organisation's id.
  func prepare(_ change: Change, _ name: String = "acme", by worker: Worker) async throws -> Int64 {
    let id = try await organization(name)
    switch change {
    case .create: return id
    case .undo:
      try await leaveOpen(id, name, by: worker)
      try await cancelCreation(of: id)
      return id
    case .sweep:
      try await leaveNamespace(of: id, name, by: worker)
      _ = try await Survey(queue: worker.queue, kubernetes: kubernetes).run()
      return id
    case .quota, .members, .transfer, .suspend, .resume, .reconcile, .rollout, .compare, .delete:
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
    case .create, .undo, .sweep: preconditionFailure("no tenant stands before them")
    case .quota:
      try await owner.query(
        "SELECT api.request_quota(p_cpu => $1, p_reason => 'r')", [.text("\(19 + number)")])
    case .members:
      try await owner.query(
        "SELECT api.invite_member($1, 'ann', 'member')",
        [.text(number == 1 ? member : "\(number)-\(member)")])
    case .transfer:
      let boss = PostgresParameter.text("boss-\(number)@\(prefix).example")
      try await owner.query("SELECT api.invite_member($1, 'boss', 'viewer')", [boss])
      try await owner.query(
        "SELECT api.transfer_ownership(u.id, 'sold', 'member') FROM core.users AS u WHERE u.email = $1",
        [boss])
    case .suspend:
      try await createPod("runs-\(number)", in: name)
      try await owner.query("SELECT admin.suspend_organization($1, 'r')", [slug])
    case .resume:
      try await owner.query("SELECT admin.resume_organization($1, 'r')", [slug])
    case .reconcile: try await enqueue(id, "reconcile")
    case .rollout:
      try await owner.query(
        """
        UPDATE provisioning.blueprint
        SET body = jsonb_set(body, '{metadata,labels,edition}', to_jsonb($1::text))
        WHERE step = 'limit-range'
        """, [.text("\(number)")])
      try await owner.query("SELECT admin.roll_out('r')")
    case .compare: try await owner.query("SELECT admin.compare($1)", [slug])
    case .delete:
      try await createPod("runs-\(number)", in: name)
      try await owner.query("SELECT admin.delete_organization($1, $1, 'r')", [slug])
    }
  }

  /// Has a creation's worker die when the gate is open, before the commit that says so. A pod slips in.
  func leaveOpen(_ id: Int64, _ name: String = "acme", by worker: Worker) async throws {
    let caller = DyingCaller(worker.caller) { $0.turnsGate }
    let queue = Queue(pool: worker.queue.pool, worker: "opens", lease: worker.queue.lease)
    _ = try await Worker(queue: queue, caller: caller, observe: { _ in }).workOnce()
    guard caller.isDead else { throw TestSupportError("\(name) was not opened") }
    try await createPod("slips", in: name)
    try await expireLease(of: id)
  }

  func cancelCreation(of id: Int64) async throws {
    try await owner.query(
      "SELECT admin.cancel_job(job_id, 'a mistake') FROM provisioning.jobs WHERE org_id = $1 AND kind = 'create'",
      [.int(id)])
  }

  /// From now on every creation fails when all else is made, but before it is opened.
  func breakBlueprint() async throws {
    try await owner.query(
      """
      INSERT INTO provisioning.blueprint (plan, step, wave, verb, path, body) VALUES
      ('standard', 'broken', 2, 'create', '/api/v1/namespaces/{{namespace}}/limitranges',
       '{"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "Not A Name"}}')
      ON CONFLICT DO NOTHING
      """)
  }

  /// Has an organisation FAILED, and then its namespace made, as a worker does that was stopped before it
  /// sent it and goes on too late. It is open, and a pod runs in it.
  func leaveNamespace(of id: Int64, _ name: String = "acme", by worker: Worker) async throws {
    let row = try await owner.query(
      """
      SELECT o.operation_id, s -> 'body' AS body
      FROM core.organizations AS o, jsonb_array_elements(provisioning.render(o.id, 'create', 1)) AS s
      WHERE o.id = $1 AND s ->> 'step' = 'namespace'
      """, [.int(id)])[0]
    try await cancelCreation(of: id)
    try await work(worker, until: id, is: "FAILED")
    let reply = await worker.caller.send(
      .create(
        path: "/api/v1/namespaces",
        body: try JSONValue(parsing: try row.decode("body", as: String.self))),
      auditID: "\(try row.decode("operation_id", as: String.self))/namespace/1")
    guard case .object? = reply else { throw TestSupportError("not left behind: \(reply as Any)") }
    _ = try await kubernetes.mergePatch(
      namespacePath(name), ["metadata": ["labels": ["isolation-ready": "true"]]])
    // Pods are refused without it.
    try await eventually("its account") {
      try await status(namespacePath(name) + "/serviceaccounts/default") == 200
    }
    try await createPod("slips", in: name)
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

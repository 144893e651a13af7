internal import Foundation
internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// A scene whose history is recorded, and judged at its end.
final class Trial: Sendable {
  private struct State {
    var scene: Scene
    var rules = Judge.Rules()
  }

  private let log: AuditLog
  private let state: Mutex<State>

  private init(_ scene: Scene) {
    state = Mutex(State(scene: scene))
    log = AuditLog(of: scene.cluster, prefix: "org-\(scene.prefix)-")
  }

  var scene: Scene { state.withLock { $0.scene } }
  private var rules: Judge.Rules { state.withLock { $0.rules } }

  /// After a restart of PostgreSQL, with which the superuser's connection has ended.
  func reconnect() async throws {
    let old = scene
    let new = Scene(
      database: old.database, cluster: old.cluster, owner: try await old.database.connect(),
      kubernetes: old.kubernetes, prefix: old.prefix)
    state.withLock { $0.scene = new }
    await old.owner.close()
  }

  /// Sets the scene, plays, waits until everything is right, judges, runs again, and judges once more.
  /// - Parameters:
  ///   - cluster: Where Kubernetes is.
  ///   - postgres: Where PostgreSQL is.
  static func play(
    cluster: Stack = .current, postgres: Stack = .current,
    _ body: (Trial) async throws -> Void
  ) async throws {
    try await Scene.play(cluster: cluster, postgres: postgres) { scene in
      let trial = Trial(scene)
      try await trial.prepare()
      try await body(trial)
      try await trial.settle()
    }
  }

  /// The same, with a tenant that is COMMITTED, and a worker.
  static func playTenant(
    cluster: Stack = .current, postgres: Stack = .current,
    _ body: (Trial, Int64, Worker) async throws -> Void
  ) async throws {
    try await play(cluster: cluster, postgres: postgres) { trial in
      let scene = trial.scene
      let id = try await scene.organization()
      let worker = try scene.worker("one")
      try await scene.work(worker, until: id, is: "COMMITTED")
      try await scene.owner.query("SELECT set_config('app.current_org', $1, false)", [.int(id)])
      try await body(trial, id, worker)
    }
  }

  /// What changes the judge's expectations.
  func allow(_ change: (inout Judge.Rules) -> Void) { state.withLock { change(&$0.rules) } }

  /// Everything that the API server has carried out or refused so far.
  func writes() async throws -> [Write] {
    // One more, and when that is written down, so are those before it. It is not carried out.
    let mark = "org-\(scene.prefix)--\(UInt32.random(in: 0...UInt32.max))"
    _ = try await scene.kubernetes.create(
      "/api/v1/namespaces?dryRun=All",
      ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(mark)]])
    var writes: [Write] = []
    try await eventually("\(mark) in the audit log") {
      writes = try log.writes()
      return writes.contains { $0.namespace == mark }
    }
    return writes.filter { !$0.namespace.hasPrefix("org-\(scene.prefix)--") }
  }

  /// Works until everything is right, and shows that running again changes nothing.
  func settle() async throws {
    let worker = try scene.worker("settles")
    let first = try await verdict(worker)
    let rules = rules
    for organization in first.organizations
    where ["COMMITTED", "SUSPENDED"].contains(organization.status)
      && !rules.areBereft.contains(organization.id)
    {
      try await scene.enqueue(organization.id, "reconcile")
    }
    let second = try await verdict(worker)
    let changed = second.differences(from: first)
    guard changed.isEmpty else { throw TestSupportError(changed.joined(separator: "\n")) }
    await worker.queue.pool.close()
  }

  /// Works until the judge has nothing to find.
  private func verdict(_ worker: Worker) async throws -> Judge {
    var findings: [String] = []
    let end = ContinuousClock.now + .seconds(60)
    while true {
      try await hurry()
      while try await worker.workOnce() {}
      let judge = try await judge()
      findings = judge.findings
      if findings.isEmpty { return judge }
      // What was touched stays touched.
      guard ContinuousClock.now < end, judge.unowned.isEmpty else { break }
      try await Task.sleep(for: .milliseconds(50))
    }
    let jobs = try await scene.owner.query("SELECT j::text AS job FROM provisioning.jobs AS j")
    throw TestSupportError(
      (findings + jobs.map { $0["job"] ?? "" }).joined(separator: "\n"))
  }

  /// Ends the pauses before attempts, and the leases of those who are gone; what is asked for later waits.
  private func hurry() async throws {
    try await scene.owner.execute(
      """
      UPDATE provisioning.jobs SET run_at = clock_timestamp()
      WHERE state = 'queued' AND attempts > 0 AND run_at > clock_timestamp();
      UPDATE provisioning.jobs SET lease_until = clock_timestamp() WHERE state = 'running';
      UPDATE provisioning.lanes AS l SET next_at = clock_timestamp()
      WHERE EXISTS (SELECT FROM provisioning.jobs AS j WHERE j.org_id = l.org_id
                    AND (j.state = 'running' OR j.state = 'queued' AND j.run_at <= clock_timestamp()));
      """)
  }

  /// The states of every job, one after the other. A database of a trial is its own.
  private func prepare() async throws {
    try await scene.owner.execute(
      """
      CREATE SCHEMA judge;
      CREATE TABLE judge.states (
          id bigint GENERATED ALWAYS AS IDENTITY, job_id bigint NOT NULL, state text NOT NULL);
      CREATE FUNCTION judge.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
          INSERT INTO judge.states (job_id, state) VALUES (NEW.job_id, NEW.state);
          RETURN NULL;
      END $$;
      CREATE TRIGGER judge_note AFTER INSERT OR UPDATE OF state ON provisioning.jobs
      FOR EACH ROW EXECUTE FUNCTION judge.note();
      """)
  }
}

// MARK: The evidence

extension Trial {
  /// The judge's view of now.
  func judge() async throws -> Judge {
    let organizations = try await organizations()
    var namespaces: [String: JSONValue] = [:]
    var objects: [Judge.Place: JSONValue] = [:]
    for name in Set(organizations.map(\.namespace)) {
      let path = "/namespaces/\(name)"
      guard try await scene.status("/api/v1\(path)") == 200 else { continue }
      namespaces[name] = try await scene.kubernetes.get("/api/v1\(path)")
      for (group, resource) in [
        ("/api/v1", "resourcequotas"), ("/api/v1", "limitranges"), ("/api/v1", "serviceaccounts"),
        ("/api/v1", "pods"), ("/apis/networking.k8s.io/v1", "networkpolicies"),
        ("/apis/rbac.authorization.k8s.io/v1", "rolebindings"),
      ] {
        let list = try await scene.kubernetes.get("\(group)\(path)/\(resource)")
        for object in list["items"]?.array ?? [] {
          let place = Judge.Place(
            namespace: name, resource: resource, name: object["metadata"]?["name"]?.string ?? "")
          objects[place] = object
        }
      }
    }
    return Judge(
      organizations: organizations, jobs: try await jobs(), writes: try await writes(),
      namespaces: namespaces, objects: objects, rules: rules)
  }

  private func organizations() async throws -> [Judge.Organization] {
    let rows = try await scene.owner.query(
      """
      SELECT o.id, o.namespace, o.status, o.operation_id, o.namespace_uid, q.cpu, q.memory, q.storage,
             (SELECT coalesce(jsonb_object_agg(m.role, m.emails), '{}') FROM (
                  SELECT m.role, jsonb_agg(u.email ORDER BY u.email) AS emails
                  FROM core.memberships AS m JOIN core.users AS u ON u.id = m.user_id
                  WHERE m.org_id = o.id GROUP BY m.role) AS m) AS members
      FROM core.organizations AS o
      LEFT JOIN LATERAL finops.effective_quota(o.id, clock_timestamp()) AS q ON true
      WHERE o.id > 0 ORDER BY o.id
      """)
    return try rows.map { row in
      let members = try JSONValue(parsing: row.decode("members", as: String.self))
      return Judge.Organization(
        id: try row.decode("id", as: Int64.self),
        namespace: try row.decode("namespace", as: String.self),
        status: try row.decode("status", as: String.self),
        operationID: try row.decode("operation_id", as: String.self),
        namespaceUID: row["namespace_uid"], cpu: row["cpu"] ?? "", memory: row["memory"] ?? "",
        storage: row["storage"] ?? "",
        members: (members.object ?? [:]).mapValues { ($0.array ?? []).compactMap(\.string) })
    }
  }

  private func jobs() async throws -> [Judge.Job] {
    try await scene.owner.query(
      """
      SELECT j.job_id, j.org_id, j.kind, j.state, j.run_at <= clock_timestamp() + interval '1 minute' AS due,
             (SELECT string_agg(s.state, ' ' ORDER BY s.id) FROM judge.states AS s WHERE s.job_id = j.job_id) AS states
      FROM provisioning.jobs AS j ORDER BY j.job_id
      """
    ).map { row in
      Judge.Job(
        id: try row.decode("job_id", as: Int64.self),
        orgID: try row.decode("org_id", as: Int64.self),
        kind: try row.decode("kind", as: String.self),
        state: try row.decode("state", as: String.self), isDue: row["due"] == "t",
        states: (row["states"] ?? "").split(separator: " ").map(String.init))
    }
  }
}

internal import Kubernetes
internal import Postgres
internal import TestSupport

@testable internal import provisioner

/// What befalls a tenant after its creation, and what is then to be seen.
extension Scene {
  /// A tenant that is COMMITTED, and the context of its owner.
  static func playTenant(
    _ body: (Scene, Int64, Worker) async throws -> Void
  ) async throws {
    try await play { scene in
      let id = try await scene.organization()
      let worker = try scene.worker("one")
      try await scene.work(worker, until: id, is: "COMMITTED")
      try await scene.owner.query("SELECT set_config('app.current_org', $1, false)", [.int(id)])
      try await body(scene, id, worker)
    }
  }

  /// What a comparison of all tenants finds, and what is found after the repair, where that is wished for.
  func drift(_ worker: Worker) async throws -> [String] {
    try await owner.query("SELECT admin.compare()")
    try await drain(worker)
    return try await owner.query(
      "SELECT concat_ws(' ', step, what, detail) AS line FROM admin.tenant_drift() ORDER BY 1"
    ).compactMap { $0["line"] }
  }

  /// Works until nothing is due.
  func drain(_ worker: Worker) async throws {
    try await eventually("an empty queue") {
      while try await worker.workOnce() {}
      return try await owner.value(
        """
        SELECT count(*) FROM provisioning.jobs
        WHERE state = 'running' OR state = 'queued' AND run_at <= clock_timestamp() + interval '1 minute'
        """) == "0"
    }
  }

  /// Works until the organisation is in a state.
  func drain(_ worker: Worker, until id: Int64, is status: String) async throws {
    try await eventually("organisation \(id) \(status)") {
      try await hurry(id)
      _ = try await worker.workOnce()
      return try await organizationStatus(id) == status
    }
  }

  /// Queues a job, as an administrator's function would.
  func enqueue(_ id: Int64, _ kind: String) async throws {
    try await owner.query("SELECT provisioning.enqueue($1, $2)", [.int(id), .text(kind)])
  }

  /// The states of all jobs of a kind.
  func state(of kind: String) async throws -> String? {
    try await owner.value(
      "SELECT string_agg(state, ' ' ORDER BY job_id) FROM provisioning.jobs WHERE kind = $1",
      [.text(kind)])
  }

  /// Why the newest job of a kind was given up.
  func failure(of kind: String) async throws -> String? {
    try await owner.value(
      """
      SELECT error_code FROM provisioning.jobs
      WHERE kind = $1 AND state = 'failed' ORDER BY job_id DESC LIMIT 1
      """, [.text(kind)])
  }

  /// A pod that fits the tenant's quota.
  /// - Parameter node: Where it runs, so that it has a grace period; nobody ends it there.
  func createPod(
    _ name: String, in organization: String = "acme", on node: String? = nil
  ) async throws {
    var spec: [String: JSONValue] = [
      // 1.20 refuses pods until the account's token is there.
      "automountServiceAccountToken": false,
      "containers": [["name": "c", "image": "none"]],
    ]
    if let node { spec["nodeName"] = .string(node) }
    _ = try await kubernetes.create(
      namespacePath(organization) + "/pods",
      [
        "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
        "spec": .object(spec),
      ])
  }

  /// Whether the API server would let a user do that in the tenant's namespace.
  func may(
    _ user: String, _ verb: String, _ resource: String, _ group: String = ""
  ) async throws -> Bool {
    let review = try await kubernetes.create(
      "/apis/authorization.k8s.io/v1/subjectaccessreviews",
      [
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": [
          "user": .string(user),
          "resourceAttributes": [
            "namespace": .string("org-\(prefix)-acme"), "verb": .string(verb),
            "group": .string(group), "resource": .string(resource),
          ],
        ],
      ])
    return review["status"]?["allowed"] == .bool(true)
  }
}

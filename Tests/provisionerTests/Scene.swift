internal import Foundation
internal import Kubernetes
internal import Postgres
internal import TestSupport

@testable internal import provisioner

/// A database of its own, the run's API server, and workers, in this process or in one of their own.
struct Scene: Sendable {
  let database: TestDatabase
  /// Where Kubernetes is.
  let cluster: Stack
  let owner: PostgresConnection
  let kubernetes: KubernetesClient
  /// Slugs are the cluster's, which all tests share: each test's begin differently.
  let prefix: String

  /// - Parameters:
  ///   - cluster: Where Kubernetes is, if not the run's own.
  ///   - postgres: Where PostgreSQL is, if not the run's own.
  static func play(
    cluster: Stack = .current, postgres: Stack = .current,
    _ body: (Scene) async throws -> Void
  ) async throws {
    try await TestDatabase.with(.migrated, on: postgres) { database in
      let scene = Scene(
        database: database, cluster: cluster, owner: try await database.connect(),
        kubernetes: try KubernetesClient(.load(path: cluster.adminKubeconfig)),
        prefix: "t" + String(UInt32.random(in: 0...UInt32.max), radix: 36))
      try await body(scene)
      await scene.owner.close()
    }
  }

  /// Creates an organisation and returns its id.
  func organization(_ name: String = "acme") async throws -> Int64 {
    try await owner.createOrganization("\(prefix)-\(name)")
  }

  func namespacePath(_ name: String = "acme") -> String {
    "/api/v1/namespaces/org-\(prefix)-\(name)"
  }

  func namespace(_ name: String = "acme") async throws -> JSONValue {
    try await kubernetes.get(namespacePath(name))
  }

  /// The HTTP status of a GET.
  func status(_ path: String) async throws -> Int {
    try await provisionerTests.status { try await kubernetes.get(path) }
  }

  func organizationStatus(_ id: Int64) async throws -> String? {
    try await owner.value("SELECT status FROM core.organizations WHERE id = $1", [.int(id)])
  }

  /// A worker in this process, with the rights of the provisioner's service account.
  /// - Parameter kubeconfig: How it reaches Kubernetes, if not directly and with those rights.
  func worker(
    _ name: String, lease: Duration = .seconds(15), kubeconfig: String? = nil,
    wrap: (any Caller) -> any Caller = { $0 }
  ) throws -> Worker {
    let client = try KubernetesClient(.load(path: kubeconfig ?? cluster.provisionerKubeconfig))
    return Worker(
      queue: Queue(
        pool: PostgresPool(
          configuration: PostgresConfiguration(conninfo: database.conninfo(user: "provisioner")),
          size: 2),
        worker: name, lease: lease),
      caller: wrap(KubernetesCaller(client: client)), observe: { _ in })
  }

  /// The daemon itself.
  /// - Parameters:
  ///   - conninfo: How it reaches the database, if not directly.
  ///   - kubeconfig: How it reaches Kubernetes, if not directly.
  ///   - more: Further arguments.
  func daemon(
    _ name: String, lease: Int = 15, workers: Int = 8, conninfo: String? = nil,
    kubeconfig: String? = nil, _ more: [String] = []
  ) throws -> DaemonProcess {
    try DaemonProcess(
      Tool.product("provisioner"),
      [
        "run", "--instance", name, "--database",
        conninfo ?? database.conninfo(user: "provisioner"), "--kubeconfig",
        kubeconfig ?? cluster.provisionerKubeconfig, "--lease", "\(lease)", "--poll", "1",
        "--workers", "\(workers)", "--log-level", "debug",
      ] + more)
  }

  /// Ends the pause before an organisation's next attempt.
  func hurry(_ id: Int64) async throws {
    try await owner.execute(
      """
      UPDATE provisioning.jobs SET run_at = clock_timestamp() WHERE org_id = \(id) AND state = 'queued';
      UPDATE provisioning.lanes SET next_at = clock_timestamp()
      WHERE org_id = \(id) AND next_at > clock_timestamp();
      """)
  }

  /// Lets the lease of an organisation's running job run out now.
  func expireLease(of id: Int64) async throws {
    try await owner.execute(
      """
      UPDATE provisioning.jobs SET lease_until = clock_timestamp() - interval '1 s'
      WHERE org_id = \(id) AND state = 'running';
      UPDATE provisioning.lanes SET next_at = clock_timestamp()
      WHERE org_id = \(id) AND next_at IS NOT NULL;
      """)
  }

  /// Works until the organisation is no longer PENDING.
  func work(_ worker: Worker, until id: Int64, is status: String) async throws {
    try await eventually(within: .seconds(60), "organisation \(id) \(status)") {
      _ = try await worker.workOnce()
      return try await self.organizationStatus(id) != "PENDING"
    }
    let last = try await organizationStatus(id)
    guard last == status else {
      let error = try await owner.value(
        "SELECT error FROM provisioning.jobs WHERE org_id = $1", [.int(id)])
      throw TestSupportError("\(last ?? "-"), not \(status): \(error ?? "-")")
    }
  }

  /// What COMMITTED promises: every object, an enforced quota, and the label on the recorded uid.
  func checkTenant(_ id: Int64, _ name: String = "acme") async throws {
    let row = try await owner.query(
      "SELECT status, namespace_uid, operation_id FROM core.organizations WHERE id = $1", [.int(id)]
    )[0]
    let namespace = try await namespace(name)
    guard row["status"] == "COMMITTED",
      namespace["metadata"]?["uid"]?.string == row["namespace_uid"],
      namespace["metadata"]?["labels"]?["isolation-ready"]?.string == "true",
      namespace["metadata"]?["annotations"]?[Fence.operationAnnotation]?.string
        == row["operation_id"]
    else { throw TestSupportError("\(row) does not fit \(namespace.serialized())") }
    let base = namespacePath(name)
    let group = base.replacingOccurrences(of: "/api/v1", with: "")
    for path in [
      "\(base)/resourcequotas/tenant", "\(base)/limitranges/tenant",
      "\(base)/serviceaccounts/default",
      "/apis/networking.k8s.io/v1\(group)/networkpolicies/default-deny",
      "/apis/rbac.authorization.k8s.io/v1\(group)/rolebindings/owner",
    ] {
      guard try await status(path) == 200 else { throw TestSupportError("no \(path)") }
    }
    let quota = try await kubernetes.get("\(base)/resourcequotas/tenant")
    guard quota["status"]?["hard"]?["limits.cpu"]?.string == "10" else {
      throw TestSupportError("the quota is not enforced: \(quota.serialized())")
    }
  }
}

/// The HTTP status of a call.
func status(_ call: () async throws -> JSONValue) async throws -> Int {
  do {
    _ = try await call()
    return 200
  } catch let error as KubernetesError {
    guard let status = error.status else { throw error }
    return status.code
  }
}

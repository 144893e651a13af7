internal import Kubernetes

/// Carries out a saga's requests.
protocol Caller: Sendable {
  /// Sends a request and sorts its end into what a saga decides by. `nil`: nothing may be sent any
  /// more, as if the worker were gone.
  /// - Parameter auditID: Names operation, step and attempt in the API server's audit log.
  func send(_ request: Request, auditID: String) async -> Reply?
}

/// Carries out a saga's requests through the API server.
struct KubernetesCaller: Caller {
  let client: KubernetesClient

  func send(_ request: Request, auditID: String) async -> Reply? {
    do {
      switch request {
      case .get(let path):
        return .object(try await client.get(path, auditID: auditID), status: 200)
      case .list(let path):
        let list = try await client.list(path, auditID: auditID)
        return .object(["items": .array(list.items)], status: 200)
      case .create(let path, let body):
        return .object(try await client.create(path, body, auditID: auditID), status: 201)
      case .replace(let path, let body):
        return .object(try await client.replace(path, body, auditID: auditID), status: 200)
      case .patch(let path, let body):
        return .object(try await client.jsonPatch(path, body, auditID: auditID), status: 200)
      case .merge(let path, let body):
        return .object(try await client.mergePatch(path, body, auditID: auditID), status: 200)
      case .apply(let path, let body):
        return .object(
          try await client.apply(
            path, body, fieldManager: "agent-ready-k8s", force: true, auditID: auditID), status: 200
        )
      case .delete(let path, let uid, let resourceVersion):
        return .object(
          try await client.delete(
            path, uid: uid, resourceVersion: resourceVersion, auditID: auditID), status: 200)
      }
    } catch let error as KubernetesError {
      guard let status = error.status, !error.outcomeUnknown else {
        return .unknown(
          message: error.description, status: error.status?.code,
          retryAfter: error.status?.retryAfter)
      }
      return .refused(
        status: status.code, reason: status.reason, message: status.message,
        retryAfter: status.retryAfter)
    } catch {
      return .unknown(message: "\(error)", status: nil)
    }
  }
}

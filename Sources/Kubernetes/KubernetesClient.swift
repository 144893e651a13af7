internal import AsyncIO
internal import HTTP

/// Calls the Kubernetes API, over one warm HTTP/2 connection.
///
/// ```swift
/// let client = try KubernetesClient(.load())
/// let pods = try await client.list("/api/v1/namespaces/default/pods", labelSelector: "app=web")
/// ```
///
/// Paths are those of the API reference, such as `/api/v1/namespaces/org-acme`. There is no limit of
/// calls per second: the API server has one (priority and fairness), and its 429 is handed on.
///
/// Every call throws `KubernetesError`, whose `outcomeUnknown` tells whether a write may have been
/// carried out all the same (then read the object), and `CancellationError` when its task is cancelled.
/// A call may be sent more than once: after a 401 with renewed credentials, and by the transport when a
/// connection was lost before a byte of the answer had come, or when the server had not carried it out
/// (GOAWAY, REFUSED_STREAM, a body that was not sent whole). Give a write a name or a version, so that
/// the second of two is refused.
public struct KubernetesClient: Sendable {
  private let sessions: SessionSource
  private let inFlight: AsyncSemaphore
  private let timeout: Duration
  private let keepsManagedFields: Bool
  private let onWarning: @Sendable (String) -> Void

  /// A client. It connects when it is first used, and keeps its connection.
  /// - Parameters:
  ///   - configuration: Where the API server is.
  ///   - timeout: For each call, with everything that it waits for, except for a credential plugin, which
  ///     has a time-out of its own.
  ///   - maxInFlight: How many calls are under way at most; further ones wait for their turn. More than
  ///     100 would make libcurl open a second connection.
  ///   - keepsManagedFields: Whether objects are returned with their `managedFields`, which are half of them
  ///     or more, and which almost nobody looks at (kubectl shows them with `--show-managed-fields`).
  ///   - userAgent: Sent as `User-Agent`; its part before the first slash is the field manager of writes
  ///     that name none.
  ///   - onWarning: Told the API server's `Warning` headers (deprecated versions and the like), and why a
  ///     kubeconfig that has changed is not followed.
  public init(
    _ configuration: KubernetesConfiguration, timeout: Duration = .seconds(10),
    maxInFlight: Int = 100, keepsManagedFields: Bool = false, userAgent: String = "agent-ready-k8s",
    onWarning: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.timeout = timeout
    self.keepsManagedFields = keepsManagedFields
    self.onWarning = onWarning
    inFlight = AsyncSemaphore(permits: maxInFlight)
    sessions = SessionSource(configuration, userAgent: userAgent, onWarning: onWarning)
  }

  /// Sends a call, once more if its credentials were refused and there are newer ones, and returns what a
  /// 2xx bears.
  func call(
    _ method: String, _ path: String, body: JSONValue? = nil, type: String = "application/json",
    auditID: String?
  ) async throws -> JSONValue {
    var headers = [(name: "Accept", value: "application/json")]
    if body != nil { headers.append((name: "Content-Type", value: type)) }
    if let auditID { headers.append((name: "Audit-ID", value: auditID)) }
    let session = sessions.session()
    let request = HTTPRequest(
      method: method, url: session.configuration.server + path, headers: headers,
      body: body?.serializedBytes())

    guard let credential = try await session.credentials.credential() else { preconditionFailure() }
    let deadline = Deadline.after(timeout)
    var response = try await send(request, over: session.http, as: credential, until: deadline)
    // What was renewed since we read it is no reason to fail.
    if response.status == 401,
      let newer = try await session.credentials.credential(after: credential)
    {
      response = try await send(request, over: session.http, as: newer, until: deadline)
    }
    return try value(response)
  }

  private func send(
    _ request: HTTPRequest, over http: HTTPClient, as credential: Credential,
    until deadline: Deadline
  ) async throws -> HTTPResponse {
    var request = request
    request.identity = credential.identity
    if let token = credential.token {
      request.headers.append((name: "Authorization", value: "Bearer \(token)"))
    }
    do {
      let response = try await inFlight.withPermit(until: deadline) { [request] in
        var request = request
        request.timeout = deadline.remaining ?? timeout
        return try await http.send(request)
      }
      for header in response.headers where header.name == "warning" {
        for text in Warning.texts(header.value) { onWarning(text) }
      }
      return response
    } catch let error as HTTPError {
      throw KubernetesError(transport: error)
    } catch is DeadlineExceeded {
      throw KubernetesError(
        transport: HTTPError(
          code: .timeout, message: "no turn within \(timeout): too many calls are under way",
          mayHaveReachedServer: false))
    }
  }

  private func value(_ response: HTTPResponse) throws -> JSONValue {
    let body = try? JSONValue(
      parsing: response.body, omitting: keepsManagedFields ? nil : "managedFields")
    guard (200..<300).contains(response.status) else {
      throw KubernetesError(
        status: Status(
          code: response.status, body: body, retryAfterHeader: response.header("retry-after")))
    }
    guard let body else { throw KubernetesError(malformed: "an answer that is no JSON") }
    return body
  }
}

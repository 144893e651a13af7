internal import HTTP

/// Calls the Kubernetes API, over one warm HTTP/2 connection.
///
/// Paths are those of the API reference, such as `/api/v1/namespaces/org-acme`.
public struct KubernetesClient: Sendable {
  private let configuration: KubernetesConfiguration
  private let http: HTTPClient
  private let tokens: TokenSource
  private let timeout: Duration
  private let onWarning: @Sendable (String) -> Void

  /// - Parameters:
  ///   - configuration: Where the API server is.
  ///   - timeout: For each call.
  ///   - onWarning: Told the API server's `Warning` headers (deprecated versions and the like).
  public init(
    _ configuration: KubernetesConfiguration, timeout: Duration = .seconds(10),
    onWarning: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.configuration = configuration
    self.timeout = timeout
    self.onWarning = onWarning
    tokens = TokenSource(configuration.credentials)
    var settings = HTTPClientConfiguration()
    settings.trust = configuration.trust
    settings.serverName = configuration.serverName
    if case .certificate(let identity) = configuration.credentials { settings.identity = identity }
    http = HTTPClient(settings)
  }

  /// Reads an object or a list.
  public func get(_ path: String, auditID: String? = nil) async throws -> JSONValue {
    try await call("GET", path, auditID: auditID)
  }

  /// Creates an object in a collection.
  public func create(
    _ path: String, _ object: JSONValue, auditID: String? = nil
  ) async throws -> JSONValue {
    try await call("POST", path, body: object, auditID: auditID)
  }

  /// Replaces an object; one with a `metadata.resourceVersion` only if it still has that version.
  public func replace(
    _ path: String, _ object: JSONValue, auditID: String? = nil
  ) async throws -> JSONValue {
    try await call("PUT", path, body: object, auditID: auditID)
  }

  /// Applies a JSON Patch (RFC 6902): all of it, or, if a `test` fails, nothing (422).
  public func jsonPatch(
    _ path: String, _ patch: JSONValue, auditID: String? = nil
  ) async throws -> JSONValue {
    try await call(
      "PATCH", path, body: patch, type: "application/json-patch+json", auditID: auditID)
  }

  /// Applies a JSON Merge Patch (RFC 7396).
  public func mergePatch(
    _ path: String, _ patch: JSONValue, auditID: String? = nil
  ) async throws -> JSONValue {
    try await call(
      "PATCH", path, body: patch, type: "application/merge-patch+json", auditID: auditID)
  }

  /// Applies an object (server-side apply): makes it, or brings the fields that it names to what it says.
  /// - Parameters:
  ///   - path: That of the object itself.
  ///   - fieldManager: Who is said to own these fields.
  ///   - force: Take fields over that somebody else owns; else that is a conflict (409).
  public func apply(
    _ path: String, _ object: JSONValue, fieldManager: String, force: Bool = false,
    auditID: String? = nil
  ) async throws -> JSONValue {
    try await call(
      "PATCH", path + "?fieldManager=\(fieldManager)&force=\(force)", body: object,
      type: "application/apply-patch+yaml", auditID: auditID)
  }

  /// Deletes an object, if it is still the one that was read (409 otherwise); or a whole collection.
  /// - Parameters:
  ///   - uid: Its `metadata.uid`; `nil`: whichever has the name.
  ///   - resourceVersion: Its `metadata.resourceVersion`; `nil`: whichever it has by now.
  public func delete(
    _ path: String, uid: String?, resourceVersion: String?, auditID: String? = nil
  ) async throws -> JSONValue {
    var preconditions: [String: JSONValue] = [:]
    if let uid { preconditions["uid"] = .string(uid) }
    if let resourceVersion { preconditions["resourceVersion"] = .string(resourceVersion) }
    let options: JSONValue = [
      "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": .object(preconditions),
    ]
    return try await call("DELETE", path, body: options, auditID: auditID)
  }

  private func call(
    _ method: String, _ path: String, body: JSONValue? = nil, type: String = "application/json",
    auditID: String?
  ) async throws -> JSONValue {
    let response = try await send(
      method, path, body: body, type: type, auditID: auditID, renew: false)
    // A token that was renewed since we read it is no reason to fail.
    if response.status == 401, tokens.isRenewable {
      return try value(
        await send(method, path, body: body, type: type, auditID: auditID, renew: true))
    }
    return try value(response)
  }

  private func send(
    _ method: String, _ path: String, body: JSONValue?, type: String, auditID: String?, renew: Bool
  ) async throws -> HTTPResponse {
    var headers = [(name: "Accept", value: "application/json")]
    if let token = try tokens.token(isStale: renew) {
      headers.append((name: "Authorization", value: "Bearer \(token)"))
    }
    if body != nil { headers.append((name: "Content-Type", value: type)) }
    if let auditID { headers.append((name: "Audit-ID", value: auditID)) }
    do {
      let response = try await http.send(
        HTTPRequest(
          method: method, url: configuration.server + path, headers: headers,
          body: body.map { Array($0.serialized().utf8) }, timeout: timeout))
      for header in response.headers where header.name == "warning" { onWarning(header.value) }
      return response
    } catch let error as HTTPError {
      throw KubernetesError(transport: error)
    }
  }

  private func value(_ response: HTTPResponse) throws -> JSONValue {
    let body = try? JSONValue(parsing: response.body)
    guard (200..<300).contains(response.status) else {
      throw KubernetesError(
        status: Status(
          code: response.status, body: body, retryAfterHeader: response.header("retry-after")))
    }
    guard let body else { throw KubernetesError(malformed: "an answer that is no JSON") }
    return body
  }
}

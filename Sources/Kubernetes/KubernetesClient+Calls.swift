/// The calls. `auditID` names a call in the API server's audit log, and comes back in its answer; `nil`:
/// the API server gives it a name.
extension KubernetesClient {
  /// Which objects go with one that is deleted (Kubernetes documentation, "Garbage Collection").
  public enum Propagation: String, Sendable {
    /// Those that it owns, first.
    case foreground = "Foreground"
    /// Those that it owns, afterwards.
    case background = "Background"
    /// None.
    case orphan = "Orphan"
  }

  /// The API server's version.
  public func version() async throws -> KubernetesVersion {
    guard let version = KubernetesVersion(try await get("/version")) else {
      throw KubernetesError(malformed: "what answers there is no Kubernetes API server")
    }
    return version
  }

  /// Reads an object, or one page of a collection; for a whole one see `list`.
  public func get(_ path: String, auditID: String? = nil) async throws -> JSONValue {
    try await call("GET", path, auditID: auditID)
  }

  /// Creates an object in a collection, and returns it as it is then. One of that name: 409,
  /// `AlreadyExists`.
  public func create(
    _ path: String, _ object: JSONValue, options: WriteOptions = WriteOptions(),
    auditID: String? = nil
  ) async throws -> JSONValue {
    try await write("POST", path, object, "application/json", options, auditID)
  }

  /// Replaces an object; one with a `metadata.resourceVersion` only if it still has that version (else
  /// 409, `Conflict`).
  public func replace(
    _ path: String, _ object: JSONValue, options: WriteOptions = WriteOptions(),
    auditID: String? = nil
  ) async throws -> JSONValue {
    try await write("PUT", path, object, "application/json", options, auditID)
  }

  /// Applies a JSON Patch (RFC 6902): all of it, or, if a `test` fails, nothing (422).
  public func jsonPatch(
    _ path: String, _ patch: JSONValue, options: WriteOptions = WriteOptions(),
    auditID: String? = nil
  ) async throws -> JSONValue {
    try await write("PATCH", path, patch, "application/json-patch+json", options, auditID)
  }

  /// Applies a JSON Merge Patch (RFC 7396).
  public func mergePatch(
    _ path: String, _ patch: JSONValue, options: WriteOptions = WriteOptions(),
    auditID: String? = nil
  ) async throws -> JSONValue {
    try await write("PATCH", path, patch, "application/merge-patch+json", options, auditID)
  }

  /// Applies an object (server-side apply): makes it, or brings the fields that it names to what it says.
  /// - Parameters:
  ///   - path: That of the object itself.
  ///   - fieldManager: Who is said to own these fields.
  ///   - force: Take fields over that somebody else owns; else that is a conflict (409), and
  ///     `KubernetesError.status?.conflicts` says which fields and whose.
  public func apply(
    _ path: String, _ object: JSONValue, fieldManager: String, force: Bool = false,
    options: WriteOptions = WriteOptions(), auditID: String? = nil
  ) async throws -> JSONValue {
    var options = options
    options.fieldManager = fieldManager
    return try await write(
      "PATCH", Query.append([("force", "\(force)")], to: path), object,
      "application/apply-patch+yaml", options, auditID)
  }

  /// Deletes an object, if it is still the one that was read (409 otherwise); or a whole collection.
  /// Returns the object if it lives on for a while (finalizers, a grace period), else a `Status`.
  /// - Parameters:
  ///   - uid: Its `metadata.uid`; `nil`: whichever has the name.
  ///   - resourceVersion: Its `metadata.resourceVersion`; `nil`: whichever it has by now.
  ///   - propagation: What happens to objects that it owns; `nil`: what is usual for its kind.
  ///   - isDryRun: Everything is checked, nothing is deleted.
  public func delete(
    _ path: String, uid: String?, resourceVersion: String?, propagation: Propagation? = nil,
    isDryRun: Bool = false, auditID: String? = nil
  ) async throws -> JSONValue {
    var preconditions: [String: JSONValue] = [:]
    if let uid { preconditions["uid"] = .string(uid) }
    if let resourceVersion { preconditions["resourceVersion"] = .string(resourceVersion) }
    var options: [String: JSONValue] = [
      "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": .object(preconditions),
    ]
    if let propagation { options["propagationPolicy"] = .string(propagation.rawValue) }
    if isDryRun { options["dryRun"] = ["All"] }
    return try await call("DELETE", path, body: .object(options), auditID: auditID)
  }

  private func write(
    _ method: String, _ path: String, _ body: JSONValue, _ type: String, _ options: WriteOptions,
    _ auditID: String?
  ) async throws -> JSONValue {
    try await call(
      method, Query.append(options.query, to: path), body: body, type: type, auditID: auditID)
  }
}

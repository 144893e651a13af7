internal import Foundation

/// What the API server says of a refused call (Kubernetes API reference, `Status`).
public struct Status: Sendable, Equatable {
  /// A field that somebody else owns, which server-side apply does not take over without `force`.
  public struct Conflict: Sendable, Equatable {
    /// Such as `.spec.replicas`.
    public var field: String
    /// Who owns it, as `metadata.managedFields` names it.
    public var manager: String
  }

  /// HTTP status.
  public var code: Int
  /// Machine-readable: AlreadyExists, NotFound, Conflict, Forbidden, Invalid …
  public var reason: String
  /// For people.
  public var message: String
  /// Why each field was refused.
  public var causes: [String]
  /// The fields of an apply (409) that others own.
  public var conflicts: [Conflict]
  /// Not before; the server's wish, as seconds or as a date. At most five minutes; `nil` if it has none.
  public var retryAfter: Duration?

  init(code: Int, body: JSONValue?, retryAfterHeader: String?, now: Date = Date()) {
    self.code = code
    reason = body?["reason"]?.string ?? ""
    message = body?["message"]?.string ?? "HTTP status \(code)"
    let details = body?["details"]
    let listed = details?["causes"]?.array ?? []
    causes = listed.compactMap { cause in
      let field = cause["field"]?.string.map { "\($0): " } ?? ""
      return cause["message"]?.string.map { field + $0 }
    }
    conflicts = listed.compactMap { cause in
      guard cause["reason"] == "FieldManagerConflict", let field = cause["field"]?.string,
        // conflict with "manager" using v1 at …
        let parts = cause["message"]?.string?.split(
          separator: "\"", omittingEmptySubsequences: false),
        parts.count >= 3
      else { return nil }
      return Conflict(field: field, manager: String(parts[1]))
    }
    retryAfter =
      details?["retryAfterSeconds"]?.integer.map(RetryAfter.capped)
      ?? retryAfterHeader.flatMap { RetryAfter.parse($0, now: now) }
  }
}

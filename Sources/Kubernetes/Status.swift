/// What the API server says of a refused call (Kubernetes API reference, `Status`).
public struct Status: Sendable, Equatable {
  /// HTTP status.
  public var code: Int
  /// Machine-readable: AlreadyExists, NotFound, Conflict, Forbidden, Invalid …
  public var reason: String
  /// For people.
  public var message: String
  /// Why each field was refused.
  public var causes: [String]
  /// Not before; the server's wish.
  public var retryAfter: Duration?

  init(code: Int, body: JSONValue?, retryAfterHeader: String?) {
    self.code = code
    reason = body?["reason"]?.string ?? ""
    message = body?["message"]?.string ?? "HTTP status \(code)"
    causes =
      body?["details"]?["causes"]?.array?.compactMap { cause in
        let field = cause["field"]?.string.map { "\($0): " } ?? ""
        return cause["message"]?.string.map { field + $0 }
      } ?? []
    let seconds =
      body?["details"]?["retryAfterSeconds"]?.integer ?? retryAfterHeader.flatMap { Int64($0) }
    // A server that asks for hours is not taken at its word.
    retryAfter = seconds.map { .seconds(min(max($0, 0), 300)) }
  }
}

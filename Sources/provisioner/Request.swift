internal import Kubernetes

/// A call that a saga asks for.
enum Request: Sendable, Equatable {
  case get(path: String)
  /// A whole collection, as it was at one moment.
  case list(path: String)
  case create(path: String, body: JSONValue)
  case replace(path: String, body: JSONValue)
  case patch(path: String, body: JSONValue)
  /// JSON Merge Patch.
  case merge(path: String, body: JSONValue)
  /// Server-side apply, over whatever others have written.
  case apply(path: String, body: JSONValue)
  /// - `resourceVersion`: `nil`: whichever it has by now.
  case delete(path: String, uid: String, resourceVersion: String?)
}

/// What came of a call.
enum Reply: Sendable, Equatable {
  /// 2xx, with the object; of a collection its `items`.
  case object(JSONValue, status: Int)
  /// 4xx, with the API server's words.
  case refused(status: Int, reason: String, message: String, retryAfter: Duration?)
  /// No answer, or 5xx: the call may have been carried out.
  case unknown(message: String, status: Int?, retryAfter: Duration? = nil)
}

/// An HTTP client over libcurl. Requests to one server share one HTTP/2 connection where the server
/// speaks it; no thread waits for an answer.
public final class HTTPClient: Sendable {
  private let driver: CurlDriver

  /// A client that opens its connections when they are needed, and keeps them.
  public init(_ configuration: HTTPClientConfiguration = HTTPClientConfiguration()) {
    driver = CurlDriver(configuration)
  }

  /// Sends a request and returns the answer, whatever its status.
  ///
  /// When a kept connection is lost before a byte of the answer has come, libcurl sends the request
  /// once more over a new one, whatever its method: the server may carry out a write twice. Give a write
  /// a precondition (a name, a version), and take the refusal of the second for what it may be. What the
  /// server has not carried out (GOAWAY, REFUSED_STREAM, a body that was not sent whole) is sent again, too.
  /// - Throws: `HTTPError` if there is no answer; `CancellationError` if the task was cancelled, when
  ///   the server may still carry the request out.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    try request.check()
    let ticket = Ticket()
    return try await withTaskCancellationHandler {
      try await driver.send(request, ticket: ticket)
    } onCancel: {
      driver.cancel(ticket)
    }
  }
}

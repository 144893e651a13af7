internal import Synchronization

/// An HTTP client over libcurl. Requests to one server share one HTTP/2 connection where the server
/// speaks it; no thread waits for an answer.
public final class HTTPClient: Sendable {
  private let driver: CurlDriver
  private let nextID = Mutex<UInt64>(0)

  /// A client that opens its connections when they are needed, and keeps them.
  public init(_ configuration: HTTPClientConfiguration = HTTPClientConfiguration()) {
    driver = CurlDriver(configuration)
  }

  /// Sends a request and returns the answer, whatever its status.
  /// - Throws: `HTTPError` if there is no answer; `CancellationError` if the task was cancelled, when
  ///   the server may still carry the request out.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let id = nextID.withLock { id in
      id += 1
      return id
    }
    return try await withTaskCancellationHandler {
      do {
        let response = try await driver.send(request, id: id)
        return response
      } catch {
        await driver.forget(id: id)
        throw error
      }
    } onCancel: {
      driver.cancel(id: id)
    }
  }
}

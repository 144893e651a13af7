/// A request.
public struct HTTPRequest: Sendable {
  /// GET, POST, PUT, PATCH, DELETE …
  public var method: String
  /// `http://` or `https://`; nothing else is followed, redirects neither.
  public var url: String
  /// Header fields, in order.
  public var headers: [(name: String, value: String)]
  /// The body; `nil` sends none.
  public var body: [UInt8]?
  /// For the whole exchange.
  public var timeout: Duration
  /// Who sends it, if not whom the client's configuration names. Requests of different identities share
  /// no connection.
  public var identity: HTTPClientConfiguration.Identity?

  /// A request.
  public init(
    method: String, url: String, headers: [(name: String, value: String)] = [],
    body: [UInt8]? = nil, timeout: Duration = .seconds(30),
    identity: HTTPClientConfiguration.Identity? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.identity = identity
  }

  /// libcurl writes header fields as they are: a line break in one would make two of it.
  /// - Throws: `HTTPError` of code `configuration`; its message bears no value, which may be secret.
  func check() throws {
    func isBroken(_ text: String) -> Bool { text.utf8.contains { $0 == 10 || $0 == 13 || $0 == 0 } }
    if isBroken(method) || isBroken(url) {
      throw HTTPError(
        code: .configuration, message: "the method or the URL contains a line break",
        mayHaveReachedServer: false)
    }
    for header in headers where isBroken(header.name) || isBroken(header.value) {
      throw HTTPError(
        code: .configuration, message: "a header field contains a line break",
        mayHaveReachedServer: false)
    }
  }
}

/// An answer.
public struct HTTPResponse: Sendable {
  /// Status code, 100 to 599.
  public var status: Int
  /// Header fields, in order, names in lower case.
  public var headers: [(name: String, value: String)]
  /// The body.
  public var body: [UInt8]

  /// The first field of that name, in lower case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name == name }?.value
  }
}

extension ScriptedAPIServer {
  /// A request that has come in as a whole.
  public struct Request: Sendable {
    public let method: String
    /// With its query.
    public let path: String
    /// Names in lower case.
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]
    /// Which one it is of all, from 1.
    public let number: Int
    /// Which one it is of its method and path (without query), from 1.
    public let nth: Int
    /// Which connection it came on, from 1.
    public let connection: Int
    let upstream: Upstream

    /// The first header field of that name, in lower case.
    public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// Whether it is of that method, and its path (without query) ends so.
    public func asks(_ method: String, _ suffix: String) -> Bool {
      self.method == method && path.prefix { $0 != "?" }.hasSuffix(suffix)
    }

    /// Has the stack's API server carry it out, as whoever sent it, or, without a bearer token, as an
    /// administrator. Nothing is told to the client.
    public func forward() async throws -> Answer { try await upstream.send(self) }
  }

  /// An answer.
  public struct Answer: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    /// - Parameter body: JSON, by its look.
    public init(
      _ status: Int, headers: [(name: String, value: String)] = [], _ body: String = "{}"
    ) {
      self.init(status, headers: headers, bytes: Array(body.utf8))
    }

    init(_ status: Int, headers: [(name: String, value: String)], bytes: [UInt8]) {
      self.status = status
      self.headers = headers
      body = bytes
    }

    /// What the API server answers when it refuses.
    public static func refusal(
      _ status: Int, reason: String = "", message: String = "refused by the test",
      headers: [(name: String, value: String)] = []
    ) -> Answer {
      Answer(
        status, headers: headers,
        #"{"kind":"Status","apiVersion":"v1","status":"Failure","code":\#(status),"#
          + #""reason":"\#(reason)","message":"\#(message)"}"#)
    }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// What happens to a request.
  public indirect enum Reaction: Sendable {
    /// The stack's API server carries it out and answers; as `Request.forward()`.
    case forward
    case answer(Answer)
    /// The stream is reset (RST_STREAM). `.refused` says that the request was not processed.
    case reset(StreamError)
    /// GOAWAY, whose last stream is the one before: this request was not processed. The connection ends
    /// when the earlier ones are answered.
    case goAway
    /// GOAWAY, whose last stream is this one; then what is named. The connection ends afterwards.
    case goAwayAfter(Reaction)
    /// The head of the answer and so many bytes of its body; then the connection is cut.
    case cut(Answer, afterBytes: Int)
    /// The connection is cut without an answer.
    case close
    /// Nothing, ever.
    case silence
  }

  /// Why a stream is reset (RFC 9113, section 7).
  public enum StreamError: Int, Sendable {
    case internalError = 2
    case refused = 7
    case cancel = 8
    case enhanceYourCalm = 11
  }
}

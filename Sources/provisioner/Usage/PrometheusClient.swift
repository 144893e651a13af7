internal import FoundationEssentials
internal import HTTP

/// Asks Prometheus, over its HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/).
struct PrometheusClient: Sendable {
  private let url: String
  private let tokenFile: String?
  private let http: HTTPClient

  /// Seconds that an answer may take. Prometheus itself gives a query up after two minutes.
  private let timeout: Int

  /// - Parameters:
  ///   - url: What stands before `/api/v1`.
  ///   - timeout: Seconds that an answer may take; Prometheus, which is told, gives up before.
  init(url: String, tokenFile: String?, http: HTTPClient, timeout: Int = 60) {
    self.timeout = timeout
    self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    self.tokenFile = tokenFile
    self.http = http
  }

  /// What a file of a token holds.
  static func token(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.drop { $0 <= 0x20 }, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      .first.map(String.init) ?? ""
  }

  /// The answer to a question, as it is.
  /// - Throws: `PrometheusError`; `CancellationError`.
  func answer(_ question: UsageQuestion) async throws -> String {
    try await get(
      "query_range",
      [
        ("query", question.query), ("start", "\(question.start)"), ("end", "\(question.end)"),
        ("step", "\(question.step)"), ("timeout", "\(timeout)s"),
      ])
  }

  /// Whether it answers questions at all.
  /// - Throws: `PrometheusError`; `CancellationError`.
  func probe() async throws { _ = try await get("query", [("query", "vector(1)")]) }

  private func get(_ path: String, _ parameters: [(String, String)]) async throws -> String {
    let query = parameters.map { "\($0.0)=\(Self.escape($0.1))" }.joined(separator: "&")
    var headers = [(name: "Accept", value: "application/json")]
    let response: HTTPResponse
    do {
      if let tokenFile {
        var file = WatchedFile(path: tokenFile) { !Self.token($0).isEmpty }
        headers.append((name: "Authorization", value: "Bearer \(Self.token(try file.bytes()))"))
      }
      response = try await http.send(
        HTTPRequest(
          method: "GET", url: "\(url)/api/v1/\(path)?\(query)", headers: headers,
          timeout: .seconds(timeout + 2)))
    } catch let error as HTTPError {
      throw PrometheusError("no answer of Prometheus: \(error)", isAway: true)
    }
    let text = String(decoding: response.body, as: UTF8.self)
    guard response.status == 200 else { throw PrometheusError(status: response.status, text) }
    guard response.body.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else {
      throw PrometheusError(
        "what answers at \(url) is not Prometheus's API: \(PrometheusError.beginning(of: text))",
        isAway: true)
    }
    return text
  }

  /// Everything but the unreserved characters as %XX (RFC 3986, section 2).
  private static func escape(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF")
    return text.utf8.reduce(into: "") { result, byte in
      let scalar = Unicode.Scalar(byte)
      if scalar.isASCII,
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
          || "-._~".unicodeScalars.contains(scalar)
      {
        result.unicodeScalars.append(scalar)
      } else {
        result += ["%", hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
  }
}

/// Why a question has no answer.
struct PrometheusError: Error, Equatable, CustomStringConvertible {
  var description: String
  /// Whether another question would fare no better.
  var isAway: Bool

  init(_ description: String, isAway: Bool) {
    self.description = description
    self.isAway = isAway
  }

  /// - Parameter text: The body; Prometheus's own, or that of what stands before it.
  init(status: Int, _ text: String) {
    struct Answer: Decodable {
      var errorType: String?
      var error: String?
    }
    let answer = try? JSONDecoder().decode(Answer.self, from: Data(text.utf8))
    let said = answer?.error.map { "\(answer?.errorType ?? "error"): \($0)" }
    let hint =
      switch status {
      case 401, 403: "; look at --prometheus-token-file"
      case 300..<400, 404, 405: "; --prometheus-url is what stands before /api/v1"
      default: ""
      }
    description =
      "Prometheus answers \(status): \(said.map(Self.beginning) ?? Self.beginning(of: text))\(hint)"
    // What it says of one query, it says of that one.
    isAway = said == nil || status == 503
  }

  /// A line of at most 200 characters.
  static func beginning(of text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.isEmpty ? "nothing" : String(line.prefix(200))
  }
}

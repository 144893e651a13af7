internal import NIOHTTP1

/// Why a request has no other answer, as JSON (RFC 9457).
struct Problem: Sendable, Equatable {
  var status: HTTPResponseStatus
  /// One sentence, for people.
  var detail: String
  var headers: [String: String] = [:]

  /// `application/problem+json`.
  var body: [UInt8] {
    var json = Array(#"{"type":"about:blank","title":"#.utf8)
    JSONText.append(status.reasonPhrase, to: &json)
    json += #","status":\#(status.code),"detail":"#.utf8
    JSONText.append(detail, to: &json)
    return json + Array("}\n".utf8)
  }

  static func notFound(_ detail: String) -> Problem {
    Problem(status: .notFound, detail: detail)
  }

  static let methodNotAllowed = Problem(
    status: .methodNotAllowed, detail: "Only GET and HEAD are answered here.",
    headers: ["Allow": "GET, HEAD"])

  static let unauthorized = Problem(
    status: .unauthorized, detail: "A bearer token of this agent is needed.",
    headers: ["WWW-Authenticate": "Bearer"])

  static let notLocal = Problem(
    status: .misdirectedRequest,
    detail: "This address is for this host: ask for localhost or its address.")

  static let forbidden = Problem(
    status: .forbidden, detail: "That organisation's configuration is not given out here.")

  static let notLoaded = Problem(
    status: .serviceUnavailable, detail: "Nothing has been loaded yet.",
    headers: ["Retry-After": "1"])

  static let tooMany = Problem(
    status: .serviceUnavailable, detail: "There are as many readers as there may be.",
    headers: ["Retry-After": "5"])

  static let oldHTTP = Problem(
    status: .httpVersionNotSupported,
    detail: "Event streams need HTTP/1.1; behind nginx: proxy_http_version 1.1.")
}

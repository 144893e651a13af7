internal import NIOHTTP1

/// Decides what a request gets. Knows no socket.
struct RequestRouter: Sendable {
  /// What to answer.
  enum Answer: Sendable, Equatable {
    case document(service: String, AgentScope)
    case stream(service: String, AgentScope, lastID: String?)
    case refuse(Problem)
  }

  let services: Set<String>
  /// What the agent itself may see.
  let bound: AgentScope
  let access: AgentListener.Access
  /// Whether names of other hosts are refused: a page in a browser that has a name of its own resolved
  /// to this host must not read what is for this host (DNS rebinding).
  let isLoopback: Bool

  /// What a caller may see; `nil` if nothing.
  func scope(_ credential: TokenBook.Digest?, _ tokens: TokenBook) -> AgentScope? {
    switch access {
    case .open(let scope): scope
    case .tokens: credential.flatMap { tokens.scopes[$0] }?.within(bound)
    }
  }

  /// What a request gets.
  func answer(
    _ head: HTTPRequestHead, credential: TokenBook.Digest?, tokens: TokenBook
  ) -> Answer {
    if isLoopback, let host = head.headers.first(name: "host"), !Self.isLoopback(host) {
      return .refuse(.notLocal)
    }
    guard let allowed = scope(credential, tokens) else {
      if let credential, tokens.scopes[credential] != nil { return .refuse(.forbidden) }
      return .refuse(.unauthorized)
    }
    let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = parts[0].split(separator: "/", omittingEmptySubsequences: false)
    guard path.count == 4 || path.count == 5 && path[4] == "events", path[0] == "",
      path[1] == "v1", path[2] == "config"
    else {
      return .refuse(.notFound("There is /v1/config/SERVICE, and /v1/config/SERVICE/events."))
    }
    let service = String(path[3])
    guard services.contains(service) else {
      return .refuse(.notFound("This agent does not serve that service."))
    }
    guard head.method == .GET || head.method == .HEAD else { return .refuse(.methodNotAllowed) }
    let orgID: Int64?
    switch Self.organization(parts.count == 2 ? parts[1] : "") {
    case .success(let found): orgID = found
    case .failure(let mistake):
      return .refuse(Problem(status: .badRequest, detail: mistake.description))
    }
    guard let scope = allowed.narrowed(to: orgID) else { return .refuse(.forbidden) }
    let wantsEvents =
      path.count == 5
      || head.headers["accept"].contains { $0.lowercased().contains("text/event-stream") }
    guard wantsEvents, head.method == .GET else { return .document(service: service, scope) }
    guard head.version == .http1_1 else { return .refuse(.oldHTTP) }
    return .stream(
      service: service, scope, lastID: head.headers.first(name: "last-event-id"))
  }

  /// Whether the reader has the document with this tag (RFC 9110, section 13.1.2).
  static func matches(_ headers: HTTPHeaders, etag: String) -> Bool {
    headers[canonicalForm: "if-none-match"].contains { tag in
      tag == "*" || (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...]) == etag
    }
  }

  private static func organization(
    _ query: Substring
  ) -> Result<Int64?, AgentListener.Mistake> {
    var found: Int64?
    for pair in query.split(separator: "&") {
      let words = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard words.count == 2, words[0] == "org", let orgID = Int64(words[1]), orgID >= 0,
        found == nil
      else {
        return .failure(
          AgentListener.Mistake(description: "The query may be org=ID, with an organisation's id."))
      }
      found = orgID
    }
    return .success(found)
  }

  private static func isLoopback(_ host: String) -> Bool {
    if host.hasPrefix("[") { return host == "[::1]" || host.hasPrefix("[::1]:") }
    return AgentListener.isLoopback(String(host.split(separator: ":").first ?? ""))
  }
}

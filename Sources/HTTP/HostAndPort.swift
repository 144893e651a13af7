/// The authority of a URL.
struct HostAndPort: Equatable {
  var scheme: String
  /// As in the URL: an IPv6 address in brackets.
  var host: String
  var port: Int
  /// Path and query.
  var rest: String

  /// `nil` if the text is no `http` or `https` URL.
  init?(url: String) {
    scheme = String(url.prefix { $0 != ":" })
    guard ["http", "https"].contains(scheme) else { return nil }
    let after = url.dropFirst(scheme.count)
    guard after.hasPrefix("://") else { return nil }
    var authority = after.dropFirst(3).prefix { $0 != "/" && $0 != "?" }
    rest = String(url[authority.endIndex...])
    if let at = authority.lastIndex(of: "@") {
      authority = authority[authority.index(after: at)...]
    }
    if authority.hasPrefix("["), let bracket = authority.firstIndex(of: "]") {
      host = String(authority[...bracket])
    } else {
      host = String(authority.prefix { $0 != ":" })
    }
    let tail = authority.dropFirst(host.count)
    if tail.isEmpty {
      port = scheme == "https" ? 443 : 80
    } else {
      guard tail.hasPrefix(":"), let number = Int(tail.dropFirst()) else { return nil }
      port = number
    }
    guard !host.isEmpty else { return nil }
  }

  func url(replacingHostBy name: String) -> String { "\(scheme)://\(name):\(port)\(rest)" }
}

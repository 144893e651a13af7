internal import Foundation
internal import Testing

@testable import Kubernetes

@Suite struct RetryAfterTests {
  /// 1994-11-06 08:49:37 UTC, the example of RFC 9110.
  let now = Date(timeIntervalSince1970: 784_111_777)

  @Test(arguments: [
    ("0", 0), ("1", 1), (" 7 ", 7), ("300", 300), ("301", 300), ("86400", 300),
    ("99999999999999999999999", 300),
    ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sun, 06 Nov 1994 08:49:40 GMT", 3),
    ("Sun, 06 Nov 1994 08:00:00 GMT", 0), ("Mon, 07 Nov 1994 08:49:37 GMT", 300),
    ("Sunday, 06-Nov-94 08:49:47 GMT", 10), ("Sun Nov  6 08:49:57 1994", 20),
  ])
  func `Seconds or a date, five minutes at most`(text: String, seconds: Int64) {
    #expect(RetryAfter.parse(text, now: now) == .seconds(seconds))
  }

  @Test(arguments: ["", "-1", "1.5", "soon", "1 s", "Sun, 06 Nov 1994", "١"])
  func `Neither`(text: String) { #expect(RetryAfter.parse(text, now: now) == nil) }

  @Test func `Of the body, else of the header, else none`() {
    func wish(_ body: JSONValue?, _ header: String?) -> Duration? {
      Status(code: 429, body: body, retryAfterHeader: header, now: now).retryAfter
    }
    #expect(wish(["details": ["retryAfterSeconds": 7]], "3") == .seconds(7))
    #expect(wish(["details": ["retryAfterSeconds": 100_000]], nil) == .seconds(300))
    #expect(wish(["details": [:]], "3") == .seconds(3))
    #expect(wish(nil, "Sun, 06 Nov 1994 08:49:40 GMT") == .seconds(3))
    #expect(wish(nil, nil) == nil && wish(nil, "soon") == nil)
  }
}

@Suite struct WarningTests {
  @Test(arguments: [
    (#"299 - "old""#, ["old"]), (#"299 - "a \"b\" \\ c""#, [#"a "b" \ c"#]),
    (#"299 - "one", 299 - "two""#, ["one", "two"]),
    (#"299 k8s "old" "Sun, 06 Nov 1994 08:49:37 GMT""#, ["old"]), ("nonsense", ["nonsense"]),
    (#"299 - "unended"#, [#"299 - "unended"#]),
  ])
  func `What it says`(header: String, texts: [String]) { #expect(Warning.texts(header) == texts) }
}

@Suite struct PagerTests {
  func page(_ names: [String], next: String? = nil, version: String = "7") -> JSONValue {
    var metadata: [String: JSONValue] = ["resourceVersion": .string(version)]
    metadata["continue"] = next.map(JSONValue.string)
    return ["metadata": .object(metadata), "items": .array(names.map(JSONValue.string))]
  }

  @Test func `Page by page`() {
    var pager = Pager(limit: 2)
    #expect(pager.start() == .read(limit: 2, continue: nil))
    #expect(pager.take(page(["a", "b"], next: "x")) == .read(limit: 2, continue: "x"))
    #expect(pager.take(page(["c"], next: "")) == .done)
    #expect(pager.items == ["a", "b", "c"] && pager.resourceVersion == "7")
  }

  @Test func `What has expired is begun anew, in the end in one piece, and then given up`() {
    var pager = Pager(limit: 2)
    for limit in [2, 2, nil] {
      _ = pager.take(page(["a", "b"], next: "x"))
      #expect(pager.expire() == .read(limit: limit, continue: nil))
      #expect(pager.items.isEmpty)
    }
    #expect(pager.expire() == nil)
  }

  @Test func `Nothing is there`() {
    var pager = Pager(limit: 2)
    #expect(pager.take(["metadata": [:], "items": .null]) == .done)
    #expect(pager.items.isEmpty)
  }
}

@Suite struct QueryTests {
  @Test func `Parameters are added and escaped`() {
    #expect(Query.append([], to: "/x") == "/x")
    #expect(
      Query.append([("a", "b=c,d"), ("e", "ü/ ")], to: "/x") == "/x?a=b%3Dc%2Cd&e=%C3%BC%2F%20")
    #expect(Query.append([("a", "~-._")], to: "/x?y") == "/x?y&a=~-._")
  }
}

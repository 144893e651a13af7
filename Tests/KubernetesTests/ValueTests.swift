internal import Testing

@testable import Kubernetes

@Suite struct Quantities {
  @Test(arguments: [
    ("1000m", "1"), ("1", "1.0"), ("0.5", "500m"), ("1Ki", "1024"), ("1Gi", "1024Mi"),
    ("1e3", "1k"),
    ("1E3", "1000"), ("1E", "1000P"), ("100n", "0.1u"), ("0", "-0"), ("0Gi", "0m"), (".5", "500m"),
    ("5.", "5"), ("+1", "1"), ("1.5Gi", "1536Mi"), ("-1k", "-1000"),
  ])
  func `Equal by value`(a: String, b: String) throws {
    #expect(try #require(Quantity(a)) == #require(Quantity(b)))
  }

  @Test(arguments: [
    ("1", "2"), ("999m", "1"), ("1M", "1Mi"), ("-1", "0"), ("-2", "-1"), ("0", "1n"), ("1n", "1E"),
    ("-1E", "1n"), ("1.1", "1.11"), ("999P", "1E"),
  ])
  func `Less by value`(a: String, b: String) throws {
    let (a, b) = (try #require(Quantity(a)), try #require(Quantity(b)))
    #expect(a < b && !(b < a) && a != b)
  }

  @Test(arguments: [
    "", "-", ".", "Gi", "1 Gi", "1gi", "1K", "0x1", "1e", "1eX", "one", "1.2.3", "١",
  ])
  func `What is none`(text: String) { #expect(Quantity(text) == nil) }
}

@Suite struct JSONValues {
  @Test func `Objects compare without regard to order`() throws {
    #expect(
      try JSONValue(parsing: #"{"a":1,"b":[true,null]}"#)
        == JSONValue(parsing: #"{"b":[true,null],"a":1}"#))
    #expect(try JSONValue(parsing: "1") != JSONValue(parsing: "true"))
  }

  @Test func `There and back`() throws {
    let text = #"{"a":[1,-9223372036854775808,1.5,"x/y \"é\"",true,null,{}],"b":{}}"#
    #expect(try JSONValue(parsing: text).serialized() == text)
    #expect(throws: (any Error).self) { try JSONValue(parsing: "{") }
  }

  @Test func `Setting makes the way`() {
    let value: JSONValue = ["a": ["b": 1]]
    #expect(value.setting("a", "c", "d", to: 2) == ["a": ["b": 1, "c": ["d": 2]]])
  }

  @Test func `An object contains what it says, and no more`() {
    let actual: JSONValue = ["a": 1, "list": [["x": 1, "y": 2]], "o": ["p": "q"]]
    #expect(actual.contains(["a": 1]))
    #expect(actual.contains(["list": [["x": 1]], "o": [:]]))
    #expect(actual.contains(["absent": [:]]) && actual.contains(["absent": []]))
    #expect(!actual.contains(["a": 2]))
    #expect(!actual.contains(["absent": 1]))
    #expect(!actual.contains(["list": []]))
    #expect(!actual.contains(["list": [["x": 1], ["x": 1]]]))
    #expect(!actual.contains(["o": ["p": "r"]]))
  }

  @Test func `Quantities compare by value where quantities are`() {
    for path in ["hard", "limits"] {
      let actual: JSONValue = ["spec": .object([path: ["cpu": "1"]])]
      #expect(actual.contains(["spec": .object([path: ["cpu": "1000m"]])]))
      #expect(!actual.contains(["spec": .object([path: ["cpu": "1001m"]])]))
    }
    let range: JSONValue = [
      "spec": [
        "limits": [["type": "Container", "default": ["cpu": "1"], "max": ["memory": "1Gi"]]]
      ]
    ]
    #expect(
      range.contains([
        "spec": ["limits": [["default": ["cpu": "1000m"], "max": ["memory": "1024Mi"]]]]
      ]))
  }

  @Test func `Elsewhere text is text, whatever it looks like`() {
    let actual: JSONValue = ["metadata": ["labels": ["version": "1.10", "org": "1e3"]]]
    #expect(!actual.contains(["metadata": ["labels": ["version": "1.1"]]]))
    #expect(!actual.contains(["metadata": ["labels": ["org": "1000"]]]))
    #expect(actual.contains(["metadata": ["labels": ["version": "1.10", "org": "1e3"]]]))
    let named: JSONValue = ["metadata": ["labels": ["limits": "1.10"]], "data": ["max": "1.10"]]
    #expect(!named.contains(["metadata": ["labels": ["limits": "1.1"]]]))
    #expect(!named.contains(["data": ["max": "1.1"]]))
    let selected: JSONValue = ["spec": ["podSelector": ["matchLabels": ["max": "1.10"]]]]
    #expect(!selected.contains(["spec": ["podSelector": ["matchLabels": ["max": "1.1"]]]]))
  }
}

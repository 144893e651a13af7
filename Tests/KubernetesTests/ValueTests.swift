internal import JSONText
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
  }

  @Test func `Every character comes back`() throws {
    let value: JSONValue = .string(
      String(String.UnicodeScalarView((0...0x10FFFF).compactMap(Unicode.Scalar.init))))
    let text = value.serialized()
    #expect(text.utf8.allSatisfy { $0 >= 0x20 })
    #expect(try JSONValue(parsing: text) == value)
    #expect(try JSONValue(parsing: #""\u00e9\ud83d\ude00\/\b\f""#) == "é😀/\u{8}\u{c}")
  }

  @Test(
    arguments: [
      ("1", .integer(1)), ("-0", .integer(0)), ("1.0", .integer(1)), ("1e3", .integer(1000)),
      ("9223372036854775807", .integer(.max)),
      ("12345678901234567168", .number(12_345_678_901_234_567_168)),
      ("18446744073709551616", .number(18_446_744_073_709_551_616)),
      ("1e30", .number(1e30)), ("-1.25", .number(-1.25)), ("true", .bool(true)),
      ("false", .bool(false)),
      ("null", .null),
    ] as [(String, JSONValue)])
  func `Scalars`(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == value)
    #expect(try JSONValue(parsing: value.serialized()) == value)
  }

  @Test(arguments: [
    ("", "it ends at byte 0"), ("[", "it ends at byte 1"), ("{", "no key at byte 1"),
    ("{} {}", "something behind the value at byte 3"),
    ("01", "something behind the value at byte 1"),
    ("[1,]", "what begins no value at byte 3"), ("{\"a\":1,}", "no key at byte 7"),
    ("[1 2]", "neither a comma nor the end of what is open at byte 3"),
    ("{\"a\" 1}", "no colon at byte 5"), ("{a: 1}", "no key at byte 1"),
    ("'a'", "what begins no value at byte 0"), ("tru", "what begins no value at byte 0"),
    ("NaN", "what begins no value at byte 0"), ("+1", "what begins no value at byte 0"),
    ("\u{FEFF}1", "what begins no value at byte 0"), ("-", "no digit at byte 1"),
    ("1.", "no digit at byte 2"), ("1e", "no digit at byte 2"),
    ("1e999", "a number too large at byte 5"), ("\"", "it ends in a string at byte 1"),
    ("\"a\nb\"", "a control character in a string at byte 2"),
    ("\"\\x\"", "what is no escape before at byte 3"),
    ("\"\\u12\"", "no hexadecimal digit at byte 5"),
    ("\"\\ud83d\"", "half a character before at byte 7"),
    ("\"\\ude00\"", "half a character before at byte 7"),
    (String(repeating: "[", count: 100_000), "nesting deeper than 512 levels at byte 512"),
  ])
  func `No JSON`(text: String, reason: String) {
    #expect { try JSONValue(parsing: text) } throws: { "\($0)" == "no JSON: \(reason)" }
  }

  @Test func `Members left out, whatever they are, and their text read all the same`() throws {
    func read(_ text: String) throws -> JSONValue {
      try JSONValue(parsing: Array(text.utf8), omitting: "x")
    }
    #expect(
      try read(#"{"x":[{"a":[]},{}],"b":[{"x":1,"c":"d"},{"x":{"y":null}}],"e":"x"}"#)
        == ["b": [["c": "d"], [:]], "e": "x"])
    #expect(try read(#"{"x":{"\"":"}\\","\u00e9":"\""},"e":"é","x":"ö"}"#) == ["e": "é"])
    #expect(throws: JSONError(offset: 5, message: "what begins no value")) {
      try read(#"{"x":*}"#)
    }
    #expect(throws: JSONError(offset: 8, message: "what is no escape before")) {
      try read(#"{"x":"\q"}"#)
    }
    #expect(throws: JSONError(offset: 7, message: "it ends in a string")) { try read(#"{"x":"a"#) }
  }

  @Test func `No UTF-8`() {
    #expect(throws: JSONError(offset: 2, message: "a string that is no UTF-8 before")) {
      try JSONValue(parsing: [0x22, 0xFF, 0x22])
    }
  }

  @Test func `What JSON does not have is null`() {
    #expect(JSONValue.array([.number(.nan), .number(-.infinity)]).serialized() == "[null,null]")
  }

  @Test func `Setting makes the way`() {
    let value: JSONValue = ["a": ["b": 1]]
    #expect(value.setting("a", "c", "d", to: 2) == ["a": ["b": 1, "c": ["d": 2]]])
  }

  @Test func `A number is a quantity where quantities are, and only there`() {
    let actual: JSONValue = ["spec": ["hard": ["pods": "10", "cpu": "500m"], "replicas": "3"]]
    #expect(actual.contains(["spec": ["hard": ["pods": 10, "cpu": .number(0.5)]]]))
    #expect(!actual.contains(["spec": ["hard": ["pods": 11]]]))
    #expect(!actual.contains(["spec": ["replicas": 3]]))
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

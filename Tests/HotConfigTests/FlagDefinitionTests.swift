internal import Testing

@testable internal import HotConfig

/// What is no definition is served as the caller's default, and said why.
@Suite struct FlagDefinitionTests {
  @Test(arguments: [
    ("", "it is no JSON: it ends at byte 0"),
    ("{", "it is no JSON: no key at byte 1"),
    (#"{"enabled": true}x"#, "it is no JSON: something behind the value at byte 17"),
    (#"{"enabled": tru}"#, "it is no JSON: what begins no value at byte 12"),
    (#"{"off": "\ud83d"}"#, "it is no JSON: half a character before at byte 15"),
    (#"{"off": "\u0000"}"#, "it is no JSON: a string with U+0000 before at byte 16"),
    (#"{"o\u0000": 1}"#, "it is no JSON: a string with U+0000 before at byte 11"),
    (#"{"rules": 01}"#, "it is no JSON: neither a comma nor the end of what is open at byte 11"),
    ("7", "it is neither true, false nor an object"),
    ("null", "it is neither true, false nor an object"),
    (#"{"enabled": 1}"#, "enabled is neither true nor false"),
    (#"{"enable": true}"#, "it has the unknown member enable"),
    (#"{"from": "2026-12-01"}"#, "from is no time like 2026-12-01T08:00:00Z"),
    (#"{"from": "2026-13-01T00:00:00Z"}"#, "from is no time like 2026-12-01T08:00:00Z"),
    (
      #"{"from": "2026-12-01T08:00:00Z", "until": "2026-12-01T08:00:00Z"}"#,
      "until is not after from"
    ),
    (#"{"variants": {}}"#, "variants is no object of 1 to 20 variants"),
    (#"{"variants": {"A": 1}}"#, "variants has 'A', which is no name of a variant"),
    (#"{"variants": {"a": 1}}"#, "off is none of the variants"),
    (#"{"variants": {"a": 1}, "off": "a"}"#, "default is none of the variants"),
    (#"{"default": "on", "rollout": {"shares": []}}"#, "it has both default and rollout"),
    (#"{"rollout": {"shares": []}}"#, "rollout.shares is no list of 1 to 20 shares"),
    (
      #"{"rollout": {"shares": [{"variant": "on", "weight": 1.0}]}}"#,
      "rollout.shares[0].weight is no whole number from 0 to 100000"
    ),
    (
      #"{"rollout": {"shares": [{"variant": "on", "weight": 99999}]}}"#,
      "rollout.shares add up to 99999, not to 100000"
    ),
    (
      #"{"rollout": {"shares": [{"variant": "on", "weight": 100000}], "by": "a b"}}"#,
      "rollout.by is no name of an attribute"
    ),
    (#"{"prerequisites": [{"flag": "g"}]}"#, "prerequisites[0] has no variant"),
    (
      #"{"rules": [{"priority": 1, "when": [], "variant": "on"}, {"priority": 1, "when": [], "variant": "on"}]}"#,
      "rules[1].priority is not above that of the rule before, 1"
    ),
    (
      #"{"rules": [{"priority": 1, "when": []}]}"#,
      "rules[0] has not exactly one of variant and rollout"
    ),
    (
      #"{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "like", "values": ["b"]}], "variant": "on"}]}"#,
      "rules[0].when[0].operator is the unknown 'like'"
    ),
    (
      #"{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "less", "values": [1e400]}], "variant": "on"}]}"#,
      "rules[0].when[0].values has a value that is no number, or none that a double holds"
    ),
    (
      #"{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "in", "values": [[]]}], "variant": "on"}]}"#,
      "rules[0].when[0].values has a value that is no text, number or boolean, or a number that no double holds"
    ),
  ]) func aDefinitionThatIsNone(_ text: String, _ why: String) {
    #expect(throws: FlagFault.self) { try FlagDefinition(parsing: text) }
    do {
      _ = try FlagDefinition(parsing: text)
    } catch {
      #expect(error.description == why)
    }
  }

  @Test func whatPostgreSQLWritesWithoutAPointIsAWholeNumber() {
    for (text, whole) in [
      ("1", 1), ("1e2", 100), ("25E3", 25000), ("-0", 0), ("0e9", 0), ("1.5e1", 15),
      ("999999", 999_999),
    ] { #expect(FlagNumber(text).smallWhole == whole, "\(text)") }
    for text in [
      "1.0", "10e-1", "1e6", "-1", "1e400", "1e-400", "1.50e1", "1e99999999999999999999",
    ] {
      #expect(FlagNumber(text).smallWhole == nil, "\(text)")
    }
  }

  @Test func aNumberThatNoDoubleHoldsIsNone() {
    for text in ["0", "-0.0e-999", "1e300", "-1e-300", "0.1"] {
      #expect(FlagNumber(text).double != nil, "\(text)")
    }
    for text in ["1e301", "1e-301", "-1e400", "1e-400", "2e999999999999999999999"] {
      #expect(FlagNumber(text).double == nil, "\(text)")
    }
  }

  /// Postgres compares bytes; Swift's `String` takes these for the same.
  @Test func textsAreTheirBytes() throws {
    #expect("\u{212A}" == "K" && "e\u{301}" == "\u{E9}")
    let condition = #"{"attribute": "K", "operator": "in", "values": ["\u00e9"]}"#
    let definition = try FlagDefinition(
      parsing: """
        {"default": "off", "rules": [{"priority": 1, "when": [\(condition)], "variant": "on"}]}
        """)
    let test = definition.rules[0].conditions[0]
    #expect(test.holds(.string("\u{E9}")) && !test.holds(.string("e\u{301}")))
    let attributes: FlagAttributes = ["\u{212A}": "\u{E9}"]
    #expect(attributes["K"] == nil && attributes["\u{212A}"] == .string("\u{E9}"))
    let both: FlagAttributes = ["K": 1, "\u{212A}": 2, "K": 3]
    #expect(both["K"] == 3 && both["\u{212A}"] == 2)
  }

  @Test func aTimeIsInTheOrderOfItsText() throws {
    #expect(FlagTime(secondsSince1970: 1_796_112_000) == FlagTime("2026-12-01T08:00:00Z"))
    #expect(FlagTime(secondsSince1970: 0) == FlagTime("1970-01-01T00:00:00Z"))
    #expect(try #require(FlagTime("2026-02-31T00:00:00Z")) < FlagTime("2026-03-01T00:00:00Z")!)
    for text in [
      "2026-12-01T24:00:00Z", "2026-12-01T08:60:00Z", "2026-12-01T08:00:60Z",
      "2026-00-01T08:00:00Z", "2026-12-00T08:00:00Z", "2026-12-32T08:00:00Z",
      "2026-12-01 08:00:00Z", "2026-12-01T08:00:00z", "2026-12-01T08:00:00",
      "2026-12-01T08:00:00Z\n", "２026-12-01T08:00:00Z",
    ] { #expect(FlagTime(text) == nil, "\(text)") }
  }
}

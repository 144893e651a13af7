/// JSON that is made up, to be written in more than one way.
indirect enum RandomJSON {
  case word(String)
  case list([RandomJSON])
  case object([(String, RandomJSON)])

  static func text(_ text: String) -> RandomJSON {
    .word("\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"")
  }

  var json: String {
    switch self {
    case .word(let word): word
    case .list(let elements): "[\(elements.map(\.json).joined(separator: ", "))]"
    case .object(let members):
      "{\(members.map { "\"\($0.0)\": \($0.1.json)" }.joined(separator: ","))}"
    }
  }
}

/// Definitions of flags, and whom they are evaluated for, by chance.
struct RandomFlag {
  private var random: SplitMix

  init(seed: UInt64) { random = SplitMix(state: seed) }

  private static let texts = [
    "x", "X", "", "\u{E9}", "e\u{301}", "\u{212A}", "K", "🦊", "日本語", "caf\u{E9}", "cafe\u{301}s",
    "ann@acme.com", "1", "true", "2.10.0", "2.9.99", "10.0.0", "002.10.0", "1.2", "1.2.1234567890",
    "2026-12-01T12:00:00Z", "2026-02-31T00:00:00Z", "2027-01-01T00:00:00Z", "2026-12-01",
    "a b\\c\"",
    "7", "pro",
  ]
  private static let numbers = [
    "0", "-0", "1", "1.0", "1e0", "-1.5", "0.1", "1e2", "9007199254740993", "9007199254740992",
    "1e300", "-1e-300", "123456789.125",
  ]
  private static let unheld = ["1e301", "-1e301", "1e-301", "2e400"]
  private static let names = ["a", "K", "plan", "org_id", "subject", "a.b-c_D9"]
  private static let times = [
    "2026-01-01T00:00:00Z", "2026-12-01T12:00:00Z", "2027-06-01T00:00:00Z",
  ]

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
  mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }
  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values.randomElement(using: &random)!
  }
  private mutating func some<Value>(_ count: ClosedRange<Int>, _ make: (inout Self) -> Value)
    -> [Value]
  {
    (0..<number(count)).map { _ in make(&self) }
  }

  // MARK: Whom it is evaluated for

  private mutating func scalar() -> RandomJSON {
    switch number(0...9) {
    case 0...4: .text(pick(Self.texts))
    case 5...7: .word(pick(Self.numbers))
    case 8: .word(pick(Self.unheld))
    default: .word(pick(["true", "false"]))
    }
  }

  private mutating func attribute() -> RandomJSON {
    switch number(0...9) {
    case 0: .word("null")
    case 1: .object([("x", scalar())])
    case 2...3: .list(some(0...3) { $0.chance(80) ? $0.scalar() : $0.attribute() })
    default: scalar()
    }
  }

  mutating func attributes() -> RandomJSON {
    .object(some(0...4) { ($0.chance(90) ? $0.pick(Self.names) : "\u{212A}", $0.attribute()) })
  }

  mutating func subject() -> String? {
    chance(80) ? (chance(70) ? "u\(number(0...999))" : pick(Self.texts)) : nil
  }
  mutating func time() -> String { pick(Self.times) }

  // MARK: Definitions

  private mutating func condition() -> RandomJSON {
    let name = ("attribute", RandomJSON.text(pick(Self.names)))
    func condition(_ test: String, _ values: [RandomJSON]?) -> RandomJSON {
      .object([name, ("operator", .text(test))] + (values.map { [("values", .list($0))] } ?? []))
    }
    switch number(0...5) {
    case 0: return condition(pick(["exists", "not_exists"]), nil)
    case 1, 2:
      return condition(
        pick(["in", "not_in"]),
        some(1...5) {
          switch $0.number(0...9) {
          case 0...5: .text($0.pick(Self.texts))
          case 6...8: .word($0.pick(Self.numbers))
          default: .word($0.pick(["true", "false"]))
          }
        })
    case 3:
      return condition(
        pick(["starts_with", "ends_with", "contains"]),
        some(1...2) {
          .text(
            $0.pick(
              Self.texts.filter { !$0.isEmpty }.map { text in
                // A part of it, cut between code points.
                let scalars = Array(text.unicodeScalars)
                return String(String.UnicodeScalarView(scalars.prefix(max(1, scalars.count - 1))))
              }))
        })
    case 4:
      return condition(
        pick(["less", "at_most", "more", "at_least"]), [.word(pick(Self.numbers))])
    default:
      return chance(50)
        ? condition(
          pick(["before", "after"]), [.text(pick(Self.times + ["2026-02-31T00:00:00Z"]))])
        : condition(
          pick(["version_below", "version_at_least"]),
          [.text(pick(["2.10.0", "010.0.0", "0.0.1"]))])
    }
  }

  private mutating func rollout(_ variants: [String]) -> RandomJSON {
    let first = number(0...100_000)
    let second = number(0...(100_000 - first))
    let weights = chance(20) ? ["1e5"] : ["\(first)", "\(second)", "\(100_000 - first - second)"]
    let shares = weights.map { weight in
      RandomJSON.object([("variant", .text(pick(variants))), ("weight", .word(weight))])
    }
    return .object(
      [("shares", .list(shares))] + (chance(30) ? [("by", .text(pick(Self.names)))] : []))
  }

  private mutating func rules(_ variants: [String]) -> RandomJSON {
    var priority = -1
    return .list(
      some(0...4) { this in
        priority += this.number(1...9)
        return .object(
          [
            ("priority", .word("\(priority)")),
            ("when", .list(this.some(0...2) { $0.condition() })),
          ] + (this.chance(70) ? [("name", .text("rule \(priority) é"))] : [])
            + [
              this.chance(60)
                ? ("variant", .text(this.pick(variants))) : ("rollout", this.rollout(variants))
            ])
      })
  }

  /// - Parameter others: Flags that it may need, and their variants.
  mutating func definition(needing others: [(key: String, variants: [String])] = []) -> (
    json: RandomJSON, variants: [String]
  ) {
    if chance(8) { return (.word(pick(["true", "false"])), ["on", "off"]) }
    var members: [(String, RandomJSON)] = []
    var variants = ["on", "off"]
    if chance(40) {
      variants = ["red", "blue", "0.x", "none"]
      members.append(
        ("variants", .object(variants.map { ($0, $0 == "none" ? .word("null") : attribute()) })))
      members.append(("off", .text(pick(variants))))
    }
    if chance(10) { members.append(("enabled", .word(pick(["true", "false"])))) }
    if chance(5) { members.append(("killed", .word("true"))) }
    if chance(15) { members.append(("salt", .text(pick(["", "s", "2026_-"])))) }
    if chance(15) { members.append(("from", .text(pick(Self.times)))) }
    if chance(10) { members.append(("until", .text("2028-01-01T00:00:00Z"))) }
    if chance(30), !others.isEmpty {
      let needed = some(1...2) { this in
        let other = this.pick(others)
        return RandomJSON.object([
          ("flag", .text(other.key)), ("variant", .text(this.pick(other.variants))),
        ])
      }
      members.append(("prerequisites", .list(needed)))
    }
    if chance(60) { members.append(("rules", rules(variants))) }
    if chance(50) {
      members.append(("rollout", rollout(variants)))
    } else if variants.count > 2 || chance(50) {
      members.append(("default", .text(pick(variants))))
    }
    return (.object(members), variants)
  }

  /// What an organisation has chosen.
  mutating func choice(_ variants: [String]) -> RandomJSON {
    switch number(0...3) {
    case 0 where variants.contains("on"): .word("true")
    case 1: .word("false")
    default: .object([("variant", .text(pick(variants)))])
    }
  }

  // MARK: What is none

  /// The same with something in it replaced, taken out, or added.
  mutating func broken(_ json: RandomJSON) -> RandomJSON {
    switch json {
    case .list(var elements) where !elements.isEmpty && chance(75):
      let place = number(0...(elements.count - 1))
      elements[place] = broken(elements[place])
      return .list(elements)
    case .object(var members) where !members.isEmpty && chance(85):
      let place = number(0...(members.count - 1))
      switch number(0...9) {
      case 0: members.remove(at: place)
      case 1: members.append(pick([("a", .word("1")), members[place], ("variant", .text("on"))]))
      case 2: members[place].0 += pick(["s", "\u{301}"])
      default: members[place].1 = broken(members[place].1)
      }
      return .object(members)
    default:
      switch number(0...4) {
      case 0: return attribute()
      case 1: return .word(pick(Self.numbers + Self.unheld))
      case 2: return .text(pick(Self.texts + ["on", "off", "exists", "in"]))
      case 3: return .list([])
      default: return json
      }
    }
  }
}

/// Vigna's generator, so that a seed says what was tried.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

internal import Postgres
internal import Synchronization
internal import Testing

@testable internal import HotConfig

/// Flags as a service holds them: what is served, what is told, what is counted.
@Suite struct FlagTests {
  /// A service that never runs: what it holds is the test's.
  private final class Pod: Sendable {
    private let told = Events()
    let config: ServiceConfig

    private final class Events: Sendable {
      let troubles = Mutex<[String]>([])
    }

    init(loaded: Bool = true) {
      let told = told
      config = ServiceConfig(
        FlagBook.service,
        HotConfigConfiguration(
          services: [FlagBook.service], postgres: PostgresConfiguration(conninfo: ""), redis: nil)
      ) { event in
        if case .flag(let key, let trouble) = event {
          told.troubles.withLock { $0.append("\(key): \(trouble)") }
        }
      }
      if loaded { load([:]) }
    }

    /// What the service is told of, by `org/key`.
    func load(_ values: [String: String?], type: String = "json") {
      let rows = values.map { name, text in
        let parts = name.split(separator: "/")
        return (
          ConfigValue.Key(orgID: Int64(parts[0])!, key: String(parts[1])),
          ConfigValue(
            text: text, type: type, version: version(name) + 1, changedMicroseconds: 0)
        )
      }
      let load = ConfigLoad(
        service: FlagBook.service, epoch: 1, seq: 1, snapshot: "1:1:",
        isComplete: config.epoch == nil, rows: Dictionary(uniqueKeysWithValues: rows))
      let changes = config.memory.withLock { $0.store.apply(load, heard: nil) }
      config.keepFlags(changes)
      config.tell(changes)
    }

    private func version(_ name: String) -> Int64 {
      let parts = name.split(separator: "/")
      let key = ConfigValue.Key(orgID: Int64(parts[0])!, key: String(parts[1]))
      return config.values[key]?.version ?? 0
    }

    var troubles: [String] { told.troubles.withLock { $0 } }
  }

  private static let colours = #"""
    {"variants": {"red": "#f00", "many": 9007199254740993, "half": 0.5, "plan": {"steps": [1, 2]}, "none": null},
     "off": "none", "default": "red"}
    """#

  private struct Plan: Decodable, Equatable { var steps: [Int] }

  @Test func everyVariantIsOfItsType() {
    let pod = Pod()
    pod.load(["0/f": Self.colours, "0/on": "{}"])
    #expect(pod.config.flag("on", orgID: 7, default: false))
    #expect(pod.config.flag("f", orgID: 7, default: "-") == "#f00")
    pod.load(["7/f": #"{"variant": "half"}"#])
    #expect(pod.config.flag("f", orgID: 7, default: 0.0) == 0.5)
    #expect(pod.config.flag("f", orgID: 8, default: "-") == "#f00")
    pod.load(["7/f": #"{"variant": "many"}"#])
    #expect(pod.config.answer(flag: "f", orgID: 7, json: Int64(0)).value == 9_007_199_254_740_993)
    pod.load(["7/f": #"{"variant": "plan"}"#])
    let answer = pod.config.answer(flag: "f", orgID: 7, json: Plan(steps: []))
    #expect(
      answer
        == FlagAnswer(
          value: Plan(steps: [1, 2]), variant: "plan", reason: .organisation, rule: nil))
    #expect(pod.config.answer(flag: "f", orgID: 7, json: Plan(steps: [])) == answer)
    #expect(pod.config.flag("f", orgID: 7, default: FlagValue.null) == .object(["steps": [1, 2]]))
    pod.load(["7/f": "false"])
    #expect(pod.config.flag("f", orgID: 7, default: FlagValue.bool(true)) == .null)
    #expect(pod.troubles.isEmpty)
  }

  @Test func anotherTypeIsTheDefaultAndToldOnce() {
    let pod = Pod()
    pod.load(["0/f": Self.colours])
    for _ in 0..<3 {
      #expect(
        pod.config.answer(flag: "f", orgID: 7, default: true)
          == FlagAnswer(value: true, variant: "red", reason: .wrongType, rule: nil))
      #expect(
        pod.config.answer(flag: "f", orgID: 7, json: Plan(steps: [])).reason == .wrongType)
    }
    #expect(
      pod.troubles == [
        "f: its variant red is no Bool; the default is served",
        "f: its variant red is no Plan; the default is served",
      ])
  }

  @Test func anUnknownFlagIsTheDefaultAndToldOnce() {
    let pod = Pod(loaded: false)
    #expect(pod.config.flag("f", orgID: 7, default: true))
    #expect(pod.troubles.isEmpty, "nothing is known yet")
    pod.load([:])
    for _ in 0..<3 {
      #expect(
        pod.config.answer(flag: "f", orgID: 7, default: true)
          == FlagAnswer(value: true, variant: nil, reason: .unknown, rule: nil))
    }
    let told = "f: there is none; the default is served; SELECT key FROM admin.flags() lists them"
    #expect(pod.troubles == [told])
    // Defined and taken away: told anew.
    pod.load(["0/f": "{}"])
    #expect(pod.config.answer(flag: "f", orgID: 7, default: false).reason == .default)
    pod.load(["0/f": nil])
    #expect(pod.config.answer(flag: "f", orgID: 7, default: false).reason == .unknown)
    #expect(pod.troubles == [told, told])
    // Whoever makes keys up fills no memory.
    for number in 0..<3000 { _ = pod.config.flag("made-up-\(number)", orgID: 7, default: true) }
    #expect(pod.troubles.count <= 1002)
  }

  @Test func aMalformedFlagIsTheDefaultAndToldOnce() {
    let pod = Pod()
    pod.load([
      "0/f": #"{"enable": true}"#, "0/g": #"{"prerequisites": [{"flag": "f", "variant": "on"}]}"#,
    ])
    for _ in 0..<3 {
      #expect(
        pod.config.answer(flag: "f", orgID: 7, default: true)
          == FlagAnswer(value: true, variant: nil, reason: .malformed, rule: nil))
    }
    #expect(
      pod.config.answer(flag: "g", orgID: 7, default: true)
        == FlagAnswer(value: false, variant: "off", reason: .prerequisite, rule: "f"))
    #expect(
      pod.troubles == [
        "f: its version 1 is no definition: it has the unknown member enable; the default is served; is this program older than the database?"
      ])
    pod.load(["0/f": "{}"])
    #expect(pod.config.answer(flag: "g", orgID: 7, default: false).value)
  }

  /// As `api.flag` does it: as if the platform had it as `false`.
  @Test func aSwitchThatOnlyAnOrganisationHas() {
    let pod = Pod()
    pod.load(["7/f": "true", "8/f": "false", "9/f": "17"])
    #expect(
      pod.config.answer(flag: "f", orgID: 7, default: false)
        == FlagAnswer(value: true, variant: "on", reason: .organisation, rule: nil))
    #expect(
      pod.config.answer(flag: "f", orgID: 8, default: true)
        == FlagAnswer(value: false, variant: "off", reason: .organisation, rule: nil))
    #expect(pod.config.answer(flag: "f", orgID: 9, default: true).reason == .disabled)
    #expect(pod.config.answer(flag: "f", orgID: 10, default: true).reason == .unknown)
    pod.load(["7/f": nil])
    #expect(pod.config.answer(flag: "f", orgID: 7, default: true).reason == .unknown)
  }

  /// Least of all is it on again for who had chosen it before it was killed.
  @Test func aFlagThatWasRemovedIsNobodysSwitch() {
    let pod = Pod()
    func answer(_ key: String) -> FlagAnswer<Bool> {
      pod.config.answer(flag: key, orgID: 7, default: false)
    }
    pod.load(["0/f": #"{"killed": true}"#, "7/f": "true"])
    #expect(answer("f").reason == .killed)
    pod.load(["0/f": nil])
    #expect(answer("f") == FlagAnswer(value: false, reason: .unknown))
    pod.load(["7/f": "false"])
    #expect(answer("f").reason == .unknown)
    pod.load(["0/f": "{}", "7/f": "true"])
    #expect(answer("f") == FlagAnswer(value: true, variant: "on", reason: .organisation))
    // Of a plain switch that the platform has no more, what an organisation has is its own.
    pod.load(["0/s": "true", "7/s": "true"], type: "boolean")
    pod.load(["0/s": nil], type: "boolean")
    #expect(answer("s") == FlagAnswer(value: true, variant: "on", reason: .organisation))
  }

  @Test func evaluationsAreCountedByVariantAndOnce() {
    let pod = Pod()
    pod.load([
      "0/f": #"{"prerequisites": [{"flag": "g", "variant": "on"}]}"#, "0/g": "{}", "0/h": "{}",
    ])
    for org in [7, 7, 8] as [Int64] { _ = pod.config.flag("f", orgID: org, default: false) }
    // A new definition goes on counting.
    pod.load(["0/f": #"{"killed": true}"#])
    _ = pod.config.flag("f", orgID: 7, default: false)
    let counts = pod.config.flags.withLock { $0.takeCounts() }
    #expect(counts == ["f": ["on": 3, "off": 1], "g": ["on": 3]])
    #expect(EvaluationReport.json(counts) == #"{"f":{"off":1,"on":3},"g":{"on":3}}"#)
    #expect(pod.config.flags.withLock { $0.takeCounts() } == [:])
    // What could not be reported comes with the next.
    pod.config.flags.withLock { $0.giveBack(counts) }
    _ = pod.config.flag("h", orgID: 7, default: false)
    #expect(
      pod.config.flags.withLock { $0.takeCounts() } == [
        "f": ["on": 3, "off": 1], "g": ["on": 3], "h": ["on": 1],
      ])
  }

  @Test func nothingIsLostBetweenManyWhoEvaluateAndOneWhoReports() async {
    let pod = Pod()
    pod.load(["0/f": "{}"])
    let counted = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<5000 { _ = pod.config.flag("f", orgID: 7, default: false) }
          return 0
        }
      }
      group.addTask {
        var counted = 0
        for number in 0..<200 {
          pod.load(["0/f": number % 2 == 0 ? "{}" : #"{"salt": "s"}"#])
          counted += pod.config.flags.withLock { $0.takeCounts() }["f"]?["on"] ?? 0
          await Task.yield()
        }
        return counted
      }
      return await group.reduce(0, +)
    }
    let rest = pod.config.flags.withLock { $0.takeCounts() }["f"]?["on"] ?? 0
    #expect(counted + rest == 20_000)
  }

  @Test func changesOfWhatAFlagNeedsAreItsChanges() async {
    let pod = Pod()
    pod.load([
      "0/f": #"{"prerequisites": [{"flag": "g", "variant": "on"}]}"#,
      "0/g": #"{"prerequisites": [{"flag": "h", "variant": "on"}]}"#, "0/h": "{}", "0/other": "{}",
    ])
    let changes = pod.config.changes(flag: "f")
    pod.load(["0/other": "false"])
    pod.load(["0/h": "false"])
    pod.load(["7/g": "true"])
    // From now on it needs nothing.
    pod.load(["0/f": "{}"])
    pod.load(["0/g": "false"])
    pod.load(["0/f": "false"])
    var seen: [String] = []
    for await change in changes {
      seen.append("\(change.key.orgID)/\(change.key.key)")
      if seen.count == 4 { break }
    }
    #expect(seen == ["0/h", "7/g", "0/f", "0/f"])
  }
}

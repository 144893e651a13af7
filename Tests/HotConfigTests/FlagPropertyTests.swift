internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import HotConfig

/// A pod and PostgreSQL say the same of definitions, subjects and attributes that chance has made.
@Suite(.timeLimit(.minutes(4))) struct FlagPropertyTests {
  /// What a question came to, comparable whoever has answered it.
  private struct Answer: Equatable, CustomStringConvertible {
    var variant: String?
    var value: FlagValue?
    var reason: String?
    var rule: String?

    var description: String {
      "\(variant ?? "-") \(reason ?? "-") \(rule ?? "-") \(value.map { "\($0)" } ?? "-")"
    }
  }

  private static func answer(_ row: PostgresRow) throws -> Answer {
    Answer(
      variant: row["variant"],
      value: try row["value"].map { FlagValue(try FlagJSON(parsing: $0)) },
      reason: row["reason"], rule: row["rule"])
  }

  private static func answer(
    _ book: FlagBook, _ key: String, orgID: Int64, subject: String?, attributes: String,
    now: String? = nil
  ) throws -> Answer {
    var (entry, question) = book.look(
      key, orgID: orgID, subject: subject,
      attributes: try #require(FlagAttributes(json: attributes)), now: now.flatMap(FlagTime.init))
    guard case .flag(let flag) = entry else { return Answer(reason: "unknown") }
    let outcome = flag.evaluate(&question)
    let variant = flag.variants[outcome.variant]
    return Answer(
      variant: variant.name, value: variant.value, reason: outcome.reason.rawValue,
      rule: outcome.rule)
  }

  /// Flags f0, f1 … each of which may need those before it, of the same eight: ten is as deep as it may be.
  private static func flags(_ random: inout RandomFlag, _ count: Int) -> [(
    key: String, json: String, variants: [String]
  )] {
    var flags: [(key: String, json: String, variants: [String])] = []
    for number in 0..<count {
      let new = random.definition(needing: flags[(number / 8 * 8)...].map { ($0.key, $0.variants) })
      flags.append(("f\(number)", new.json.json, new.variants))
    }
    return flags
  }

  @Test func theSameIsEvaluated() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try await TestDatabase.with(.migrated) { database in
      let owner = try await database.connect()
      var random = RandomFlag(seed: seed)
      var reasons: Set<String> = []
      for _ in 0..<60 {
        let flags = Self.flags(&random, 6)
        var own: [(String, String)] = []
        for flag in flags where random.chance(15) {
          own.append((flag.key, random.choice(flag.variants).json))
        }
        var book = FlagBook()
        let troubles = book.apply(
          FlagBook.parse(
            flags.map { .flagValue($0.json, $0.key) }
              + own.map { .flagValue($0.1, orgID: 7, $0.0) }))
        #expect(troubles.isEmpty, "\(troubles), seed \(seed)")
        func object(_ members: [(String, String)]) -> String {
          "{\(members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", "))}"
        }
        for _ in 0..<12 {
          let (key, subject) = ("f\(random.number(0...6))", random.subject())
          let (attributes, now) = (random.attributes().json, random.time())
          let rows = try await owner.query(
            """
            SELECT f.* FROM config.evaluate_flag($1::jsonb, $2::jsonb, $3, $4::jsonb || jsonb_build_object('org_id', '7')
              || CASE WHEN $5::text IS NULL THEN '{}' ELSE jsonb_build_object('subject', $5::text) END, $6) AS f
            """,
            [
              .json(object(flags.map { ($0.key, $0.json) })), .json(object(own)), .text(key),
              .json(attributes), .text(subject), .text(now),
            ])
          let expected = try Self.answer(rows[0])
          let found = try Self.answer(
            book, key, orgID: 7, subject: subject, attributes: attributes, now: now)
          reasons.insert(found.reason ?? "")
          #expect(
            found == expected,
            """
            seed \(seed): \(key) of \(flags.map { "\($0.key): \($0.json)" }), own \(own), \
            subject \(subject ?? "nobody"), \(attributes), at \(now)
            """)
        }
      }
      // All of them came up, whatever the seed: chance has room enough.
      #expect(reasons.isSuperset(of: ["unknown", "default", "rule", "rollout", "organisation"]))
      await owner.close()
    }
  }

  /// Through everything that stands around it: rights, row-level security, the order in the table.
  @Test func aPodSaysWhatTheFunctionForApplicationsSays() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try await TestDatabase.with(.migrated) { database in
      let owner = try await database.connect()
      let org = try await owner.createOrganization("acme")
      let app = try await database.connect(as: "app")
      try await app.execute("SET app.current_org = \(org)")
      var random = RandomFlag(seed: seed)
      let flags = Self.flags(&random, 40)
      for flag in flags {
        // A plain switch is a configuration value like others.
        let isSwitch = flag.json == "true" || flag.json == "false"
        let call =
          isSwitch
          ? "admin.set_default('features', $1, $2, 'r')" : "admin.define_flag($1, $2::jsonb, 'r')"
        try await owner.query("SELECT \(call)", [.text(flag.key), .text(flag.json)])
        if flag.json.contains("\"killed\"") {
          try await owner.query("SELECT admin.kill_flag($1, 'r')", [.text(flag.key)])
        }
        if random.chance(20) {
          // So an organisation says no more of it than on or off.
          let choice =
            isSwitch ? (random.chance(50) ? "true" : "false") : random.choice(flag.variants).json
          try await app.query(
            "SELECT api.set_flag($1, $2::jsonb, 'r')", [.text(flag.key), .json(choice)])
        }
      }
      // Only the organisation has these.
      for (key, isOn) in [("f40", "true"), ("f41", "false")] {
        try await app.query(
          "SELECT api.set_config('features', $1, $2, 'r')", [.text(key), .text(isOn)])
      }
      // What is left of a flag that was removed.
      try await owner.query("SELECT admin.define_flag('f42', '{}', 'r')")
      try await app.query("SELECT api.set_flag('f42', 'true', 'r')")
      try await owner.query("SELECT admin.remove_flag('f42', 'r')")
      var book = FlagBook()
      let values = try await owner.query(
        "SELECT org_id, key, value FROM config.service_configs WHERE service = 'features'")
      let troubles = book.apply(
        FlagBook.parse(
          values.map { .flagValue($0["value"], orgID: Int64($0["org_id"]!)!, $0["key"]!) }))
      #expect(troubles.isEmpty, "\(troubles), seed \(seed)")
      for _ in 0..<300 {
        let (key, subject) = ("f\(random.number(0...43))", random.subject())
        let attributes = random.attributes().json
        let rows = try await app.query(
          "SELECT * FROM api.flag($1, $2, $3)",
          [.text(key), .text(subject), .json(attributes)])
        let expected = try Self.answer(rows[0])
        let found = try Self.answer(
          book, key, orgID: org, subject: subject, attributes: attributes)
        #expect(
          found == expected,
          "seed \(seed): \(key), subject \(subject ?? "nobody"), \(attributes)")
      }
      await app.close()
      await owner.close()
    }
  }

  /// What PostgreSQL says against a definition, whatever other flags there are; `nil`: nothing.
  private static func refusal(_ owner: PostgresConnection, _ text: String) async throws -> String? {
    try await owner.value("SELECT pg_temp.refused($1)", [.text(text)])
  }

  private static func withRefusals(
    _ body: (PostgresConnection) async throws -> Void
  ) async throws {
    try await TestDatabase.with(.migrated) { database in
      let owner = try await database.connect()
      try await owner.execute(
        """
        CREATE FUNCTION pg_temp.refused(p_flag text) RETURNS text LANGUAGE plpgsql AS $$
        BEGIN
          IF jsonb_typeof(p_flag::jsonb) = 'object' THEN PERFORM config.check_flag('f', p_flag::jsonb);
          ELSIF jsonb_typeof(p_flag::jsonb) <> 'boolean' THEN RETURN 'neither';
          END IF;
          RETURN NULL;
        EXCEPTION WHEN SQLSTATE 'AR422' THEN RETURN SQLERRM;
        END $$
        """)
      try await body(owner)
      await owner.close()
    }
  }

  private static func fault(_ text: String) -> FlagFault? {
    do throws(FlagFault) {
      _ = try FlagDefinition(parsing: text)
      return nil
    } catch {
      return error
    }
  }

  @Test func whatIsRefusedWhenItIsWrittenIsNoDefinition() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try await Self.withRefusals { owner in
      var random = RandomFlag(seed: seed)
      var counts = (refused: 0, taken: 0)
      for _ in 0..<1500 {
        var flag = random.definition(needing: [("g", ["on", "off"])]).json
        for _ in 0..<random.number(0...2) { flag = random.broken(flag) }
        let text = flag.json
        let refusal = try await Self.refusal(owner, text)
        let fault = Self.fault(text)
        #expect(
          (refusal == nil) == (fault == nil),
          "seed \(seed): \(text): SQL \(refusal ?? "takes it"), Swift \(fault?.description ?? "takes it")"
        )
        if refusal == nil { counts.taken += 1 } else { counts.refused += 1 }
      }
      #expect(counts.refused > 100 && counts.taken > 100, "\(counts)")
    }
  }

  /// Chance never comes near the bounds: as many of each as there may be, and one more.
  @Test(
    arguments: [
      (20, #"{"variants": {MANY}, "off": "v1", "default": "v1"}"#, #""v#": 1"#),
      (19, #"{"rollout": {"shares": [{"variant": "on", "weight": 100000}, MANY]}}"#, share),
      (100, #"{"rules": [MANY]}"#, #"{"priority": #, "when": [], "variant": "on"}"#),
      (20, rule("MANY"), #"{"attribute": "a#", "operator": "exists"}"#),
      (1000, rule(#"{"attribute": "a", "operator": "in", "values": [MANY]}"#), #""v#""#),
      (10, #"{"prerequisites": [MANY]}"#, #"{"flag": "f#", "variant": "on"}"#),
    ])
  func theBoundsAreTheSame(_ most: Int, _ definition: String, _ each: String) async throws {
    try await Self.withRefusals { owner in
      for (count, isTaken) in [(most, true), (most + 1, false)] {
        let many = (1...count).map { each.replacing("#", with: "\($0)") }.joined(separator: ", ")
        let text = definition.replacing("MANY", with: many)
        let refusal = try await Self.refusal(owner, text)
        #expect((refusal == nil) == isTaken, "\(count): SQL \(refusal ?? "takes it")")
        let fault = Self.fault(text)
        #expect((fault == nil) == isTaken, "\(count): Swift \(fault?.description ?? "takes it")")
      }
    }
  }

  private static let share = #"{"variant": "off", "weight": 0}"#
  private static func rule(_ conditions: String) -> String {
    #"{"rules": [{"priority": 1, "variant": "on", "when": [\#(conditions)]}]}"#
  }
}

internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import HotConfig

/// docs/flag-vectors.json: the hash and the evaluation of feature flags, as every implementation has them.
@Suite struct FlagVectorTests {
  struct Vectors: Sendable {
    var hashes: [FlagJSON] = []
    var evaluations: [FlagJSON] = []
    /// The file, whose parts are definitions as they were written.
    var source: [UInt8] = []

    init() {
      guard
        let text = try? String(
          contentsOfFile: "\(Stack.root)/docs/flag-vectors.json", encoding: .utf8),
        let json = try? FlagJSON(parsing: text)
      else { return }
      source = Array(text.utf8)
      hashes = json["hash"]?.list ?? []
      evaluations = json["evaluations"]?.list ?? []
    }

    func text(_ json: FlagJSON) -> String {
      String(decoding: source[json.range], as: UTF8.self)
    }
  }

  static let vectors = Vectors()

  @Test func thereAreVectors() {
    #expect(Self.vectors.hashes.count >= 20 && Self.vectors.evaluations.count >= 150)
  }

  @Test func everyHashIsTheSame() throws {
    for hash in Self.vectors.hashes {
      let (key, salt) = (try #require(hash["key"]?.string), try #require(hash["salt"]?.string))
      let bucket = FlagRollout.bucket(
        prefix: FlagRollout.prefix(key: key, salt: salt), try #require(hash["subject"]?.string))
      #expect(bucket == hash["bucket"]?.number?.smallWhole, "\(key) \(salt)")
    }
  }

  @Test func everyEvaluationIsTheSame() throws {
    for vector in Self.vectors.evaluations {
      let name = try #require(vector["name"]?.string)
      let outcome = try Self.evaluate(vector)
      let expected = try #require(vector["expect"])
      #expect(outcome.variant == expected["variant"]?.string, "\(name)")
      #expect(outcome.value == expected["value"].map(FlagValue.init), "\(name)")
      #expect(outcome.reason.rawValue == expected["reason"]?.string, "\(name)")
      #expect(outcome.rule == expected["rule"]?.string, "\(name)")
    }
  }

  /// What is evaluated is what can be written.
  @Test func everyDefinitionIsOne() throws {
    for vector in Self.vectors.evaluations {
      guard case .object(let flags) = vector["flags"]?.kind else { continue }
      for (key, flag) in flags {
        let text = Self.vectors.text(flag)
        #expect(throws: Never.self, "\(key) of \(vector["name"]?.string ?? "")") {
          try FlagDefinition(parsing: text)
        }
      }
    }
  }

  private static func evaluate(_ vector: FlagJSON) throws -> FlagAnswer<FlagValue> {
    var book = FlagBook()
    let orgID = try #require(vector["org"]?.string.flatMap { Int64($0) })
    for (org, values) in [(Int64(0), vector["flags"]), (orgID, vector["own"])] {
      guard case .object(let members) = values?.kind else { continue }
      let troubles = book.apply(
        FlagBook.parse(
          members.map { key, value in
            .flagValue(vectors.text(value), orgID: org, key)
          }))
      #expect(troubles.isEmpty, "\(troubles)")
    }
    let attributes = try #require(
      vector["attributes"].flatMap { FlagAttributes(json: vectors.text($0)) })
    var (entry, question) = book.look(
      try #require(vector["key"]?.string), orgID: orgID, subject: vector["subject"]?.string,
      attributes: attributes, now: vector["now"]?.string.flatMap(FlagTime.init))
    guard case .flag(let flag) = entry else {
      return FlagAnswer(value: .null, reason: .unknown)
    }
    let outcome = flag.evaluate(&question)
    let variant = flag.variants[outcome.variant]
    return FlagAnswer(
      value: variant.value, variant: variant.name, reason: outcome.reason, rule: outcome.rule)
  }
}

extension ConfigChange {
  /// A value of service `features`, as a load brings it.
  static func flagValue(_ text: String?, orgID: Int64 = 0, _ key: String) -> ConfigChange {
    ConfigChange(
      service: FlagBook.service, key: ConfigValue.Key(orgID: orgID, key: key), old: nil,
      new: ConfigValue(text: text, type: "json", version: 1, changedMicroseconds: 0))
  }
}

internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import HotConfig

/// The test vectors of docs/protocol.md, for the client in Swift.
@Suite struct ProtocolVectorTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var `case`: String
    var steps: [Step]
    var testDescription: String { `case` }
  }

  struct Step: Decodable, Sendable {
    struct Load: Decodable, Sendable {
      struct Row: Decodable, Sendable {
        var org_id: Int64
        var key: String
        var value: String?
        var type: String
        var version: Int64
        var changed_us: Int64
      }

      var epoch: Int64
      var seq: Int64
      var snapshot: String?
      var complete: Bool
      var rows: [Row]
    }

    struct Heard: Decodable, Sendable {
      var epoch: Int64
      var inc: Int64
      var seq: Int64
    }

    struct Effective: Decodable, Sendable {
      var org_id: Int64
      var key: String
      var value: String?
    }

    var load: Load?
    var heard: Heard?
    var changed: [String]?
    var message: [String]?
    var need: String?
    var values: [String: String]?
    var effective: Effective?
  }

  static let cases: [Case] = {
    let file = URL(filePath: "\(Stack.root)/docs/protocol-vectors.json")
    guard let data = try? Data(contentsOf: file) else { return [] }
    return (try? JSONDecoder().decode([Case].self, from: data)) ?? []
  }()

  @Test func thereAreVectors() {
    #expect(Self.cases.count >= 15)
  }

  @Test(arguments: cases) func theStoreDoesWhatTheProtocolSays(_ vector: Case) throws {
    var memory = ServiceMemory()
    for (number, step) in vector.steps.enumerated() {
      let place = "\(vector.case), step \(number)"
      if let load = step.load {
        let changes = memory.store.apply(
          ConfigLoad(load),
          heard: step.heard.map { .init(epoch: $0.epoch, incarnation: $0.inc, seq: $0.seq) })
        #expect(changes.map { "\($0.key.orgID)/\($0.key.key)" } == step.changed, "\(place)")
      } else if let message = step.message {
        guard let feed = FeedMessage(channel: message[0], payload: message[1]) else {
          #expect(step.need == "ignored", "\(place)")
          continue
        }
        let need = memory.store.need(for: feed)
        #expect("\(need)" == step.need, "\(place)")
        if need == .nothing { memory.store.pass(feed) }
      } else if let values = step.values {
        let held = memory.store.values.map { key, value in
          ("\(key.orgID)/\(key.key)", "\(value.text ?? "-")@\(value.version)")
        }
        #expect(Dictionary(uniqueKeysWithValues: held) == values, "\(place)")
      } else {
        let effective = try #require(step.effective)
        let value = memory.store.effective(orgID: effective.org_id, effective.key)
        #expect(value?.text == effective.value, "\(place)")
      }
    }
  }
}

extension ConfigLoad {
  fileprivate init(_ load: ProtocolVectorTests.Step.Load) {
    self.init(
      service: "ai", epoch: load.epoch, seq: load.seq, snapshot: load.snapshot,
      isComplete: load.complete,
      rows: Dictionary(
        uniqueKeysWithValues: load.rows.map { row in
          (
            ConfigValue.Key(orgID: row.org_id, key: row.key),
            ConfigValue(
              text: row.value, type: row.type, version: row.version,
              changedMicroseconds: row.changed_us)
          )
        }))
  }
}

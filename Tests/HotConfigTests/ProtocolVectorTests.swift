internal import AsyncIO
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

    struct Kept: Decodable, Sendable {
      var epoch: Int64
      var rows: [Load.Row]
    }

    /// Seconds, or milliseconds, between which a wait lies.
    struct Wait: Decodable, Sendable {
      var subs: Int64?
      var failures: Int?
      var bounds: [Double]
    }

    var restore: Kept?
    var wait: Wait?
    /// Whether a message counts as heard.
    var counts: Bool?
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

  /// Whether what is waited lies between the bounds, whatever chance says, and is not always the same.
  private static func mayWait(_ wait: Step.Wait) -> Bool {
    let waits = (0..<200).map { _ in
      if let subs = wait.subs {
        let span = ReadSchedule.spread(over: .milliseconds(10), subscribers: subs)
        return ReadSchedule.between(.zero...span) / .milliseconds(1)
      }
      var backoff = Backoff()
      for _ in 0..<(wait.failures ?? 0) { _ = backoff.next() }
      return backoff.next() / .seconds(1)
    }
    let (low, high) = (wait.bounds[0], wait.bounds[1])
    return waits.allSatisfy { low <= $0 && $0 <= high }
      && waits.max()! - waits.min()! >= (high - low) / 2
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
        if let counts = step.counts {
          var hearing = memory
          hearing.hear(feed, at: .now)
          #expect((hearing.heardAt != nil) == counts, "\(place)")
          #expect((hearing.heard == feed.position) == counts, "\(place)")
        }
        let need = memory.store.need(for: feed)
        #expect("\(need)" == step.need, "\(place)")
        if need == .nothing { memory.store.pass(feed) }
      } else if let kept = step.restore {
        memory.store.restore(LastKnownGood(kept))
      } else if let wait = step.wait {
        #expect(Self.mayWait(wait), "\(place)")
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

extension LastKnownGood {
  fileprivate init(_ kept: ProtocolVectorTests.Step.Kept) {
    self.init(service: "ai", epoch: kept.epoch, values: heldValues(of: kept.rows))
  }
}

private func heldValues(
  of rows: [ProtocolVectorTests.Step.Load.Row]
) -> [ConfigValue.Key: ConfigValue] {
  Dictionary(
    uniqueKeysWithValues: rows.map { row in
      (
        ConfigValue.Key(orgID: row.org_id, key: row.key),
        ConfigValue(
          text: row.value, type: row.type, version: row.version, changedMicroseconds: row.changed_us
        )
      )
    })
}

extension ConfigLoad {
  fileprivate init(_ load: ProtocolVectorTests.Step.Load) {
    self.init(
      service: "ai", epoch: load.epoch, seq: load.seq, snapshot: load.snapshot,
      isComplete: load.complete, rows: heldValues(of: load.rows))
  }
}

/// Chance that comes again with its seed (SplitMix64; Steele, Lea, Flood, 2014).
struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// What is done to the servers and to those who use them. Which bridge or pod is said by number.
enum ChaosStep: Sendable, Equatable {
  case killBridge(Int)
  case terminateBridge(Int)
  case stopBridge(Int)
  case continueBridge(Int)
  case startBridge(Int)
  /// Packets of a bridge's way to Redis or PostgreSQL are dropped; `healBridge` ends both.
  case dropBridgeRedis(Int)
  case dropBridgeDatabase(Int)
  case healBridge(Int)
  case dropPod(Int)
  case healPod(Int)
  case stallPod(Int)
  case crashRedis
  case crashPostgres
  /// All sessions of the bridges, or of the pods, are ended by an administrator.
  case terminateSessions(ofBridges: Bool)
  /// Writers believe that the bridge is awake.
  case pretendAwake
  /// A transaction that has written stays open, for so many seconds or until the round ends.
  case longTransaction(seconds: Int)
  case prepare
  /// So many keys in one transaction.
  case burst(Int)
  case delete
  case rollBack
  case replay

  /// A step by chance.
  static func random(bridges: Int, pods: Int, using chance: inout SeededGenerator) -> ChaosStep {
    let bridge = Int.random(in: 0..<bridges, using: &chance)
    let pod = Int.random(in: 0..<pods, using: &chance)
    let count = [10, 100, 1000].randomElement(using: &chance)!
    let steps: [(weight: Int, ChaosStep)] = [
      (5, .killBridge(bridge)), (3, .terminateBridge(bridge)), (4, .stopBridge(bridge)),
      (4, .continueBridge(bridge)), (8, .startBridge(bridge)), (3, .dropBridgeRedis(bridge)),
      (3, .dropBridgeDatabase(bridge)), (6, .healBridge(bridge)), (3, .dropPod(pod)),
      (4, .healPod(pod)), (2, .stallPod(pod)), (2, .crashRedis), (2, .crashPostgres),
      (2, .terminateSessions(ofBridges: true)), (1, .terminateSessions(ofBridges: false)),
      (2, .pretendAwake), (3, .longTransaction(seconds: Int.random(in: 1...8, using: &chance))),
      (2, .prepare), (4, .burst(count)), (4, .delete), (3, .rollBack), (1, .replay),
    ]
    var rest = Int.random(in: 0..<steps.reduce(0) { $0 + $1.weight }, using: &chance)
    for (weight, step) in steps {
      rest -= weight
      if rest < 0 { return step }
    }
    preconditionFailure("the weights are used up")
  }

  /// The plan of a round: each step, and the pause before it.
  static func plan(
    seed: UInt64, steps: Int, bridges: Int, pods: Int
  ) -> [(pause: Duration, step: ChaosStep)] {
    var chance = SeededGenerator(seed: seed)
    return (0..<steps).map { _ in
      // Some fall together, some have time to take effect.
      let pause = Int.random(in: 0...3, using: &chance)
      return (
        .milliseconds([20, 200, 800, 2000][pause]),
        random(bridges: bridges, pods: pods, using: &chance)
      )
    }
  }
}

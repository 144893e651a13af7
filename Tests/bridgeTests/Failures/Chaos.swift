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
  /// A pod reads nothing more, and Redis has little room for what it does not read.
  case overrunPod(Int)
  /// Of the bridge's two connections to PostgreSQL only the one that listens.
  case dropListener(Int)
  case crashRedis
  /// The master dies, or hangs and comes back as a second one; the Sentinels choose another.
  case failOver(isKilled: Bool)
  case crashPostgres
  case crashPooler
  case stopPostgres(seconds: Int)
  /// A standby takes the primary's place, and does not have its last commits.
  case promoteStandby
  /// The database is dropped, and restored from a dump that is older.
  case restoreDump
  /// The server's files are those of some time ago.
  case putFilesBack
  /// A pod reads from a standby that is behind, until the round ends.
  case readFromReplica(Int)
  /// All sessions of the bridges, or of the pods, are ended by an administrator.
  case terminateSessions(ofBridges: Bool)
  /// Writers believe that the bridge is awake.
  case pretendAwake
  /// A transaction that has written stays open, for so many seconds or until the round ends.
  case longTransaction(seconds: Int)
  /// One in another database of the cluster.
  case longTransactionElsewhere(seconds: Int)
  /// So many open transactions, for some seconds.
  case crowd(Int)
  case prepare
  /// So many keys in one transaction.
  case burst(Int)
  case delete
  case deleteOrganization
  /// A row is changed while no trigger sees it.
  case changeBehindTheTrigger
  case rollBack
  case replay

  /// A step by chance.
  /// - Parameter isGroup: Whether Redis is several, whom the Sentinels know, and not behind relays.
  static func random(
    bridges: Int, pods: Int, isGroup: Bool, using chance: inout SeededGenerator
  ) -> ChaosStep {
    let bridge = Int.random(in: 0..<bridges, using: &chance)
    let pod = Int.random(in: 0..<pods, using: &chance)
    let count = [10, 100, 1000, 10_000].randomElement(using: &chance)!
    let seconds = Int.random(in: 1...8, using: &chance)
    let outage = [1, 1, 2, 2, 5, 5, 15, 60].randomElement(using: &chance)!
    let ofRedis: [(weight: Int, ChaosStep)] =
      isGroup
      ? [(8, .failOver(isKilled: Bool.random(using: &chance)))]
      : [
        (3, .dropBridgeRedis(bridge)), (2, .stallPod(pod)), (3, .overrunPod(pod)), (2, .crashRedis),
      ]
    let steps: [(weight: Int, ChaosStep)] =
      ofRedis + [
        (5, .killBridge(bridge)), (3, .terminateBridge(bridge)), (4, .stopBridge(bridge)),
        (4, .continueBridge(bridge)), (8, .startBridge(bridge)),
        (3, .dropBridgeDatabase(bridge)), (3, .dropListener(bridge)), (6, .healBridge(bridge)),
        (3, .dropPod(pod)), (4, .healPod(pod)), (2, .crashPostgres), (2, .crashPooler),
        (2, .stopPostgres(seconds: outage)), (1, .promoteStandby), (1, .restoreDump),
        (1, .putFilesBack), (2, .readFromReplica(pod)),
        (2, .terminateSessions(ofBridges: true)), (1, .terminateSessions(ofBridges: false)),
        (2, .pretendAwake), (3, .longTransaction(seconds: seconds)),
        (2, .longTransactionElsewhere(seconds: seconds)), (2, .crowd(150)), (2, .prepare),
        (4, .burst(count)), (4, .delete), (2, .deleteOrganization), (2, .changeBehindTheTrigger),
        (3, .rollBack), (1, .replay),
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
    seed: UInt64, steps: Int, bridges: Int, pods: Int, isGroup: Bool
  ) -> [(pause: Duration, step: ChaosStep)] {
    var chance = SeededGenerator(seed: seed)
    return (0..<steps).map { _ in
      // Some fall together, some have time to take effect.
      let pause = Int.random(in: 0...3, using: &chance)
      return (
        .milliseconds([20, 200, 800, 2000][pause]),
        random(bridges: bridges, pods: pods, isGroup: isGroup, using: &chance)
      )
    }
  }
}

internal import ArgumentParser
internal import Crypto
internal import HotConfig
internal import Postgres

/// What the benchmark of feature flags measures in a pod, with the library that services use: evaluations of
/// the flags of setup.sql in memory, each beside the same floor, in turn.
@main
struct MeasureFlags: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "MeasureFlags", abstract: "Measure evaluations of flags in a pod's memory.")

  @Option(help: "PostgreSQL, as a pod of service features.") var pod: String
  @Option(help: "The organisation that flags are evaluated for.") var org: Int64
  @Option(help: "Rounds, of which the middle is told.") var rounds = 25
  @Option(help: "Evaluations in a round.") var evaluations = 20_000

  func run() async throws {
    let config = try await HotConfig.connect(
      HotConfigConfiguration(
        services: ["features"], postgres: PostgresConfiguration(conninfo: pod), redis: nil))
    let subjects = (0..<1000).map { "user-\($0 * 997 % 1_000_000)" }
    let attributes: FlagAttributes = ["email": "ann@example.com", "plan": "free", "age": 40]
    // A look-up by the key, and a hash as a rollout has it: less can nobody do who has shares.
    let known = Dictionary(
      uniqueKeysWithValues: (0..<103).map { ("filler\($0)", Array("filler\($0)..".utf8)) })
    func floor(_ subject: String) -> Int {
      var hash = SHA256()
      hash.update(data: known["filler42"]!)
      hash.update(data: Array(subject.utf8))
      return hash.finalize().withUnsafeBytes {
        Int(UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) % 100_000)
      }
    }
    for flag in ["simple", "share", "rules"] {
      let rows = (0..<rounds).map { _ in
        (
          floor: measure(subjects) { floor($0) },
          ours: measure(subjects) {
            config.flag(flag, orgID: org, subject: $0, attributes: attributes, default: false)
              ? 1 : 0
          }
        )
      }
      // The first round warms up.
      let ratios = rows.dropFirst().map { $0.ours / $0.floor }.sorted()
      print(
        "| HotConfig, \(flag) | memory | 1 | \(three(median(rows.dropFirst().map(\.floor)))) |",
        "\(three(median(rows.dropFirst().map(\.ours)))) |",
        "\(three(ratios[ratios.count / 2])) (\(three(ratios[ratios.count / 4]))-\(three(ratios[ratios.count * 3 / 4]))) | - | |"
      )
    }
    await config.close()
  }

  /// Microseconds for each of so many calls.
  private func measure(_ subjects: [String], _ body: (String) -> Int) -> Double {
    var sum = 0
    let took = ContinuousClock().measure {
      for number in 0..<evaluations { sum &+= body(subjects[number % subjects.count]) }
    }
    // Used, so that it is done.
    precondition(sum >= 0)
    return took / .microseconds(1) / Double(evaluations)
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  /// With three digits behind the point.
  private func three(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let rest = "\(thousandths % 1000)"
    return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }
}

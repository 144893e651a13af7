internal import ArgumentParser
internal import Crypto
internal import HotConfig
internal import Postgres

/// What the benchmark of feature flags measures in a pod, with the library that services use: evaluations of
/// the flags of setup.sql in memory, each beside what nobody can do without, in turn; and how many of them a
/// second has, by one task and by several at once.
@main
struct MeasureFlags: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "MeasureFlags", abstract: "Measure evaluations of flags in a pod's memory.")

  @Option(help: "PostgreSQL, as a pod of service features.") var pod: String
  @Option(help: "The organisation that flags are evaluated for.") var org: Int64
  @Option(help: "Rounds, of which the middle is told.") var rounds = 25
  @Option(help: "Evaluations in a round, by each task.") var evaluations = 20_000
  @Option(help: "Tell evaluations per second instead, of so many tasks at once.") var tasks: Int?

  func run() async throws {
    let config = try await HotConfig.connect(
      HotConfigConfiguration(
        services: ["features"], postgres: PostgresConfiguration(conninfo: pod), redis: nil))
    let evaluator = Evaluator(config: config, org: org, count: evaluations)
    if let tasks {
      await rates(evaluator, tasks)
    } else {
      ratios(evaluator)
    }
    await config.close()
  }

  private static let flags = ["simple", "share", "rules"]

  /// A row for each flag: microseconds of an evaluation and of its floor.
  private func ratios(_ evaluator: Evaluator) {
    let known = Dictionary(
      uniqueKeysWithValues: (0..<103).map { ("filler\($0)", Array("filler\($0)..".utf8)) })
    // Less can nobody do: a look-up by the key; with shares, a hash of it and of the subject.
    func found(_ subject: String) -> Int { known["filler42"]!.count }
    func hashed(_ subject: String) -> Int {
      var hash = SHA256()
      hash.update(data: known["filler42"]!)
      hash.update(data: Array(subject.utf8))
      return hash.finalize().withUnsafeBytes {
        Int(UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) % 100_000)
      }
    }
    for flag in Self.flags {
      let floor: (String) -> Int = flag == "simple" ? found : hashed
      let rows = (0..<rounds).map { _ in
        (floor: evaluator.measure(floor), ours: evaluator.measure(flag))
      }
      // The first round warms up.
      let ratios = rows.dropFirst().map { $0.ours / $0.floor }.sorted()
      print(
        "| HotConfig, \(flag) | memory | 1 | \(three(median(rows.dropFirst().map(\.floor)))) |",
        "\(three(median(rows.dropFirst().map(\.ours)))) |",
        "\(three(ratios[ratios.count / 2])) (\(three(ratios[ratios.count / 4]))-\(three(ratios[ratios.count * 3 / 4]))) | - | |"
      )
    }
  }

  /// One row: evaluations per second of each flag, by all tasks together.
  private func rates(_ evaluator: Evaluator, _ tasks: Int) async {
    var cells: [String] = []
    for flag in Self.flags {
      var rates: [Double] = []
      for _ in 0..<rounds {
        let took = await ContinuousClock().measure {
          await withTaskGroup(of: Void.self) { group in
            for _ in 0..<tasks {
              group.addTask { _ = evaluator.measure(flag) }
            }
          }
        }
        rates.append(Double(tasks * evaluations) / (took / .seconds(1)))
      }
      cells.append("\(Int(median(rates.dropFirst())))")
    }
    print("| HotConfig, memory | \(tasks) | \(cells.joined(separator: " | ")) |")
  }

  private func median(_ values: some Collection<Double>) -> Double {
    values.sorted()[values.count / 2]
  }

  /// With three digits behind the point.
  private func three(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let rest = "\(thousandths % 1000)"
    return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }
}

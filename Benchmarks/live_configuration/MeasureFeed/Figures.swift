/// Durations that were measured, in milliseconds.
struct Figures: Sendable {
  private(set) var milliseconds: [Double] = []

  mutating func add(_ duration: Duration) {
    milliseconds.append(duration / .milliseconds(1))
  }

  /// The value below which `share` of them lie, by the nearest rank.
  func quantile(_ share: Double) -> Double {
    let sorted = milliseconds.sorted()
    guard !sorted.isEmpty else { return .nan }
    return sorted[
      min(sorted.count - 1, max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))]
  }

  var median: Double { quantile(0.5) }
}

/// With two digits behind the point.
func fixed(_ value: Double) -> String {
  guard value.isFinite else { return "-" }
  let hundredths = Int((value * 100).rounded())
  let rest = hundredths % 100
  return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
}

/// A time span as kubectl writes ages: `45s`, `5m30s`, `3h`, `2d5h`.
struct Age: CustomStringConvertible {
  private let seconds: Int64

  /// - Parameter seconds: Not negative; what is counts as none.
  init(_ seconds: Int64) { self.seconds = max(0, seconds) }

  var description: String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400)
    // The finer unit only as long as it says something.
    return switch seconds {
    case ..<120: "\(seconds)s"
    case ..<600: pair(minutes, "m", seconds % 60, "s")
    case ..<(3 * 3600): "\(minutes)m"
    case ..<(8 * 3600): pair(hours, "h", minutes % 60, "m")
    case ..<(48 * 3600): "\(hours)h"
    case ..<(8 * 86400): pair(days, "d", hours % 24, "h")
    default: "\(days)d"
    }
  }

  private func pair(_ coarse: Int64, _ a: String, _ fine: Int64, _ b: String) -> String {
    "\(coarse)\(a)" + (fine == 0 ? "" : "\(fine)\(b)")
  }
}

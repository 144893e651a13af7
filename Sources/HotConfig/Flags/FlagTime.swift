internal import Glibc

/// A time as flags have it: `2026-12-01T08:00:00Z`, UTC in whole seconds (RFC 3339), and no other form.
struct FlagTime: Comparable, Sendable {
  /// The fourteen digits as one number: in the order of the texts, and so of the times.
  private var digits: Int64

  /// `nil` if the text is no time of that form. A 31 February is one: the form decides.
  init?(_ text: String) {
    guard text.utf8.count == 20 else { return nil }
    var digits: Int64 = 0
    for (byte, form) in zip(text.utf8, Self.form.utf8) {
      if form == UInt8(ascii: "0") {
        guard (0x30...0x39).contains(byte) else { return nil }
        digits = digits * 10 + Int64(byte - 0x30)
      } else if byte != form {
        return nil
      }
    }
    let (month, day) = (digits / 100_000_000 % 100, digits / 1_000_000 % 100)
    guard (1...12).contains(month), (1...31).contains(day), digits / 10_000 % 100 < 24,
      digits / 100 % 100 < 60, digits % 100 < 60
    else { return nil }
    self.digits = digits
  }

  /// - Parameter seconds: Since 1970, UTC.
  init(secondsSince1970 seconds: Int) {
    var (seconds, parts) = (seconds, tm())
    gmtime_r(&seconds, &parts)
    let date = Int64(parts.tm_year + 1900) * 10_000 + Int64(parts.tm_mon + 1) * 100
    digits =
      (date + Int64(parts.tm_mday)) * 1_000_000
      + Int64(parts.tm_hour * 10_000 + parts.tm_min * 100 + parts.tm_sec)
  }

  /// By this host's clock.
  static var now: FlagTime { FlagTime(secondsSince1970: time(nil)) }

  static func < (a: FlagTime, b: FlagTime) -> Bool { a.digits < b.digits }

  private static let form = "0000-00-00T00:00:00Z"
}

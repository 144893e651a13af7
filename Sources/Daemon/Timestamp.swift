internal import Glibc

/// The wall clock as RFC 3339 writes it, in UTC, with milliseconds.
public enum Timestamp {
  /// The time now, like `2026-11-23T07:05:13.123Z`.
  public static func now() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return string(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
  }

  static func string(seconds: Int, nanoseconds: Int) -> String {
    var seconds = seconds
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func digits(_ value: Int32, _ width: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: Swift.max(0, width - text.count)) + text
    }
    return digits(parts.tm_year + 1900, 4) + "-" + digits(parts.tm_mon + 1, 2) + "-"
      + digits(parts.tm_mday, 2) + "T" + digits(parts.tm_hour, 2) + ":" + digits(parts.tm_min, 2)
      + ":" + digits(parts.tm_sec, 2) + "." + digits(Int32(nanoseconds / 1_000_000), 3) + "Z"
  }
}

internal import Foundation

/// When a server wants to be asked again: seconds, or a date (RFC 9110, section 10.2.3).
enum RetryAfter {
  /// A server that asks for hours is not taken at its word.
  static let limit: Int64 = 300

  /// Zero to five minutes; `nil` if the text is neither.
  static func parse(_ text: String, now: Date) -> Duration? {
    let text = text.trimmingCharacters(in: .whitespaces)
    if !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }) {
      return capped(Int64(text) ?? .max)
    }
    for format in formats {
      let formatter = DateFormatter()
      formatter.locale = Locale(identifier: "en_US_POSIX")
      formatter.timeZone = TimeZone(secondsFromGMT: 0)
      formatter.dateFormat = format
      if let date = formatter.date(from: text) {
        return capped(Int64(clamping: Int(date.timeIntervalSince(now).rounded(.up))))
      }
    }
    return nil
  }

  static func capped(_ seconds: Int64) -> Duration { .seconds(min(max(seconds, 0), limit)) }

  /// The three forms of a date (RFC 9110, section 5.6.7); the latter two are obsolete.
  private static let formats = [
    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", "EEEE, dd-MMM-yy HH:mm:ss 'GMT'", "EEE MMM d HH:mm:ss yyyy",
  ]
}

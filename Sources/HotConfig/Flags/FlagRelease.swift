/// A version as flags have it: three numbers of up to nine digits, `2.10.0`.
struct FlagRelease: Comparable, Sendable {
  private var major = 0
  private var minor = 0
  private var patch = 0

  /// `nil` if the text is no version of that form.
  init?(_ text: String) {
    var numbers = [0, 0, 0]
    var (part, digits) = (0, 0)
    for byte in text.utf8 {
      if byte == UInt8(ascii: ".") {
        guard digits > 0, part < 2 else { return nil }
        (part, digits) = (part + 1, 0)
      } else {
        guard (0x30...0x39).contains(byte), digits < 9 else { return nil }
        numbers[part] = numbers[part] * 10 + Int(byte - 0x30)
        digits += 1
      }
    }
    guard part == 2, digits > 0 else { return nil }
    (major, minor, patch) = (numbers[0], numbers[1], numbers[2])
  }

  static func < (a: FlagRelease, b: FlagRelease) -> Bool {
    (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
  }
}

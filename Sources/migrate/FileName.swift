/// `NNNN_verb_object.sql`: the name of a versioned file, in its parts.
struct FileName: Equatable {
  /// From 1.
  var number: Int
  /// `verb_object`.
  var title: String
  /// How many digits the number has at least.
  var width = 4

  init(number: Int, title: String, width: Int = 4) {
    self.number = number
    self.title = title
    self.width = width
  }

  /// `nil` if it is no such name.
  init?(_ name: String) {
    let bytes = Array(name.utf8)
    let digits = bytes.prefix { $0 >= 0x30 && $0 <= 0x39 }
    guard (4...18).contains(digits.count), name.hasSuffix(".sql"),
      bytes.dropFirst(digits.count).first == Self.dash,
      let number = Int(String(decoding: digits, as: UTF8.self)), number > 0
    else { return nil }
    let title = bytes[(digits.count + 1)...].dropLast(4)
    guard Self.isTitle(title) else { return nil }
    self.init(
      number: number, title: String(decoding: title, as: UTF8.self), width: digits.count)
  }

  /// Whether it is a verb in small letters and an object in small letters and digits.
  static func isTitle(_ title: some Collection<UInt8>) -> Bool {
    let verb = title.prefix { $0 != dash }
    let object = title.dropFirst(verb.count + 1)
    return !verb.isEmpty && verb.allSatisfy(isLetter) && !object.isEmpty
      && object.allSatisfy { isLetter($0) || $0 == dash || $0 >= 0x30 && $0 <= 0x39 }
  }

  /// The name.
  var text: String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits + "_\(title).sql"
  }

  private static let dash = UInt8(ascii: "_")

  private static func isLetter(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7A }
}

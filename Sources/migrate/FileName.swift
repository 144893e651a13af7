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

  /// The highest number: 18 digits, and none that could not be followed by another one.
  static let highest = 999_999_999_999_999_999

  /// The number behind the highest one there is.
  /// - Parameter path: Whose that is.
  /// - Throws: `MigrateFailure` of code `usage` if it would have too many digits.
  static func number(behind last: Int, of path: @autoclosure () -> String) throws -> Int {
    guard last < highest else {
      throw MigrateFailure(
        code: .usage, message: "no number is left behind \(path()): they have 18 digits at most",
        lines: [
          "HINT: give that file a lower number, unless it is applied; a file below an applied one says \(Headers.prefix) out-of-order-ok."
        ])
    }
    return last + 1
  }

  /// `nil` if it is no such name.
  init?(_ name: String) {
    let bytes = Array(name.utf8)
    guard let number = Self.number(of: bytes) else { return nil }
    let width = bytes.prefix(while: Self.isDigit).count
    self.init(
      number: number, title: String(decoding: bytes[(width + 1)...].dropLast(4), as: UTF8.self),
      width: width)
  }

  /// The number in a name; `nil` if it is no such name. Makes nothing, since it is asked of every file.
  static func number(of name: some Collection<UInt8>) -> Int? {
    let rest = name.drop(while: isDigit)
    guard (4...18).contains(name.count - rest.count), rest.first == dash,
      rest.suffix(4).elementsEqual(".sql".utf8), isTitle(rest.dropFirst().dropLast(4))
    else { return nil }
    let number = digits(of: name)
    return number > 0 ? number : nil
  }

  /// What the digits at the beginning come to, at most 18 of them.
  static func digits(of name: some Collection<UInt8>) -> Int {
    name.prefix(while: isDigit).reduce(0) { $0 * 10 + Int($1 & 15) }
  }

  /// Whether it is a verb in small letters and an object in small letters and digits.
  static func isTitle(_ title: some Collection<UInt8>) -> Bool {
    let verb = title.prefix { $0 != dash }
    let object = title.dropFirst(verb.count + 1)
    return !verb.isEmpty && verb.allSatisfy(isLetter) && !object.isEmpty
      && object.allSatisfy { isLetter($0) || $0 == dash || isDigit($0) }
  }

  /// The name.
  var text: String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits + "_\(title).sql"
  }

  private static let dash = UInt8(ascii: "_")

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  private static func isLetter(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7A }
}

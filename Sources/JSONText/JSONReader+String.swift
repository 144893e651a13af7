extension JSONReader {
  /// A string, without its escapes.
  public mutating func string() throws(JSONError) -> String {
    skip()
    let start = position
    // Only where something is escaped: what stands before.
    var unescaped: [UInt8] = []
    var copied = start
    while true {
      switch try plain() {
      case UInt8(ascii: "\""):
        let rest = UnsafeBufferPointer(rebasing: bytes[copied..<position])
        let text =
          copied == start ? Self.text(rest) : String(validating: unescaped + rest, as: UTF8.self)
        guard let text else { throw error("a string that is no UTF-8 before") }
        skip()
        return text
      default:
        unescaped += bytes[copied..<position]
        skip()
        unescaped += try escaped().utf8
        copied = position
      }
    }
  }

  /// `nil` if the bytes are no UTF-8. Nearly all are ASCII, which need not be validated generically.
  private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return String(validating: bytes, as: UTF8.self) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Goes over a string; what it says is not looked at.
  mutating func skipString() throws(JSONError) {
    skip()
    while try plain() != UInt8(ascii: "\"") {
      skip()
      _ = try escaped()
    }
    skip()
  }

  /// Goes over what stands for itself.
  /// - Returns: The quotation mark or the backslash where it ends.
  private mutating func plain() throws(JSONError) -> UInt8 {
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte
      case ..<0x20: throw error("a control character in a string")
      default: skip()
      }
    }
    throw error("it ends in a string")
  }

  private mutating func escaped() throws(JSONError) -> Character {
    guard let byte = peek() else { throw error("it ends in a string") }
    skip()
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      return Character(Unicode.Scalar(byte))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return Character(try scalar())
    default: throw error("what is no escape before")
    }
  }

  /// The character behind `\u`, of two such where it lies beyond the first plane.
  private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
    let first = try unit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard UTF16.isLeadSurrogate(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
      throw error("half a character before")
    }
    let second = try unit()
    guard UTF16.isTrailSurrogate(second) else { throw error("half a character before") }
    return UTF16.decode(UTF16.EncodedScalar([first, second]))
  }

  private mutating func unit() throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("no hexadecimal digit")
      }
      unit = unit << 4 | UInt16(digit)
      skip()
    }
    return unit
  }
}

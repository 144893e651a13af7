extension JSONReader {
  /// A string, without its escapes.
  public mutating func string() throws(JSONError) -> String {
    skip()
    let start = position
    // Only where something is escaped: what stands before.
    var unescaped: [UInt8] = []
    var copied = start
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        let rest = bytes[copied..<position]
        let text =
          copied == start
          ? String(validating: rest, as: UTF8.self)
          : String(validating: unescaped + rest, as: UTF8.self)
        guard let text else { throw error("a string that is no UTF-8 before") }
        skip()
        return text
      case UInt8(ascii: "\\"):
        unescaped += bytes[copied..<position]
        skip()
        unescaped += try escaped().utf8
        copied = position
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

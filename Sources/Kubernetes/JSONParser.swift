/// Reads JSON by descent.
///
/// Not Foundation's: `JSONDecoder` has to try each kind of value where any may stand, and took half of the
/// provisioner's time; `JSONSerialization` drops a byte order mark at the beginning of a string, and takes
/// a comma before a bracket.
struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var depth = 0
  private static let deepest = 512

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  /// A value, and nothing behind it.
  mutating func document() throws(JSONError) -> JSONValue {
    let value = try value()
    skipSpace()
    if position < bytes.count { throw error("something behind the value") }
    return value
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    skipSpace()
    switch peek() {
    case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), (UInt8(ascii: "0")...UInt8(ascii: "9"))?: return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw error("it ends")
    default: throw error("what begins no value")
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONError) -> JSONValue
  ) throws(JSONError) -> JSONValue {
    guard depth < Self.deepest else { throw error("nesting deeper than \(Self.deepest) levels") }
    depth += 1
    position += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    var members: [String: JSONValue] = [:]
    if ends(with: UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipSpace()
      guard peek() == UInt8(ascii: "\"") else { throw error("no key") }
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw error("no colon") }
      members[key] = try value()
    } while try goesOn(until: UInt8(ascii: "}"))
    return .object(members)
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    var elements: [JSONValue] = []
    if ends(with: UInt8(ascii: "]")) { return .array(elements) }
    repeat { elements.append(try value()) } while try goesOn(until: UInt8(ascii: "]"))
    return .array(elements)
  }

  private mutating func ends(with bracket: UInt8) -> Bool {
    skipSpace()
    return take(bracket)
  }

  private mutating func goesOn(until bracket: UInt8) throws(JSONError) -> Bool {
    skipSpace()
    if take(UInt8(ascii: ",")) { return true }
    if take(bracket) { return false }
    throw error("neither a comma nor the end of what is open")
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError)
    -> JSONValue
  {
    let end = position + word.utf8CodeUnitCount
    let expected = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard end <= bytes.count, bytes[position..<end].elementsEqual(expected) else {
      throw error("what begins no value")
    }
    position = end
    return value
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    var isWhole = true
    if take(UInt8(ascii: ".")) {
      isWhole = false
      try digits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isWhole = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw error("a number too large") }
    return Int64(exactly: value).map(JSONValue.integer) ?? .number(value)
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      position += 1
    }
    if position == start { throw error("no digit") }
  }

  private mutating func string() throws(JSONError) -> String {
    position += 1
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
        position += 1
        return text
      case UInt8(ascii: "\\"):
        unescaped += bytes[copied..<position]
        position += 1
        unescaped += try escaped().utf8
        copied = position
      case ..<0x20: throw error("a control character in a string")
      default: position += 1
      }
    }
    throw error("it ends in a string")
  }

  private mutating func escaped() throws(JSONError) -> Character {
    guard let byte = peek() else { throw error("it ends in a string") }
    position += 1
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
      position += 1
    }
    return unit
  }

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || (0x9...0xA).contains(byte) || byte == 0xD {
      position += 1
    }
  }

  private func error(_ message: String) -> JSONError {
    JSONError(offset: position, message: message)
  }
}

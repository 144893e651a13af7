/// Reads a JSON text (RFC 8259) to its end.
struct FlagJSONParser {
  /// No JSON, or deeper than 512.
  struct Failure: Error, CustomStringConvertible {
    /// Byte of the text.
    var offset: Int
    var description: String { "is no JSON, as byte \(offset) shows" }
  }

  private let bytes: [UInt8]
  private var at = 0
  private var depth = 0

  /// As Foundation's; what a variant's value is decoded with.
  private static let depthLimit = 512

  private init(_ text: String) { bytes = Array(text.utf8) }

  /// The whole text as one value.
  static func parse(_ text: String) throws(Failure) -> FlagJSON {
    var parser = FlagJSONParser(text)
    let value = try parser.value()
    parser.skipBlanks()
    guard parser.at == parser.bytes.count else { throw parser.failure }
    return value
  }

  private var failure: Failure { Failure(offset: at) }
  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipBlanks() {
    while let next, next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 { at += 1 }
  }

  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: byte) else { return false }
    at += 1
    return true
  }

  private mutating func word(_ word: String, _ kind: FlagJSON.Kind) throws(Failure)
    -> FlagJSON.Kind
  {
    guard bytes[at...].starts(with: word.utf8) else { throw failure }
    at += word.utf8.count
    return kind
  }

  private mutating func value() throws(Failure) -> FlagJSON {
    skipBlanks()
    let start = at
    let kind: FlagJSON.Kind
    switch next {
    case UInt8(ascii: "n"): kind = try word("null", .null)
    case UInt8(ascii: "t"): kind = try word("true", .bool(true))
    case UInt8(ascii: "f"): kind = try word("false", .bool(false))
    case UInt8(ascii: "\""): kind = .string(try string())
    case UInt8(ascii: "["): kind = try list()
    case UInt8(ascii: "{"): kind = try object()
    default: kind = .number(try number())
    }
    return FlagJSON(kind: kind, range: start..<at)
  }

  private mutating func enter() throws(Failure) {
    at += 1
    depth += 1
    guard depth <= Self.depthLimit else { throw failure }
    skipBlanks()
  }

  private mutating func list() throws(Failure) -> FlagJSON.Kind {
    try enter()
    defer { depth -= 1 }
    var elements: [FlagJSON] = []
    if take("]") { return .list(elements) }
    repeat {
      elements.append(try value())
      skipBlanks()
    } while take(",")
    guard take("]") else { throw failure }
    return .list(elements)
  }

  private mutating func object() throws(Failure) -> FlagJSON.Kind {
    try enter()
    defer { depth -= 1 }
    var members: [(name: String, value: FlagJSON)] = []
    var places: [FlagText: Int] = [:]
    if take("}") { return .object(members) }
    repeat {
      skipBlanks()
      let name = try string()
      skipBlanks()
      guard take(":") else { throw failure }
      let value = try value()
      if let place = places[FlagText(name)] {
        members[place].value = value
      } else {
        places[FlagText(name)] = members.count
        members.append((name, value))
      }
      skipBlanks()
    } while take(",")
    guard take("}") else { throw failure }
    return .object(members)
  }

  private mutating func digits() throws(Failure) {
    let start = at
    while let next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { at += 1 }
    guard at > start else { throw failure }
  }

  private mutating func number() throws(Failure) -> FlagNumber {
    let start = at
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if let next, next | 0x20 == UInt8(ascii: "e") {
      at += 1
      if !take("+") { _ = take("-") }
      try digits()
    }
    return FlagNumber(String(decoding: bytes[start..<at], as: UTF8.self))
  }

  private mutating func string() throws(Failure) -> String {
    guard take("\"") else { throw failure }
    var text: [UInt8] = []
    while let byte = next, byte >= 0x20 {
      at += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") { text += try escaped().utf8 } else { text.append(byte) }
    }
    throw failure
  }

  private mutating func escaped() throws(Failure) -> String {
    guard let byte = next else { throw failure }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      return String(Unicode.Scalar(byte))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw failure
    }
    var code = try hexadecimal()
    if (0xD800..<0xDC00).contains(code) {
      guard take("\\"), take("u") else { throw failure }
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw failure }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    // PostgreSQL has no text with U+0000 in it, nor half a pair.
    guard code != 0, let scalar = Unicode.Scalar(code) else { throw failure }
    return String(scalar)
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    guard at + 4 <= bytes.count,
      let code = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16),
      bytes[at] != UInt8(ascii: "+")
    else { throw failure }
    at += 4
    return code
  }
}

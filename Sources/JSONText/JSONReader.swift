/// Reads a JSON text (RFC 8259), value by value; what is made of a value, the caller decides.
///
/// After each ``begin()`` the caller reads what has begun: ``string()``, ``number()``, or, until they say that
/// there is no more, the elements by ``element(first:)`` or the members by ``name(first:)``, each followed by
/// its value. ``end()`` after the first value makes sure that nothing stands behind it.
///
/// Not Foundation's: `JSONDecoder` has to try each kind of value where any may stand, and took half of the
/// provisioner's time; `JSONSerialization` drops a byte order mark at the beginning of a string, and takes
/// a comma before a bracket; and neither tells how a number was written.
public struct JSONReader {
  /// How a value begins.
  public enum Beginning: Sendable {
    case null
    case bool(Bool)
    case number
    case string
    case array
    case object
  }

  let bytes: UnsafeBufferPointer<UInt8>
  /// The next byte, from the beginning.
  public private(set) var position = 0
  /// Where the value stands that has begun last.
  public private(set) var valueStart = 0
  private var depth = 0
  private static let deepest = 512

  /// - Parameters:
  ///   - bytes: In UTF-8. They outlive the reader.
  public init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  /// Goes to where the next value begins, and over the whole of a word, or over an opening bracket.
  /// - Throws: ``JSONError`` if none begins, or if it lies deeper than 512 levels.
  public mutating func begin() throws(JSONError) -> Beginning {
    skipBlanks()
    valueStart = position
    switch peek() {
    case UInt8(ascii: "{"):
      try descend()
      return .object
    case UInt8(ascii: "["):
      try descend()
      return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), (UInt8(ascii: "0")...UInt8(ascii: "9"))?: return .number
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw error("it ends")
    default: throw error("what begins no value")
    }
  }

  /// Whether an array has one more element, which is to be read next.
  /// - Parameters:
  ///   - first: Whether none was read yet.
  public mutating func element(first: Bool) throws(JSONError) -> Bool {
    try goesOn(until: UInt8(ascii: "]"), first: first)
  }

  /// The name of an object's next member, whose value is to be read next; `nil` if there is none.
  /// - Parameters:
  ///   - first: Whether none was read yet.
  public mutating func name(first: Bool) throws(JSONError) -> String? {
    guard try beginMember(first: first) else { return nil }
    let name = try string()
    try colon()
    return name
  }

  /// A number, as it is written.
  /// - Returns: The text, and whether it has neither a fraction nor an exponent.
  public mutating func number() throws(JSONError) -> (text: String, isWhole: Bool) {
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
    return (String(decoding: bytes[start..<position], as: UTF8.self), isWhole)
  }

  /// Goes over the next value. What its strings say is not looked at.
  public mutating func skipValue() throws(JSONError) {
    var first = true
    switch try begin() {
    case .null, .bool: break
    case .number: _ = try number()
    case .string: try skipString()
    case .array:
      while try element(first: first) {
        first = false
        try skipValue()
      }
    case .object:
      while try beginMember(first: first) {
        first = false
        try skipString()
        try colon()
        try skipValue()
      }
    }
  }

  /// Nothing but blanks is left.
  public mutating func end() throws(JSONError) {
    skipBlanks()
    if position < bytes.count { throw error("something behind the value") }
  }

  private mutating func descend() throws(JSONError) {
    guard depth < Self.deepest else { throw error("nesting deeper than \(Self.deepest) levels") }
    depth += 1
    position += 1
  }

  private mutating func goesOn(until bracket: UInt8, first: Bool) throws(JSONError) -> Bool {
    skipBlanks()
    if take(bracket) {
      depth -= 1
      return false
    }
    guard first || take(UInt8(ascii: ",")) else {
      throw error("neither a comma nor the end of what is open")
    }
    return true
  }

  /// Goes to the name of an object's next member.
  private mutating func beginMember(first: Bool) throws(JSONError) -> Bool {
    guard try goesOn(until: UInt8(ascii: "}"), first: first) else { return false }
    skipBlanks()
    guard peek() == UInt8(ascii: "\"") else { throw error("no key") }
    return true
  }

  private mutating func colon() throws(JSONError) {
    skipBlanks()
    guard take(UInt8(ascii: ":")) else { throw error("no colon") }
  }

  private mutating func word(_ word: StaticString, _ value: Beginning) throws(JSONError)
    -> Beginning
  {
    let end = position + word.utf8CodeUnitCount
    let expected = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard end <= bytes.count, bytes[position..<end].elementsEqual(expected) else {
      throw error("what begins no value")
    }
    position = end
    return value
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      position += 1
    }
    if position == start { throw error("no digit") }
  }

  private mutating func skipBlanks() {
    while let byte = peek(), byte == 0x20 || (0x9...0xA).contains(byte) || byte == 0xD {
      position += 1
    }
  }

  func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skip() { position += 1 }

  mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  func error(_ message: String) -> JSONError {
    JSONError(offset: position, message: message)
  }
}

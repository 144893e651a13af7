internal import JSONText

extension JSONValue {
  /// Reads a JSON text (RFC 8259). Of equal keys the last one holds.
  /// - Throws: `JSONError` if it is none, or if it is nested deeper than 512 levels.
  public init(parsing text: String) throws {
    var text = text
    self = try text.withUTF8 { try JSONValue(parsing: $0, omitting: nil) }
  }

  /// Reads JSON bytes, in UTF-8.
  /// - Parameters:
  ///   - omitted: The name of members, at any depth, that are left out.
  /// - Throws: `JSONError` if they are none, or if they are nested deeper than 512 levels.
  public init(parsing bytes: [UInt8], omitting omitted: String? = nil) throws {
    self = try bytes.withUnsafeBufferPointer { try JSONValue(parsing: $0, omitting: omitted) }
  }

  private init(
    parsing bytes: UnsafeBufferPointer<UInt8>, omitting omitted: String?
  ) throws(JSONError) {
    var reader = JSONReader(bytes)
    self = try JSONValue(from: &reader, omitting: omitted)
    try reader.end()
  }

  private init(from reader: inout JSONReader, omitting omitted: String?) throws(JSONError) {
    switch try reader.begin() {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .string: self = .string(try reader.string())
    case .number: self = try Self.number(from: &reader)
    case .array:
      var elements: [JSONValue] = []
      while try reader.element(first: elements.isEmpty) {
        elements.append(try JSONValue(from: &reader, omitting: omitted))
      }
      self = .array(elements)
    case .object:
      // Most have no more: to grow is to hash again.
      var members = [String: JSONValue](minimumCapacity: 6)
      var first = true
      while let name = try reader.name(first: first) {
        first = false
        if name == omitted {
          try reader.skipValue()
        } else {
          members[name] = try JSONValue(from: &reader, omitting: omitted)
        }
      }
      self = .object(members)
    }
  }

  private static func number(from reader: inout JSONReader) throws(JSONError) -> JSONValue {
    let (text, isWhole) = try reader.number()
    if isWhole, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw JSONError(offset: reader.position, message: "a number too large")
    }
    return Int64(exactly: value).map(JSONValue.integer) ?? .number(value)
  }
}

extension JSONValue {
  /// Reads a JSON text (RFC 8259). Of equal keys the last one holds.
  /// - Throws: `JSONError` if it is none, or if it is nested deeper than 512 levels.
  public init(parsing text: String) throws {
    try self.init(parsing: Array(text.utf8))
  }

  /// Reads JSON bytes, in UTF-8.
  /// - Throws: `JSONError` if they are none, or if they are nested deeper than 512 levels.
  public init(parsing bytes: [UInt8]) throws {
    self = try bytes.withUnsafeBufferPointer { bytes in
      var parser = JSONParser(bytes)
      return try parser.document()
    }
  }
}

/// Why a text is no JSON.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where it ceased to be JSON, in bytes from the beginning.
  public let offset: Int
  /// What is wrong there.
  public let message: String

  public var description: String { "no JSON: \(message) at byte \(offset)" }
}

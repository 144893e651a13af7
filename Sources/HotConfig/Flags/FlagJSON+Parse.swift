internal import JSONText

extension FlagJSON {
  /// Reads a JSON text to its end.
  init(parsing text: String) throws(JSONError) {
    // With a typed error, which the closure of `withUnsafeBufferPointer` loses.
    let result = Array(text.utf8).withUnsafeBufferPointer { bytes in
      Result { () throws(JSONError) in
        var reader = JSONReader(bytes)
        let value = try FlagJSON(from: &reader)
        try reader.end()
        return value
      }
    }
    self = try result.get()
  }

  private init(from reader: inout JSONReader) throws(JSONError) {
    let beginning = try reader.begin()
    let start = reader.valueStart
    switch beginning {
    case .null: kind = .null
    case .bool(let value): kind = .bool(value)
    case .number: kind = .number(FlagNumber(try reader.number().text))
    case .string: kind = .string(try Self.text(reader.string(), reader))
    case .array:
      var elements: [FlagJSON] = []
      while try reader.element(first: elements.isEmpty) {
        elements.append(try FlagJSON(from: &reader))
      }
      kind = .list(elements)
    case .object: kind = .object(try Self.members(from: &reader))
    }
    range = start..<reader.position
  }

  private static func members(
    from reader: inout JSONReader
  ) throws(JSONError) -> [(name: String, value: FlagJSON)] {
    var members: [(name: String, value: FlagJSON)] = []
    var places: [FlagText: Int] = [:]
    while let name = try reader.name(first: members.isEmpty) {
      _ = try text(name, reader)
      let value = try FlagJSON(from: &reader)
      if let place = places[FlagText(name)] {
        members[place].value = value
      } else {
        places[FlagText(name)] = members.count
        members.append((name, value))
      }
    }
    return members
  }

  /// PostgreSQL has no text with U+0000 in it.
  private static func text(_ text: String, _ reader: JSONReader) throws(JSONError) -> String {
    guard !text.utf8.contains(0) else {
      throw JSONError(offset: reader.position, message: "a string with U+0000 before")
    }
    return text
  }
}

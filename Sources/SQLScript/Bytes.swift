/// The characters that the scanner knows. Bytes of 128 and more belong to letters, in UTF-8, too.
extension UInt8 {
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let quote = UInt8(ascii: "'")
  static let doubleQuote = UInt8(ascii: "\"")
  static let dollar = UInt8(ascii: "$")
  static let backslash = UInt8(ascii: "\\")
  static let semicolon = UInt8(ascii: ";")
  static let colon = UInt8(ascii: ":")
  static let equals = UInt8(ascii: "=")
  static let comma = UInt8(ascii: ",")
  static let dash = UInt8(ascii: "-")
  static let plus = UInt8(ascii: "+")
  static let slash = UInt8(ascii: "/")
  static let star = UInt8(ascii: "*")
  static let dot = UInt8(ascii: ".")
  static let openParen = UInt8(ascii: "(")
  static let closeParen = UInt8(ascii: ")")

  var isNewline: Bool { self == .newline || self == .carriageReturn }
  var isSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0C || isNewline }
  var isDigit: Bool { self >= 0x30 && self <= 0x39 }
  var isIdentifierStart: Bool {
    self >= 0x80 || self == UInt8(ascii: "_")
      || (self | 0x20) >= UInt8(ascii: "a") && (self | 0x20) <= UInt8(ascii: "z")
  }
  var isVariablePart: Bool { isIdentifierStart || isDigit }
  var isIdentifierPart: Bool { isVariablePart || self == .dollar }
  var isOperator: Bool {
    switch self {
    case .dash, .plus, .slash, .star, .equals, UInt8(ascii: "~"), UInt8(ascii: "!"),
      UInt8(ascii: "@"), UInt8(ascii: "#"), UInt8(ascii: "^"), UInt8(ascii: "&"), UInt8(ascii: "|"),
      UInt8(ascii: "`"), UInt8(ascii: "?"), UInt8(ascii: "%"), UInt8(ascii: "<"), UInt8(ascii: ">"):
      true
    default: false
    }
  }
}

extension String {
  /// As `PQescapeLiteral` writes it.
  var sqlLiteral: String {
    let quoted = replacingEach("'", by: "''")
    return contains("\\") ? " E'\(quoted.replacingEach("\\", by: "\\\\"))'" : "'\(quoted)'"
  }

  /// As `PQescapeIdentifier` writes it.
  var sqlIdentifier: String { "\"\(replacingEach("\"", by: "\"\""))\"" }

  private func replacingEach(_ scalar: Unicode.Scalar, by text: String) -> String {
    var result = String.UnicodeScalarView()
    for each in unicodeScalars {
      if each == scalar {
        result.append(contentsOf: text.unicodeScalars)
      } else {
        result.append(each)
      }
    }
    return String(result)
  }
}

internal import FoundationEssentials
internal import HotConfig

/// Writes JSON (RFC 8259) on one line, so that it is the `data` of a server-sent event as it stands.
enum JSONText {
  /// Appends a string with its quotation marks.
  static func append(_ text: String, to json: inout [UInt8]) {
    json.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
      case 0x0A: json += #"\n"#.utf8
      case 0x0D: json += #"\r"#.utf8
      case 0x09: json += #"\t"#.utf8
      case 0..<0x20:
        let hex = String(byte, radix: 16)
        json += "\\u\(String(repeating: "0", count: 4 - hex.count))\(hex)".utf8
      default: json.append(byte)
      }
    }
    json.append(UInt8(ascii: "\""))
  }

  /// The value as JSON of its type: a number, `true` or `false`, a document, or a string.
  ///
  /// PostgreSQL has checked it against its type when it was written. What somebody has put past those
  /// checks becomes a string: it must not break the document that it stands in.
  static func value(_ text: String, type: String) -> [UInt8] {
    let json =
      switch type {
      case "integer", "number": number(text)
      case "boolean": text == "true" || text == "false" ? Array(text.utf8) : nil
      case "json": document(text)
      default: [UInt8]?.none
      }
    if let json { return json }
    var string: [UInt8] = []
    append(text, to: &string)
    return string
  }

  /// `-007.50` is a number to PostgreSQL, and none to JSON, which wants `-7.50`.
  private static func number(_ text: String) -> [UInt8]? {
    var digits = text.utf8[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits = digits.dropFirst() }
    let parts = digits.split(
      separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }) else {
      return nil
    }
    var whole = parts[0].drop { $0 == UInt8(ascii: "0") }
    if whole.isEmpty { whole = parts[0].suffix(1) }
    return (isNegative ? [UInt8(ascii: "-")] : []) + Array(whole)
      + (parts.count == 2 ? [UInt8(ascii: ".")] + Array(parts[1]) : [])
  }

  /// A document with its line ends, which stand between its words only, as blanks.
  private static func document(_ text: String) -> [UInt8]? {
    struct Anything: Decodable {
      init(from decoder: any Decoder) {}
    }
    guard (try? JSONDecoder().decode(Anything.self, from: Data(text.utf8))) != nil else {
      return nil
    }
    return text.utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
  }
}

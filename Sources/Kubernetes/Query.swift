/// Adds parameters to paths.
enum Query {
  /// The path with the parameters after those that it has.
  static func append(_ parameters: [(String, String)], to path: String) -> String {
    parameters.reduce(path) { path, parameter in
      path + (path.contains("?") ? "&" : "?") + parameter.0 + "=" + escape(parameter.1)
    }
  }

  /// Everything but the unreserved characters as %XX (RFC 3986, section 2).
  static func escape(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF")
    return text.utf8.reduce(into: "") { result, byte in
      switch UInt8(byte) {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result += ["%", hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
  }
}

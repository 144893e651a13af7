/// A value for `$1`, `$2` …, sent as text; the server infers the type from where it stands.
public struct PostgresParameter: Sendable, Equatable {
  /// PostgreSQL's text form; `nil` is NULL.
  let text: String?

  /// Text, or anything in PostgreSQL's text form.
  public static func text(_ value: String?) -> Self { Self(text: value) }
  /// A whole number.
  public static func int(_ value: Int64?) -> Self { Self(text: value.map { String($0) }) }
  /// A number.
  public static func double(_ value: Double?) -> Self { Self(text: value.map { "\($0)" }) }
  /// A truth value.
  public static func bool(_ value: Bool?) -> Self { Self(text: value.map { $0 ? "t" : "f" }) }
  /// A JSON text.
  public static func json(_ value: String?) -> Self { Self(text: value) }

  /// Bytes, in the hexadecimal form of bytea.
  public static func bytea(_ value: [UInt8]?) -> Self {
    let digits = Array("0123456789abcdef".utf8)
    return Self(
      text: value.map { bytes in
        "\\x"
          + String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
      })
  }

  /// An array of text.
  public static func textArray(_ value: [String]?) -> Self {
    Self(
      text: value.map { elements in
        let quoted = elements.map { element in
          let escaped = element.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
          return "\"\(String(escaped))\""
        }
        return "{\(quoted.joined(separator: ","))}"
      })
  }
}

extension PostgresParameter: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .text(value) }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(nilLiteral: ()) { self = .text(nil) }
}

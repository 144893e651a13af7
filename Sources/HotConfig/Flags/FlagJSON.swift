/// A part of a JSON text (RFC 8259), with all that PostgreSQL's `jsonb` tells apart and Foundation does not:
/// how a number was written, and names that differ in nothing but their normalisation.
struct FlagJSON: Sendable {
  enum Kind: Sendable {
    case null
    case bool(Bool)
    case number(FlagNumber)
    case string(String)
    case list([FlagJSON])
    /// Each name once; of several of one name the last.
    case object([(name: String, value: FlagJSON)])
  }

  var kind: Kind
  /// Where it stands in the text, in bytes.
  var range: Range<Int>

  /// The member of an object; `nil` if there is none, or this is no object. `null` is a value.
  subscript(name: String) -> FlagJSON? {
    guard case .object(let members) = kind else { return nil }
    return members.first { FlagText.areSame($0.name, name) }?.value
  }

  /// The text, if it is one.
  var string: String? { if case .string(let text) = kind { text } else { nil } }
  /// `true` or `false`, if it is one of them.
  var bool: Bool? { if case .bool(let value) = kind { value } else { nil } }
  /// The number, if it is one.
  var number: FlagNumber? { if case .number(let number) = kind { number } else { nil } }
  /// The elements, if it is a list.
  var list: [FlagJSON]? { if case .list(let elements) = kind { elements } else { nil } }
}

/// A number of a JSON text.
struct FlagNumber: Sendable {
  /// As it was written.
  var text: String
  private var isZero: Bool
  /// Digits behind the point that PostgreSQL's `numeric` keeps, if this is above zero.
  private var scale: Int

  /// - Parameters:
  ///   - text: A number by the grammar of JSON.
  init(_ text: String) {
    self.text = text
    let exponentAt = text.utf8.firstIndex { $0 | 0x20 == UInt8(ascii: "e") }
    let mantissa = text.utf8[..<(exponentAt ?? text.utf8.endIndex)]
    isZero = mantissa.allSatisfy { !(UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) }
    let point = mantissa.firstIndex(of: UInt8(ascii: "."))
    let digits = point.map { mantissa.distance(from: $0, to: mantissa.endIndex) - 1 } ?? 0
    let exponent = exponentAt.map { Int(text[text.utf8.index(after: $0)...]) ?? 1 << 30 } ?? 0
    scale = digits - exponent
  }

  /// The nearest double; `nil` where docs/flags.md says that a double does not hold it.
  var double: Double? {
    if isZero { return 0 }
    guard let value = Double(text), FlagValue.isHeld(value), value != 0 else { return nil }
    return value
  }

  /// The value, if PostgreSQL writes it with one to six digits and nothing else.
  var smallWhole: Int? {
    guard scale <= 0, let double, (0...999_999).contains(double) else { return nil }
    return Int(double)
  }
}

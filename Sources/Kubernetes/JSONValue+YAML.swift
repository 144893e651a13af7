internal import Yams

extension JSONValue {
  /// The value as a YAML document in block style, members sorted, as `kubectl get -o yaml` prints it.
  ///
  /// Every reader of YAML 1.1 and 1.2 finds the same value in it. Readers differ in what a word without
  /// quotes is: `yes`, `0755`, `1e3`, `2026-11-27` and `1:30` are truth values, numbers and dates to some.
  /// So only words that are texts to all of them go without; everything else is quoted.
  public func yaml() -> String {
    // The emitter refuses what is no document only.
    (try? Yams.serialize(node: node, width: -1, allowUnicode: true)) ?? serialized() + "\n"
  }

  private var node: Node {
    switch self {
    case .null: Self.scalar("null", .plain)
    case .bool(let value): Self.scalar(value ? "true" : "false", .plain)
    case .integer: Self.scalar(serialized(), .plain)
    // As JSON writes it, but not without a point: 1e+100 is a text to YAML 1.1.
    case .number:
      Self.scalar(
        serialized().contains(".")
          ? serialized() : serialized().replacing(/^(-?\d+)/, with: { "\($0.1).0" }), .plain)
    case .string(let value): Self.text(value)
    case .array(let elements):
      .sequence(.init(elements.map(\.node), Tag(.implicit), elements.isEmpty ? .flow : .block))
    case .object(let members):
      .mapping(
        .init(
          members.sorted { $0.key < $1.key }.map { (Self.text($0.key), $0.value.node) },
          Tag(.implicit), members.isEmpty ? .flow : .block))
    }
  }

  private static func text(_ value: String) -> Node {
    scalar(value, isText(value) ? .plain : .doubleQuoted)
  }

  private static func scalar(_ value: String, _ style: Node.Scalar.Style) -> Node {
    .scalar(.init(value, Tag(.implicit), style))
  }

  /// Words that some version of YAML takes for something else than a text.
  private static let words: Set = [
    "true", "false", "yes", "no", "on", "off", "y", "n", "t", "f", "null", "nan", "inf",
  ]

  /// Whether a word is a text without quotes, to all readers.
  private static func isText(_ value: String) -> Bool {
    guard let first = value.utf8.first, isLetter(first), !words.contains(value.lowercased()) else {
      return false
    }
    return value.utf8.allSatisfy {
      isLetter($0) || (0x30...0x39).contains($0) || "._/@-".utf8.contains($0)
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
  }
}

extension UInt8 {
  var isDigit: Bool { (0x30...0x39).contains(self) }
  var isLetterOrDigit: Bool { isDigit || (0x61...0x7A).contains(self | 0x20) }
}

extension String {
  /// Lower-case letters, digits, dots, hyphens and underscores, at most 63, beginning with one of the former.
  var isVariantName: Bool {
    guard let first = utf8.first, utf8.count <= 63 else { return false }
    return (first.isDigit || (0x61...0x7A).contains(first))
      && utf8.allSatisfy { $0.isDigit || (0x61...0x7A).contains($0) || $0.isMark }
  }

  /// Letters, digits, dots, hyphens and underscores, at most 63, beginning with a letter or underscore.
  var isAttributeName: Bool {
    guard let first = utf8.first, utf8.count <= 63 else { return false }
    return (first == UInt8(ascii: "_") || first.isLetterOrDigit && !first.isDigit)
      && utf8.allSatisfy { $0.isLetterOrDigit || $0.isMark }
  }
}

extension UInt8 {
  fileprivate var isMark: Bool {
    self == UInt8(ascii: "_") || self == UInt8(ascii: ".") || self == UInt8(ascii: "-")
  }
}

extension FlagJSON {
  /// Refuses what is no object, lacks a member or has one that is not known.
  func checkMembers(
    _ path: String, required: [String], optional: [String]
  ) throws(FlagFault) {
    guard case .object(let members) = kind else { throw FlagFault(path, "is no object") }
    for name in required where !members.contains(where: { FlagText.areSame($0.name, name) }) {
      throw FlagFault(path, "has no \(name)")
    }
    for (name, _) in members
    where !(required + optional).contains(where: { FlagText.areSame($0, name) }) {
      throw FlagFault(path, "has the unknown member \(name)")
    }
  }
}

internal import Crypto

/// One SQL file.
struct MigrationFile: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    /// Applied once; the number decides the order.
    case versioned(Int)
    /// Applied again when it changes; MANIFEST decides the order.
    case repeatable
    /// Asked after every `migrate up`; changes nothing and is recorded nowhere.
    case checks
  }

  var kind: Kind
  /// Path below the SQL folder, as it is recorded and shown.
  var path: String
  var text: String
  /// SHA-256 over the normalised text: line ends, trailing white space and a byte order mark do not
  /// count, so that a checkout on another system is the same file.
  var hash: String
  /// SHA-256 over the bytes.
  var rawHash: String

  init(kind: Kind, path: String, bytes: [UInt8]) throws {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw MigrateFailure(code: .usage, message: "\(path) is not UTF-8")
    }
    self.kind = kind
    self.path = path
    self.text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
    hash = Self.digest(Array(Self.normalised(self.text).utf8))
    rawHash = Self.digest(bytes)
  }

  /// The headers, `-- migrate: …`, are reserved: one that is not known must not be passed over.
  func checkHeaders() throws {
    for (index, line) in text.split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).enumerated()
    where line.hasPrefix("-- migrate:") {
      throw MigrateFailure(
        code: .usage, message: "\(path):\(index + 1): unknown header \"\(line)\"")
    }
  }

  static func normalised(_ text: String) -> String {
    var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
      .map { line in
        var line = line
        while let last = line.last, last == " " || last == "\t" || last == "\r" {
          line.removeLast()
        }
        return line
      }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  private static func digest(_ bytes: [UInt8]) -> String {
    SHA256.hash(data: bytes).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}

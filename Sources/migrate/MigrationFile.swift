/// One SQL file. Its text is not kept: of ten thousand files that are applied, nobody needs it.
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
  var headers: Headers
  /// SHA-256 over the normalised text: line ends, trailing white space and a byte order mark do not
  /// count, so that a checkout on another system is the same file.
  var hash: Hash
  /// SHA-256 over the bytes.
  var rawHash: Hash
  /// The SQL folder.
  private var folder: String

  /// - Throws: `MigrateFailure` of code `usage`.
  init(kind: Kind, path: String, in folder: String) throws {
    try self.init(kind: kind, path: path, in: folder, bytes: Self.read(path, in: folder))
  }

  init(kind: Kind, path: String, in folder: String = "", bytes: [UInt8]) throws {
    let text = try Self.text(bytes, path: path)
    self.kind = kind
    self.path = path
    self.folder = folder
    headers = try Headers(of: text, path: path)
    hash = Hash(of: Self.normalised(text.utf8))
    rawHash = Hash(of: bytes)
    if kind == .checks, headers != Headers() {
      throw MigrateFailure(
        code: .usage, message: "\(path) is asked, not applied: headers have no place in it",
        lines: ["HINT: leave them out."])
    }
    if kind == .repeatable, headers != Headers(), !headers.isTransactional || headers.isOutOfOrderOK
    {
      throw MigrateFailure(
        code: .usage,
        message: "\(path): a repeatable file is applied in one transaction with the others",
        lines: ["HINT: put what cannot run in one into a file of migrations/."])
    }
  }

  /// The number of a versioned file.
  var version: Int? {
    if case .versioned(let number) = kind { return number }
    return nil
  }

  /// Reads it once more.
  /// - Throws: `MigrateFailure` of code `usage` if it is not what it was when it was looked at first.
  func text() throws -> String {
    let bytes = try Self.read(path, in: folder)
    guard Hash(of: bytes) == rawHash else {
      throw MigrateFailure(
        code: .usage, message: "\(path) was changed while migrate ran",
        lines: ["HINT: run it again when the file is as it is to be."])
    }
    return try Self.text(bytes, path: path)
  }

  /// Without a byte order mark.
  /// - Throws: `MigrateFailure` of code `usage`, with the line, if the server could not read it.
  static func text(_ bytes: [UInt8], path: String) throws -> String {
    // UTF-16 has one in every second place.
    if let wrong = bytes.firstIndex(of: 0) {
      throw unreadable(path, line: bytes[..<wrong].count { $0 == 0x0A } + 1, "has a NUL character")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      let wrong = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
      throw unreadable(path, line: wrong + 1, "is not UTF-8")
    }
    return text.utf8.starts(with: [0xEF, 0xBB, 0xBF])
      ? String(text.unicodeScalars.dropFirst()) : text
  }

  private static func unreadable(_ path: String, line: Int, _ what: String) -> MigrateFailure {
    MigrateFailure(
      code: .usage, message: "\(path):\(line) \(what)",
      lines: ["HINT: save the file as UTF-8; iconv -f ENCODING -t UTF-8 makes it so."])
  }

  static func read(_ path: String, in folder: String) throws -> [UInt8] {
    try DiskFile.read("\(folder)/\(path)")
  }

  /// Without white space at the ends of lines and without empty lines at the end; lines end in `\n`.
  static func normalised(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    /// Behind the last byte of the line that counts.
    var end = 0
    func cut() { if result.count > end { result.removeLast(result.count - end) } }
    for byte in bytes {
      if byte == 0x0A { cut() }
      result.append(byte)
      if byte == 0x0A || !(byte == 0x20 || byte == 0x09 || byte == 0x0D) { end = result.count }
    }
    cut()
    while result.last == 0x0A { result.removeLast() }
    return result
  }

  static func withUnixLineEnds(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    for byte in bytes {
      if byte == 0x0A, result.last == 0x0D { result.removeLast() }
      result.append(byte)
    }
    return result
  }
}

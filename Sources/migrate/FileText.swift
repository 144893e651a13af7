internal import Glibc

/// What is in a file.
struct FileText: Sendable {
  let file: MigrationFile
  /// Without a byte order mark.
  let text: String
  let headers: Headers
  /// SHA-256 over the normalised text: line ends, trailing white space and a byte order mark do not
  /// count, so that a checkout on another system is the same file.
  let hash: Hash
  /// SHA-256 over the bytes.
  let rawHash: Hash

  /// - Throws: `MigrateFailure` of code `usage`.
  init(_ bytes: [UInt8], of file: MigrationFile) throws {
    self.file = file
    text = try Self.text(bytes, path: file.path)
    headers = try bytes.withUnsafeBufferPointer {
      try Self.headers(of: $0, kind: file.kind, path: file.path)
    }
    hash = Hash(of: Self.normalised(text.utf8))
    rawHash = Hash(of: bytes)
  }

  /// Whether a file can be read, and what it says of itself.
  /// - Throws: `MigrateFailure` of code `usage`.
  static func headers(
    of bytes: UnsafeBufferPointer<UInt8>, kind: MigrationFile.Kind,
    path: @autoclosure () -> String
  ) throws -> Headers {
    _ = try text(bytes, path: path())
    let mark = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
    let headers = try Headers(of: bytes.dropFirst(mark), path: path())
    switch kind {
    case .versioned: break
    case .checks where headers != Headers():
      throw MigrateFailure(
        code: .usage, message: "\(path()) is asked, not applied: headers have no place in it",
        lines: ["HINT: leave them out."])
    case .repeatable where !headers.isTransactional || headers.isOutOfOrderOK:
      throw MigrateFailure(
        code: .usage,
        message: "\(path()): a repeatable file is applied in one transaction with the others",
        lines: ["HINT: put what cannot run in one into a file of migrations/."])
    case .checks, .repeatable: break
    }
    return headers
  }

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Without a byte order mark.
  /// - Throws: `MigrateFailure` of code `usage`, with the line, if the server could not read it.
  static func text(_ bytes: some Collection<UInt8>, path: @autoclosure () -> String) throws
    -> String
  {
    // UTF-16 has one in every second place.
    if let wrong = bytes.firstIndex(of: 0) {
      throw unreadable(
        path(), line: bytes[..<wrong].count { $0 == 0x0A } + 1, "has a NUL character")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      let wrong = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
      throw unreadable(path(), line: wrong + 1, "is not UTF-8")
    }
    return text.utf8.starts(with: byteOrderMark) ? String(text.unicodeScalars.dropFirst()) : text
  }

  private static func unreadable(_ path: String, line: Int, _ what: String) -> MigrateFailure {
    MigrateFailure(
      code: .usage, message: "\(path):\(line) \(what)",
      lines: ["HINT: save the file as UTF-8; iconv -f ENCODING -t UTF-8 makes it so."])
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

  static func hasWindowsLineEnds(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var rest = bytes
    while let start = rest.baseAddress, let found = memchr(start, 0x0D, rest.count) {
      rest = UnsafeBufferPointer(
        rebasing: rest[(UnsafeRawPointer(found) - UnsafeRawPointer(start) + 1)...])
      if rest.first == 0x0A { return true }
    }
    return false
  }

  /// As it is checked out on another system: with `\n` where there is any `\r\n`, else the other way round.
  static func changeLineEnds(_ bytes: UnsafeBufferPointer<UInt8>, into result: inout [UInt8]) {
    result.removeAll(keepingCapacity: true)
    let isWindows = hasWindowsLineEnds(bytes)
    var rest = bytes[...]
    while let end = rest.firstIndex(of: 0x0A) {
      result += rest[..<end]
      if !isWindows {
        result.append(0x0D)
      } else if result.last == 0x0D {
        result.removeLast()
      }
      result.append(0x0A)
      rest = rest[(end + 1)...]
    }
    result += rest
  }

  /// With `\r\n` as `\n`.
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

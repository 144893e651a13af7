internal import Glibc

/// Names in one piece of memory, since there may be very many.
struct NameList: Sendable, RandomAccessCollection {
  /// All of them, a NUL behind each.
  private var bytes: [UInt8] = []
  /// Where each begins, in the list's order.
  private var starts: [UInt32] = []

  /// An empty one.
  init() {}

  /// What lies in a folder, by name, without what is hidden.
  /// - Throws: `MigrateFailure` of code `usage`.
  init(ofFolder path: String) throws {
    guard let folder = opendir(path) else { throw DiskFile.unreadable(path) }
    defer { closedir(folder) }
    while true {
      // The end of the folder and a failure look the same otherwise.
      errno = 0
      guard let entry = readdir(folder) else { break }
      let name = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \.d_name)!
      let count = strlen(name.assumingMemoryBound(to: CChar.self))
      guard name.load(as: UInt8.self) != UInt8(ascii: ".") else { continue }
      starts.append(UInt32(bytes.count))
      bytes += UnsafeRawBufferPointer(start: name, count: count + 1)
    }
    guard errno == 0 else { throw DiskFile.unreadable(path) }
    sort { $0.lexicographicallyPrecedes($1) }
  }

  var startIndex: Int { 0 }
  var endIndex: Int { starts.count }

  subscript(index: Int) -> String {
    withBytes(at: index) { String(decoding: $0, as: UTF8.self) }
  }

  /// Some of them, in that order.
  func selecting(_ indexes: [Int]) -> NameList {
    var list = self
    list.starts = indexes.map { starts[$0] }
    return list
  }

  /// A name's bytes; behind them there is a NUL.
  func withBytes<Result>(
    at index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    try bytes.withUnsafeBufferPointer { try body(Self.name(at: starts[index], in: $0)) }
  }

  /// The highest number of a versioned file, and where in the list that is; `nil`: there is no such file.
  var highestNumber: (number: Int, index: Int)? {
    indices.lazy.compactMap { index in
      self.withBytes(at: index) { FileName.number(of: $0) }.map { ($0, index) }
    }.max { $0.0 < $1.0 }
  }

  mutating func sort(
    by isBefore: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool
  ) {
    bytes.withUnsafeBufferPointer { bytes in
      starts.sort { isBefore(Self.name(at: $0, in: bytes), Self.name(at: $1, in: bytes)) }
    }
  }

  private static func name(
    at start: UInt32, in bytes: UnsafeBufferPointer<UInt8>
  ) -> UnsafeBufferPointer<UInt8> {
    let first = bytes.baseAddress! + Int(start)
    return UnsafeBufferPointer(
      start: first, count: strlen(UnsafeRawPointer(first).assumingMemoryBound(to: CChar.self)))
  }
}

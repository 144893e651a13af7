internal import Glibc

/// Reads a folder's files one after the other, each into the same memory.
struct FolderReader: ~Copyable {
  private let path: String
  private let folder: Int32
  /// As large as the largest file so far.
  private var buffer = [UInt8](repeating: 0, count: 1 << 14)

  /// - Throws: `MigrateFailure` of code `usage`.
  init(_ path: String) throws {
    self.path = path
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder < 0 { throw DiskFile.unreadable(path) }
  }

  deinit { close(folder) }

  /// Lends the bytes of a file.
  /// - Parameter name: With a NUL behind it.
  /// - Throws: `MigrateFailure` of code `usage`; what `body` throws.
  mutating func read<Result>(
    _ name: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) throws -> Result {
    let (path, folder) = (path, folder)
    func full() -> String { "\(path)/\(String(decoding: name, as: UTF8.self))" }
    let file = try UnsafeRawPointer(name.baseAddress!).withMemoryRebound(
      to: CChar.self, capacity: name.count + 1
    ) { try DiskFile.openFile($0, in: folder, as: full()) }
    defer { close(file) }
    var count = 0
    while true {
      if count == buffer.count { buffer += [UInt8](repeating: 0, count: buffer.count) }
      let more = buffer.withUnsafeMutableBytes { bytes in
        Glibc.read(file, bytes.baseAddress! + count, bytes.count - count)
      }
      switch more {
      case 0: return try buffer.withUnsafeBufferPointer { try body(.init(rebasing: $0[..<count])) }
      case 1...: count += more
      case _ where errno == EINTR: continue
      default: throw DiskFile.unreadable(full())
      }
    }
  }
}

internal import Glibc

/// A file that is read again when it changes on disk, by being written to, replaced, or reached through
/// another link (as the kubelet renews what it mounts).
public struct WatchedFile: Sendable {
  /// What changes with the content.
  private struct Mark: Equatable {
    var device: UInt
    var inode: UInt
    var size: Int
    var seconds: Int
    var nanoseconds: Int

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = UInt(status.st_dev)
      inode = UInt(status.st_ino)
      size = Int(status.st_size)
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    }

    /// Written to so long ago that another write would show. File systems count time in ticks.
    var isSettled: Bool { time(nil) - seconds > 2 }
  }

  /// Where it is.
  public let path: String
  private let isUsable: @Sendable ([UInt8]) -> Bool
  private var known: (bytes: [UInt8], mark: Mark)?

  /// - Parameters:
  ///   - path: Where it is.
  ///   - isUsable: Whether a content can be used; of one that cannot, the last that could stands.
  public init(path: String, isUsable: @escaping @Sendable ([UInt8]) -> Bool = { _ in true }) {
    self.path = path
    self.isUsable = isUsable
  }

  /// The content. Asks the file system every time (microseconds) and reads what has changed. A file that
  /// is gone, or unusable, after it was read once may be one that is just being replaced: what was read
  /// stands.
  /// - Throws: `HTTPError` of code `configuration` if there was never anything to be read.
  public mutating func bytes() throws -> [UInt8] {
    // Before the content: a change between the two is then seen the next time.
    let mark = Mark(path)
    if let known, mark == nil || known.mark == mark && known.mark.isSettled { return known.bytes }
    let bytes = mark == nil ? nil : Self.content(of: path)
    if let mark, let bytes, isUsable(bytes) {
      known = (bytes, mark)
      return bytes
    }
    if let known { return known.bytes }
    let why = bytes == nil ? "cannot be read" : "has no usable content"
    throw HTTPError(
      code: .configuration, message: "the file \(path) \(why)", mayHaveReachedServer: false)
  }

  /// What a file or a pipe holds, to its end; `nil` if it cannot be read.
  public static func content(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16384)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    return ferror(file) == 0 ? bytes : nil
  }
}

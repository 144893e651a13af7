internal import CHiredis
internal import NIOCore

/// A command in the form in which Redis takes it.
enum Command {
  /// Appends a command, formatted by hiredis, to `buffer`.
  static func append(_ words: [String], to buffer: inout ByteBuffer) {
    // One block of bytes for all words, so that their addresses hold during the call.
    let bytes = words.flatMap { Array($0.utf8) }
    var lengths = words.map { $0.utf8.count }
    bytes.withUnsafeBytes { block in
      // An empty block has no address; hiredis reads none of it, but wants a pointer.
      let start = block.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
      var offset = 0
      var pointers: [UnsafePointer<CChar>?] = lengths.map { length in
        defer { offset += length }
        return (start + offset).assumingMemoryBound(to: CChar.self)
      }
      var formatted: UnsafeMutablePointer<CChar>?
      let length = redisFormatCommandArgv(&formatted, Int32(words.count), &pointers, &lengths)
      precondition(length >= 0, "out of memory")
      buffer.writeBytes(UnsafeRawBufferPointer(start: formatted, count: Int(length)))
      redisFreeCommand(formatted)
    }
  }
}

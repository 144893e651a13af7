/// The lines of a script, looked for once: the places of a hundred thousand statements are then found without
/// reading it from its beginning for each.
public struct SourceLines: Sendable {
  private let script: String
  /// Where each line begins, in bytes from 0. `\n`, `\r\n` and `\r` end a line.
  private let starts: [Int]

  public init(_ script: String) {
    self.script = script
    var text = script
    starts = text.withUTF8 { bytes in
      var starts = [0]
      for index in bytes.indices where bytes[index].isNewline {
        let next = index + 1
        let isPair =
          bytes[index] == .carriageReturn && next < bytes.count && bytes[next] == .newline
        if !isPair { starts.append(next) }
      }
      return starts
    }
  }

  /// The number of a byte's line, from 1.
  /// - Parameter offset: Bytes from 0; beyond the end is the last line.
  public func line(at offset: Int) -> Int {
    var first = 0
    var end = starts.count
    while end - first > 1 {
      let middle = (first + end) / 2
      if starts[middle] <= offset { first = middle } else { end = middle }
    }
    return first + 1
  }

  /// - Parameter offset: Bytes from 0; beyond the end is the end.
  public func position(at offset: Int) -> SourcePosition {
    let bytes = script.utf8
    let offset = min(offset, bytes.count)
    let line = line(at: offset)
    let start = bytes.index(bytes.startIndex, offsetBy: starts[line - 1])
    let place = bytes.index(bytes.startIndex, offsetBy: offset)
    return SourcePosition(
      line: line,
      // Code points are counted by the bytes that begin one.
      column: bytes[start..<place].count { $0 & 0xC0 != 0x80 } + 1,
      text: String(decoding: bytes[start...].prefix { !$0.isNewline }, as: UTF8.self))
  }
}

/// A comment from `--` to the end of its line: none within a string, another comment, or COPY's data.
public struct LineComment: Sendable, Equatable {
  /// Where it begins in the script, in bytes.
  public let offset: Int
  /// Whether nothing but comments and white space stands before it.
  public internal(set) var isAtTop: Bool

  /// All of a script, up to where it cannot be read.
  public static func all(in script: String) -> [LineComment] {
    var splitter = Splitter(script)
    splitter.notesLineComments = true
    var comments: [LineComment] = []
    var isTop = true
    func note(_ more: [LineComment]) {
      comments += more.map { LineComment(offset: $0.offset, isAtTop: $0.isAtTop && isTop) }
    }
    while let piece = try? splitter.next() {
      note(splitter.takeLineComments())
      switch piece {
      case .metaCommand: isTop = false
      case .statement(let statement):
        isTop = isTop && statement.tokens.isEmpty
        guard case .copyFromStdin(let count) = statement.kind else { continue }
        for _ in 0..<count {
          guard (try? splitter.copyData()) != nil else { return comments }
        }
      }
    }
    note(splitter.takeLineComments())
    return comments
  }
}

/// Tells the semicolons within `BEGIN ATOMIC … END` of a routine from the one behind it: psql's rule,
/// which counts BEGIN, CASE and END in what begins with CREATE [OR REPLACE] FUNCTION or PROCEDURE.
struct RoutineBlock {
  /// How many ENDs are to come.
  private(set) var depth = 0
  /// Where the outermost BEGIN stands in the script.
  private(set) var start = 0
  private var count = 0
  /// First letters of the first four words, as far as they are words of such a beginning.
  private var beginning: [UInt8] = [0, 0, 0, 0]

  private static let words: [[UInt8]] = ["create", "function", "procedure", "or", "replace"].map {
    Array($0.utf8)
  }
  private static let begin = Array("begin".utf8)
  private static let `case` = Array("case".utf8)
  private static let end = Array("end".utf8)

  mutating func forgetIdentifiers() { count = 0 }

  mutating func see(_ word: ArraySlice<UInt8>, parenDepth: Int, at offset: Int) {
    if count == 0 { beginning = [0, 0, 0, 0] }
    if count < beginning.count, Self.words.contains(where: { word.isWord($0) }) {
      beginning[count] = word.first! | 0x20
    }
    count += 1
    guard isRoutine, parenDepth == 0 else { return }
    if word.isWord(Self.begin) {
      if depth == 0 { start = offset }
      depth += 1
    } else if word.isWord(Self.case) {
      // It ends with END, too.
      if depth > 0 { depth += 1 }
    } else if word.isWord(Self.end) {
      depth = max(0, depth - 1)
    }
  }

  private var isRoutine: Bool {
    let letters = beginning.map { Character(Unicode.Scalar($0)) }
    func isKind(_ letter: Character) -> Bool { letter == "f" || letter == "p" }
    return letters[0] == "c"
      && (isKind(letters[1]) || letters[1] == "o" && letters[2] == "r" && isKind(letters[3]))
  }
}

extension ArraySlice<UInt8> {
  /// Whether this is that word, in any case.
  fileprivate func isWord(_ word: [UInt8]) -> Bool {
    count == word.count
      && zip(self, word).allSatisfy { ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }
  }
}

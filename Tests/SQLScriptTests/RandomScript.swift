/// Scripts by chance, but the same ones for the same seed: pieces that are special to the scanner, in any
/// order, and here and there what dumps have.
struct RandomScript {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  private static let fragments = [
    "'", "''", "\"", "\"\"", "$$", "$a$", "$b$", "$", "$1", "$1a", "/*", "*/", "--", "- -", "/",
    "*",
    "(", ")", "[", "]", ";", ";", ";", "; ", "\\;", ":", "::", ":=", ":x", ":'x'", ":\"x\"",
    ":{?x}",
    ":'x", ":{", "E'", "e'", "B'", "x'", "N'", "U&'", "u&\"", "U&", "E'a\\'b'", "E'\\\\'",
    "\n", "\n", "\n\n", "\r\n", "\t", " ", " ", "  ", "\u{0C}", "--c\n", "-- it's\n", "/* ; */",
    "SELECT", "SELECT 1;", "SELECT 'a';\n", "a", "a$b$", "äöü", "☃", "€$", "1", "1.5e", "1e+",
    "1..2",
    ".5", "1a", "+", "-", "=-", "+/*", "||", "CREATE", "OR", "REPLACE", "FUNCTION", "PROCEDURE",
    "CREATE FUNCTION f()", "CREATE OR REPLACE PROCEDURE p()", " BEGIN ATOMIC ", " BEGIN ", " END ",
    " CASE ", " END;", "end", "beginning", "\"begin\"", ",", ".", "#", "@", "~", "`", "?", "%", "^",
    "&",
    "|", "<", ">",
  ]

  mutating func next(_ count: Int) -> Int {
    // splitmix64
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(count))
  }

  mutating func script() -> String {
    var pieces = (0..<(1 + next(40))).map { _ in
      next(20) == 0 ? copy() : Self.fragments[next(Self.fragments.count)]
    }
    if next(4) == 0 { restrict(&pieces) }
    return pieces.joined()
  }

  /// Bytes of any kind, made UTF-8.
  mutating func noise() -> String {
    String(decoding: (0..<next(200)).map { _ in UInt8(next(256)) }, as: UTF8.self)
  }
}

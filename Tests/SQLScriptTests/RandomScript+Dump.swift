/// What dumps have besides statements: data of COPY, and `\restrict`.
extension RandomScript {
  private static let copies = [
    "COPY t FROM STDIN;", "copy t (a, \"b;\") from stdin with (format csv);",
    "COPY t\n  FROM stdin /* ; */\n;", "COPY t FROM STDIN ; ", "COPY t FROM STDIN; -- it's; \\.",
    "COPY t FROM STDIN; --\rSELECT 1;", "COPY t FROM STDIN\\; COPY u FROM STDIN;",
  ]

  /// Lines that mean something in SQL or to psql, and nothing among data; of those that look like the end of
  /// the data, none is it.
  private static let lines = [
    "", "", "1\t2", "\\N", "\\N\t\\N", "\\t\\n", "\\\\.", "\\\\", "\\.x", " \\.", "\\. ", "x\\.",
    "\\.\t", "\\.\\.", "\"\\.\"", "a\\", "'", "it's", "\"", "a\"b\"", "E'a\\'b'", ";", "SELECT 1;",
    "$$", "$a$ $b$", "--", "-- it's", "/*", "*/", "/* ; */", "(", ")", " BEGIN ATOMIC ", "END;",
    "COPY t FROM STDIN;", "\\restrict k", "\\unrestrict k", ":x", ":'x'", "äöü\t☃", "\u{0C}", " ",
  ]

  /// COPY … FROM STDIN, its data, and mostly their end.
  mutating func copy() -> String {
    var text = (next(2) == 0 ? ";" : "") + "\n" + Self.copies[next(Self.copies.count)] + "\n"
    for _ in 0..<next(8) {
      text += Self.lines[next(Self.lines.count)] + (next(8) == 0 ? "\r\n" : "\n")
    }
    return next(32) == 0 ? text : text + (next(8) == 0 ? "\\.\r\n" : "\\.\n")
  }

  /// Puts some of the pieces between `\restrict` and `\unrestrict`.
  mutating func restrict(_ pieces: inout [String]) {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    let key = String((0...next(64)).map { _ in letters[next(letters.count)] })
    let begin = next(pieces.count + 1)
    let end = begin + next(pieces.count + 1 - begin)
    for (command, index) in [("unrestrict", end), ("restrict", begin)] {
      pieces.insert("\(next(2) == 0 ? ";" : "")\n\\\(command) \(key)\n", at: index)
    }
  }
}

internal import SQLScript
internal import Testing

/// Where statements end, and where they stand.
struct SplitterTests {
  private func texts(_ script: String, _ variables: [String: String] = [:]) throws -> [String] {
    var splitter = Splitter(script, variables: variables)
    var texts: [String] = []
    while let piece = try splitter.next() {
      guard case .statement(let statement) = piece else { continue }
      texts.append(statement.text)
    }
    return texts
  }

  @Test(
    arguments: [
      ("SELECT 1; SELECT 2", ["SELECT 1;", "SELECT 2"]),
      (
        "-- a; b\nSELECT 1; -- c;\n/* d; /* e; */ f; */ SELECT 2;",
        ["SELECT 1;", "/* d; /* e; */ f; */ SELECT 2;"]
      ),
      ("SELECT 'a;''b';SELECT 1", ["SELECT 'a;''b';", "SELECT 1"]),
      ("SELECT 'a\\';SELECT ';'", ["SELECT 'a\\';", "SELECT ';'"]),
      ("SELECT E'a\\';b';SELECT 1", ["SELECT E'a\\';b';", "SELECT 1"]),
      ("SELECT E'a'\n-- c\n'\\';b';SELECT 1", ["SELECT E'a'\n-- c\n'\\';b';", "SELECT 1"]),
      (
        "SELECT U&'\\0061;', U&\"a;\", B'1;', X'2;', N'c;', \"d;\"\"\";x",
        ["SELECT U&'\\0061;', U&\"a;\", B'1;', X'2;', N'c;', \"d;\"\"\";", "x"]
      ),
      (
        "DO $$ a; $b$ c; $$; DO $ä_1$ $$; $ä$; $ä_1$;",
        ["DO $$ a; $b$ c; $$;", "DO $ä_1$ $$; $ä$; $ä_1$;"]
      ),
      ("SELECT a$b$; SELECT $1;", ["SELECT a$b$;", "SELECT $1;"]),
      (
        "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2;);x",
        ["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2;);", "x"]
      ),
      (
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 1 END; END;x",
        [
          "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 1 END; END;",
          "x",
        ]
      ),
      (
        "create or replace procedure p() begin atomic x; end; BEGIN; END;",
        ["create or replace procedure p() begin atomic x; end;", "BEGIN;", "END;"]
      ),
      ("SELECT 1 \\; SELECT 2;", ["SELECT 1 ; SELECT 2;"]),
      ("\u{FEFF}SELECT 1;\r\nSELECT 2;\r\n", ["SELECT 1;", "SELECT 2;"]),
      ("SELECT 1--*/\n+/*--*/2;x", ["SELECT 1--*/\n+/*--*/2;", "x"]),
      (";;", [";", ";"]), ("", []), (" \n-- only\n", []),
    ] as [(String, [String])])
  func statementsEndWherePsqlEndsThem(script: String, statements: [String]) throws {
    #expect(try texts(script) == statements)
  }

  @Test(arguments: [
    ("SELECT 'a", 7, "unterminated quoted string"), ("/* /* */", 0, "unterminated /* comment"),
    ("x \"a", 2, "unterminated quoted identifier"),
    ("x; $a$ $$", 3, "unterminated dollar-quoted string"),
    ("SELECT (1 + (2);", 7, "the parenthesis is not closed"),
    ("CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;", 20, "BEGIN has no END"),
  ])
  func whatIsNotEndedIsAnError(script: String, offset: Int, message: String) {
    let error = #expect(throws: ScriptError.self) { _ = try texts(script) }
    #expect(error?.message == message)
    #expect(error?.offset == offset)
  }

  // MARK: Variables

  @Test func aValueIsScannedLikeTheScript() throws {
    let script = "SELECT :a, :'a', :\"a\", :{?a}, :{?b};"
    // The quote in the value opens a string, as in psql.
    #expect(throws: ScriptError.self) { _ = try texts(script, ["a": "x'y"]) }
    #expect(
      try texts(script, ["a": "x; SELECT y"])
        == ["SELECT x;", "SELECT y, 'x; SELECT y', \"x; SELECT y\", TRUE, FALSE;"])
  }

  @Test(arguments: [
    (
      "SELECT a[1:b], c::int, :z, :'z', :\"z\", ':a', \":a\", $$:a$$;", ["a": "1", "b": "2"],
      "SELECT a[12], c::int, :z, :'z', :\"z\", ':a', \":a\", $$:a$$;"
    ),
    (":a;", ["a": ":b", "b": ":a"], ":a;"),
    ("SELECT :'a', :\"a\";", ["a": "b\\c'\"d"], "SELECT  E'b\\\\c''\"d', \"b\\c'\"\"d\";"),
  ])
  func variablesArePsqls(script: String, variables: [String: String], text: String) throws {
    #expect(try texts(script, variables) == [text])
  }

  @Test func namesThatAreNoVariablesAreTold() throws {
    var splitter = Splitter("SELECT :a, :'b', :c;", variables: ["c": "1"])
    guard case .statement(let statement)? = try splitter.next() else {
      Issue.record("no statement")
      return
    }
    #expect(statement.unsetVariables == ["a", "b"])
  }

  // MARK: Places

  @Test(arguments: [
    (0, 1, 1, "one"), (3, 1, 4, "one"), (4, 2, 1, "\ttwo"), (5, 2, 2, "\ttwo"), (9, 3, 1, "drei ü"),
    (14, 3, 6, "drei ü"), (16, 3, 7, "drei ü"), (99, 3, 7, "drei ü"),
  ])
  func placesHaveALineAndAColumn(offset: Int, line: Int, column: Int, text: String) {
    for end in ["\n", "\r\n", "\r"] {
      let script = ["one", "\ttwo", "drei ü"].joined(separator: end)
      let place = SourcePosition(
        offset: offset + (end.utf8.count - 1) * (line - 1), in: script)
      #expect(place.line == line && place.column == column && place.text == text)
    }
  }

  @Test func aPlaceIsOneInTheScript() throws {
    let script = "-- ä\r\n\tSELECT :'v', ☃\n  FROM b;"
    var splitter = Splitter(script, variables: ["v": "längere Werte"])
    guard case .statement(let statement)? = try splitter.next() else {
      Issue.record("no statement")
      return
    }
    func place(_ piece: String) throws -> SourcePosition {
      let index = try #require(statement.text.firstRange(of: piece)).lowerBound
      let position = statement.text.unicodeScalars.distance(
        from: statement.text.startIndex, to: index)
      return SourcePosition(
        offset: try #require(statement.sourceOffset(ofCharacter: position + 1)), in: script)
    }
    #expect(try place("SELECT").description == "2:2")
    #expect(try place("Werte").description == "2:9")
    #expect(try place("☃").description == "2:15")
    #expect(try place("b;").description == "3:8")
    #expect(try place("☃").caret == "\t             ^")
    #expect(try place("b;").text == "  FROM b;")
    let end = try #require(
      statement.sourceOffset(ofCharacter: statement.text.unicodeScalars.count + 1))
    #expect(end == script.utf8.count)
    #expect(statement.sourceOffset(ofCharacter: 1000) == nil)
  }

  /// Whatever ends the lines, also where two ends meet.
  @Test func linesAreFoundAtEveryByte() {
    for ends in [["\n"], ["\r\n"], ["\r"], ["\n", "\r", "\r\n", "\n\n", "\r\r\n", ""]] {
      let script =
        ["a", "", "ä☃b", "c"].enumerated()
        .map { $0.element + ends[$0.offset % ends.count] }.joined() + (ends.last ?? "")
      let lines = SourceLines(script)
      for offset in 0...script.utf8.count + 1 {
        let before = Array(script.utf8.prefix(offset))
        let next = script.utf8.dropFirst(offset).first
        // The `\r` of a `\r\n` ends nothing.
        var starts = 1
        for (index, byte) in before.enumerated() {
          let following = index + 1 < before.count ? before[index + 1] : next
          if byte == 0x0A || byte == 0x0D && following != 0x0A { starts += 1 }
        }
        #expect(lines.line(at: offset) == starts, "\(script.debugDescription) at \(offset)")
        #expect(lines.position(at: offset) == SourcePosition(offset: offset, in: script))
        #expect(lines.position(at: offset).line == starts)
      }
    }
  }

  @Test func aCommentBeforeAStatementIsSentButNotItsPlace() throws {
    var splitter = Splitter("/* a */\nSELECT 1;")
    guard case .statement(let statement)? = try splitter.next() else {
      Issue.record("no statement")
      return
    }
    #expect(statement.text == "/* a */\nSELECT 1;")
    #expect(statement.offset == 0 && statement.firstTokenOffset == 8)
    #expect(!statement.isEmpty)
  }

  // MARK: COPY and meta-commands

  @Test func copyDataAreNoStatements() throws {
    var splitter = Splitter("COPY a FROM stdin; -- b\n1\t;\r\n\\N\n\\.\nSELECT 1;\n")
    guard case .statement(let copy)? = try splitter.next() else {
      Issue.record("no statement")
      return
    }
    #expect(copy.kind == .copyFromStdin(1))
    #expect(splitter.isLineDone)
    let data = try splitter.copyData()
    #expect(String(decoding: data.bytes, as: UTF8.self) == "1\t;\r\n\\N\n")
    #expect(data.offset == 24)
    guard case .statement(let next)? = try splitter.next() else {
      Issue.record("no statement")
      return
    }
    #expect(next.text == "SELECT 1;")
  }

  /// psql goes on behind the data with what stands there.
  @Test(arguments: [
    ("", true), (" -- b", true), ("\r", true), (" -- b\r", true), ("--\r \t--\r", true),
    (" SELECT 1;", false), ("\rSELECT 1;", false), (" -- b\rSELECT 1;", false), ("/* b */", false),
  ])
  func whatFollowsCopyOnItsLineIsSeen(rest: String, isDone: Bool) throws {
    var splitter = Splitter("COPY a FROM stdin;\(rest)\n\\.\n")
    _ = try splitter.next()
    #expect(splitter.isLineDone == isDone)
  }

  @Test func copyDataHaveAnEnd() throws {
    var splitter = Splitter("COPY a FROM stdin;\n1\n")
    _ = try splitter.next()
    let error = #expect(throws: ScriptError.self) { _ = try splitter.copyData() }
    #expect(error?.message == "the data of COPY … FROM STDIN has no end")
    #expect(error?.offset == 19)
  }

  @Test func metaCommandsComeWithTheirArguments() throws {
    var splitter = Splitter("SELECT 1 \\gset a_\n\\restrict abc \n\\echo 'a\\\\b' \\\\ \\q\n")
    var commands: [MetaCommand] = []
    while let piece = try splitter.next() {
      guard case .metaCommand(let command) = piece else { continue }
      commands.append(command)
      if command.name == "gset" { #expect(splitter.endStatement()?.text == "SELECT 1 ") }
    }
    #expect(commands.map(\.name) == ["gset", "restrict", "echo", "q"])
    #expect(commands.map(\.arguments) == ["a_", "abc", "'a\\\\b'", ""])
    #expect(commands.map(\.isInsideStatement) == [true, false, false, false])
  }
}

internal import Foundation
internal import SQLScript
internal import TestSupport
internal import Testing

/// What holds for every script, tried on scripts by chance. `FUZZ_SEED` says which ones, `FUZZ_SECONDS` for
/// how long they are tried, all tests together (`make fuzz`).
@Suite(.serialized, .timeLimit(.minutes(60))) struct PropertyTests {
  private static func setting(_ name: String, _ value: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? value
  }

  private let seed = UInt64(clamping: setting("FUZZ_SEED", 20_261_127))
  /// What one of the tests has of it; five share it.
  private let limit = Duration.milliseconds(setting("FUZZ_SECONDS", 20) * 1000 / 5)

  /// Tries scripts until the time is over; some in any case, however slow the machine is.
  /// - Returns: How many.
  @discardableResult
  private func attempts(
    _ what: String, atLeast least: Int, _ body: () async throws -> Void
  ) async rethrows -> Int {
    let end = ContinuousClock.now + limit
    var count = 0
    // Before, too, and at once: of what crashes, nothing else would tell.
    FileHandle.standardError.write(
      Data("fuzz: \(what): seed \(seed); another one: make fuzz SEED=…\n".utf8))
    while count < least || ContinuousClock.now < end {
      try await body()
      count += 1
      // Other tests have a turn.
      await Task.yield()
    }
    print("fuzz: \(what): \(count) scripts, seed \(seed)")
    return count
  }

  /// What brings a failure about again.
  private func again(_ script: String) -> Comment {
    "make fuzz SEED=\(seed) comes to the script \(script.debugDescription)"
  }

  /// The statements, and whether the script has an end.
  private func split(_ script: String) -> (statements: [Statement], hasEnd: Bool) {
    var splitter = Splitter(script, variables: ["x": "y'z"])
    var statements: [Statement] = []
    do {
      while let piece = try splitter.next() {
        if case .statement(let statement) = piece { statements.append(statement) }
      }
      return (statements, true)
    } catch {
      return (statements, false)
    }
  }

  /// The same seed makes the same scripts, on any machine and in any run; another one, others.
  @Test func aSeedTellsTheScripts() {
    func lengths(_ seed: UInt64) -> [Int] {
      var random = RandomScript(seed: seed)
      return (0..<8).map { _ in random.script().utf8.count }
    }
    #expect(lengths(20_261_127) == [131, 7, 30, 18, 26, 19, 119, 7])
    #expect(lengths(20_261_128) != lengths(20_261_127))
  }

  /// Nobody has to give a seed, and who gives none has always the same.
  @Test(arguments: [([], ""), (["SEED=7"], "7")]) func makeGivesTheSeedThatIsAskedFor(
    arguments: [String], seed: String
  ) async throws {
    let result = try await Tool.run(
      "/usr/bin/env", ["make", "-n", "-C", Stack.root, "fuzz"] + arguments,
      // Of the make that runs these tests.
      environment: ["SEED": "", "MAKEFLAGS": ""])
    #expect(result.output.contains("FUZZ_SEED=\"\(seed)\" "), "\(result.output)\(result.error)")
  }

  @Test func nothingIsLostBetweenStatements() async {
    var random = RandomScript(seed: seed)
    await attempts("nothing is lost", atLeast: 1000) {
      let script = random.script()
      guard !script.contains("\\") else { return }
      let bytes = Array(script.utf8)
      var end = 0
      let (statements, hasEnd) = split(script)
      for statement in statements {
        let gap = String(decoding: bytes[end..<max(end, statement.offset)], as: UTF8.self)
        #expect(statement.offset >= end && isBlank(gap), again(script))
        #expect(statement.end > statement.offset, again(script))
        end = statement.end
      }
      if hasEnd {
        let rest = String(decoding: bytes[end...], as: UTF8.self)
        #expect(isBlank(rest), again(script))
      }
    }
  }

  private func isBlank(_ text: String) -> Bool {
    text.utf8.split { $0 == 0x0A || $0 == 0x0D }.allSatisfy { line in
      let words = line.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0C }
      return words.isEmpty || words.starts(with: "--".utf8)
    }
  }

  @Test func aScriptThatIsCutBetweenStatementsSplitsTheSame() async {
    var random = RandomScript(seed: seed &+ 1)
    await attempts("cut between statements", atLeast: 250) {
      let script = random.script()
      let whole = split(script)
      for (index, statement) in whole.statements.enumerated() {
        let rest = String(decoding: Array(script.utf8)[statement.end...], as: UTF8.self)
        let cut = split(rest)
        let behind = whole.statements.dropFirst(index + 1)
        #expect(cut.statements.map(\.text) == behind.map(\.text), again(script))
        #expect(cut.hasEnd == whole.hasEnd, again(script))
        #expect(
          cut.statements.map { $0.offset + statement.end } == behind.map(\.offset), again(script))
      }
    }
  }

  @Test func whereACharacterStandsIsFound() async {
    var random = RandomScript(seed: seed &+ 2)
    await attempts("places of characters", atLeast: 50) {
      let script = random.script()
      guard !script.contains(":"), !script.contains("\\") else { return }
      let bytes = Array(script.utf8)
      for statement in split(script).statements {
        for (index, scalar) in statement.text.unicodeScalars.enumerated() {
          let offset = statement.sourceOffset(ofCharacter: index + 1)
          let there = offset.map { Array(bytes[$0...].prefix(String(scalar).utf8.count)) }
          #expect(there == Array(String(scalar).utf8), again(script))
        }
      }
    }
  }

  @Test func nothingCrashesIt() async {
    var random = RandomScript(seed: seed &+ 3)
    await attempts("noise", atLeast: 1000) {
      let script = random.noise()
      let (statements, _) = split(script)
      for statement in statements {
        _ = (statement.kind, statement.isEmpty, statement.firstTokenOffset)
        _ = SourcePosition(offset: statement.end, in: script).caret
      }
    }
  }

  /// The statements that psql sends of scripts by chance are those that we find in them.
  @Test func psqlAgrees() async throws {
    var random = RandomScript(seed: seed &+ 4)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ark-fuzz-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("script.sql")
    let log = folder.appendingPathComponent("log")
    try await attempts("as psql", atLeast: 50) {
      var script = random.script()
      var split = asPsql(script)
      while split?.statements.isEmpty ?? true {
        script = random.script()
        split = asPsql(script)
      }
      let ours = split!
      try Data(script.utf8).write(to: file)
      try? FileManager.default.removeItem(at: log)
      _ = try await Tool.run(
        "\(Stack.current.postgresBin)/psql",
        [
          "-qX", "-v", "x=y'z", "-d", Stack.current.conninfo(database: "postgres"), "-L", log.path,
          "-o", "/dev/null", "-f", file.path,
        ])
      let psql = PsqlLog.statements(
        in: String(decoding: try Data(contentsOf: log), as: UTF8.self)
      ).map(\.trimmedAtEnd)
      // What has no end, psql sends all the same.
      let theirs = ours.hasEnd ? psql[...] : psql.prefix(ours.statements.count)
      #expect(Array(theirs) == ours.statements, again(script))
    }
  }

  /// `nil` if there is a meta-command in it.
  private func asPsql(_ script: String) -> (statements: [String], hasEnd: Bool)? {
    var splitter = Splitter(script, variables: ["x": "y'z"])
    splitter.imitatesPsql = true
    var statements: [String] = []
    do {
      while let piece = try splitter.next() {
        guard case .statement(let statement) = piece else { return nil }
        statements.append(statement.text.trimmedAtEnd)
      }
      return (statements, true)
    } catch {
      return (statements, false)
    }
  }
}

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

  let seed = UInt64(clamping: setting("FUZZ_SEED", 20_261_127))
  /// What one of the tests has of it; five share it.
  private let limit = Duration.milliseconds(setting("FUZZ_SECONDS", 20) * 1000 / 5)

  /// Tries scripts until the time is over; some in any case, however slow the machine is.
  /// - Returns: How many.
  @discardableResult
  func attempts(
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
  func again(_ script: String) -> Comment {
    "make fuzz SEED=\(seed) comes to the script \(script.debugDescription)"
  }

  /// The same seed makes the same scripts, on any machine and in any run; another one, others.
  @Test func aSeedTellsTheScripts() {
    func lengths(_ seed: UInt64) -> [Int] {
      var random = RandomScript(seed: seed)
      return (0..<8).map { _ in random.script().utf8.count }
    }
    #expect(lengths(20_261_127) == [208, 211, 74, 23, 192, 13, 169, 273])
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
      // Its backslash is no part of a statement that begins with it.
      guard !script.contains("\\;") else { return }
      let bytes = Array(script.utf8)
      var end = 0
      let found = ScriptParts(script)
      for part in found.parts {
        let statement = part.statement
        #expect(
          statement.offset >= end && isBlank(bytes[end..<max(end, statement.offset)]), again(script)
        )
        #expect(statement.end > statement.offset, again(script))
        end = statement.end
        for data in part.data where part.isLineDone {
          let isEnd = bytes[data.bytes.endIndex..<part.next].starts(with: "\\.".utf8)
          #expect(data.offset >= end && isBlank(bytes[end..<max(end, data.offset)]), again(script))
          #expect(data.bytes == bytes[data.offset..<data.bytes.endIndex] && isEnd, again(script))
          end = bytes[data.bytes.endIndex...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
        }
        #expect(!part.isLineDone || end == part.next, again(script))
        end = part.next
      }
      if found.isWhole { #expect(isBlank(bytes[end...]), again(script)) }
    }
  }

  /// Nothing but white space, comments, and the commands of dumps.
  private func isBlank(_ text: ArraySlice<UInt8>) -> Bool {
    text.split { $0 == 0x0A || $0 == 0x0D }.allSatisfy { line in
      let words = line.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0C }
      return words.isEmpty
        || ["--", "\\restrict ", "\\unrestrict "].contains { words.starts(with: $0.utf8) }
    }
  }

  @Test func aScriptThatIsCutBetweenStatementsSplitsTheSame() async {
    var random = RandomScript(seed: seed &+ 1)
    await attempts("cut between statements", atLeast: 250) {
      let script = random.script()
      let whole = ScriptParts(script)
      for (index, part) in whole.parts.enumerated() {
        guard part.isLineDone else { break }
        let cut = ScriptParts(String(decoding: Array(script.utf8)[part.next...], as: UTF8.self))
        let behind = whole.parts.dropFirst(index + 1)
        #expect(cut.parts.map(\.statement.text) == behind.map(\.statement.text), again(script))
        #expect(cut.isWhole == whole.isWhole, again(script))
        #expect(
          cut.parts.map { $0.statement.offset + part.next } == behind.map(\.statement.offset),
          again(script))
      }
    }
  }

  @Test func whereACharacterStandsIsFound() async {
    var random = RandomScript(seed: seed &+ 2)
    await attempts("places of characters", atLeast: 50) {
      let script = random.script()
      guard !script.contains(":"), !script.contains("\\;") else { return }
      let bytes = Array(script.utf8)
      for statement in ScriptParts(script).parts.map(\.statement) {
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
      for statement in ScriptParts(script).parts.map(\.statement) {
        _ = (statement.kind, statement.isEmpty, statement.firstTokenOffset)
        _ = SourcePosition(offset: statement.end, in: script).caret
      }
    }
  }
}

internal import Foundation
internal import SQLScript
internal import TestSupport
internal import Testing

extension PropertyTests {
  /// The statements that psql sends of scripts by chance are those that we find in them, and so are the data
  /// of COPY.
  @Test func psqlAgrees() async throws {
    var random = RandomScript(seed: seed &+ 4)
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ark-fuzz-\(UUID().uuidString).sql")
    defer { try? FileManager.default.removeItem(at: file) }
    try await attempts("as psql", atLeast: 50) {
      var script = random.script()
      var ours = ScriptParts(script, imitatesPsql: true)
      while ours.parts.isEmpty {
        script = random.script()
        ours = ScriptParts(script, imitatesPsql: true)
      }
      try Data(script.utf8).write(to: file)
      let sink = StatementSink(copiesOfMessages: ours.parts.map(\.data.count))
      defer { sink.stop() }
      _ = try await Tool.run(
        "\(Stack.current.postgresBin)/psql",
        ["-qX", "-v", "x=y'z", "-d", sink.conninfo, "-o", "/dev/null", "-f", file.path])
      // Where we end, psql goes on.
      let received = sink.received
      let theirs = ours.isWhole ? received[...] : received.prefix(ours.parts.count)
      #expect(
        theirs.map(\.text.trimmedAtEnd) == ours.parts.map(\.statement.text.trimmedAtEnd),
        again(script))
      #expect(
        theirs.map { $0.data.map(withoutEnd) } == ours.parts.map { $0.data.map { text($0.bytes) } },
        again(script))
    }
  }

  /// psql 15 sends the line that ends the data, too; the server passes over it.
  private func withoutEnd(_ data: [UInt8]) -> String {
    for end in ["\\.\n", "\\.\r\n"] where data.suffix(end.utf8.count).elementsEqual(end.utf8) {
      let lines = data.dropLast(end.utf8.count)
      if lines.last == nil || lines.last == 0x0A { return text(lines) }
    }
    return text(data[...])
  }

  private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  /// As the splitter sees them: within quotes COPY has no data.
  @Test func thereAreDataAndRestrictions() {
    var random = RandomScript(seed: 20_261_127)
    var counts = (data: 0, escapes: 0, behind: 0, pairs: 0)
    for _ in 0..<1000 {
      let found = ScriptParts(random.script(), imitatesPsql: true)
      let data = found.parts.flatMap(\.data)
      counts.data += data.isEmpty ? 0 : 1
      counts.escapes += data.contains { $0.bytes.contains(UInt8(ascii: "\\")) } ? 1 : 0
      counts.behind += found.parts.dropLast().contains { !$0.data.isEmpty } ? 1 : 0
      let pair = zip(found.restrictions, found.restrictions.dropFirst()).first {
        $0.name == "restrict" && $1.name == "unrestrict" && $0.arguments == $1.arguments
      }
      counts.pairs += pair == nil ? 0 : 1
    }
    #expect(counts.data > 150 && counts.escapes > 100, "\(counts)")
    #expect(counts.behind > 80 && counts.pairs > 50, "\(counts)")
  }
}

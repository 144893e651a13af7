internal import Foundation
internal import SQLScript
internal import TestSupport
internal import Testing

/// The splitter against psql itself, on PostgreSQL's own regression suite: what psql sends of each file is
/// what our splitter makes of it.
@Suite(.timeLimit(.minutes(5))) struct RegressionTests {
  private let log = FileManager.default.temporaryDirectory.appendingPathComponent(
    "ark-regression-\(UUID().uuidString)")

  @Test func everyFileIsSplitAsByPsql() async throws {
    let fetched = try await Tool.run("\(Stack.root)/scripts/postgres-regression", [])
    try #require(fetched.status == 0, "\(fetched.error)")
    let folder = fetched.output.trimmedAtEnd
    let exceptions = try RegressionExceptions(file: RegressionExceptions.path)
    defer { try? FileManager.default.removeItem(at: log) }
    let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/sql")
    #expect(files.count == 219)
    #expect(exceptions.files.isSubset(of: files))
    var statements = 0
    for file in files.sorted() {
      statements += try await compare(file, in: folder, exceptions)
    }
    #expect(statements > 42_000)
  }

  /// - Returns: How many statements the file has.
  private func compare(
    _ file: String, in folder: String, _ exceptions: RegressionExceptions
  ) async throws -> Int {
    let environment = [
      "PG_ABS_SRCDIR": folder, "PG_ABS_BUILDDIR": folder, "PG_LIBDIR": folder,
      "PG_DLSUFFIX": ".so",
    ]
    let path = "\(folder)/sql/\(file)"
    // Some files are of other encodings.
    let script = String(
      decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    let refused = exceptions.lines(of: file)
    var psql = ScriptedPsql(refusedCopies: refused, environment: environment)
    let ours = try psql.run(script)
    // An exception of which nothing comes is one that hides something later.
    let lines = Dictionary(grouping: ours.compactMap(\.place), by: \.line)
    for line in refused {
      #expect(lines[line]?.contains { $0.isCopy } == true, "\(file):\(line)")
    }

    try? FileManager.default.removeItem(at: log)
    let sink = StatementSink(copies: psql.copies)
    _ = try await Tool.run(
      "\(Stack.current.postgresBin)/psql",
      ["-qX", "-d", sink.conninfo, "-L", log.path, "-o", "/dev/null", "-f", path],
      environment: environment)
    sink.stop()
    let theirs = PsqlLog.statements(
      in: String(decoding: try Data(contentsOf: log), as: UTF8.self)
    ).map(\.trimmedAtEnd)
    let difference = Comparison.difference(ours, theirs)
    #expect(difference == nil, "\(file), \(difference ?? "")")
    // The log tells nothing that psql has not sent; it sends more, like the queries of \d. With FETCH_COUNT a
    // query is sent as a cursor's.
    var received = sink.received.map(\.text.trimmedAtEnd)[...]
    for statement in theirs {
      let index = received.firstIndex {
        $0 == statement || $0.hasPrefix("DECLARE _psql_cursor ") && $0.hasSuffix("\n\(statement)")
      }
      #expect(index != nil, "\(file): logged and not sent: \(statement)")
      if let index { received = received[(index + 1)...] }
    }
    return ours.count
  }
}

/// `regression-exceptions.txt`.
struct RegressionExceptions {
  static let path = "\(Stack.root)/Tests/SQLScriptTests/regression-exceptions.txt"

  private var lines: [String: Set<Int>] = [:]

  init(file: String) throws {
    for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    where !line.hasPrefix("#") {
      let match = try #require(
        line.wholeMatch(of: /([a-z0-9_.]+):([0-9]+) refused: .+/), "\(line)")
      lines[String(match.1), default: []].insert(Int(match.2)!)
    }
  }

  func lines(of file: String) -> Set<Int> { lines[file] ?? [] }

  /// The files that it names.
  var files: Set<String> { Set(lines.keys) }
}

extension ScriptedPsql.Sent {
  /// Where a statement begins, and whether it copies.
  fileprivate var place: (line: Int, isCopy: Bool)? {
    guard case .statement(let text, let line) = self else { return nil }
    return (line, text.lowercased().hasPrefix("copy"))
  }
}

internal import Postgres
internal import TestSupport
internal import Testing

/// What a run keeps of each file: next to nothing. `Benchmarks/migrate` has the figures.
@Suite(.timeLimit(.minutes(3))) struct MemoryTests {
  /// The most that a command had, in kB.
  private func peak(
    _ words: [String], _ folder: SQLFolder, _ database: TestDatabase, prints output: String
  ) async throws -> Int {
    let measure = """
      import resource, subprocess, sys
      subprocess.run(sys.argv[1:], check=True)
      print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
      """
    let result = try await Tool.run(
      "/usr/bin/python3",
      ["-c", measure, Tool.product("migrate")] + folder.arguments(words[0], database)
        + words.dropFirst())
    #expect(result.output.contains(output), "\(words): \(result.error)")
    let lines = result.output.split(separator: "\n")
    return try #require(lines.last.flatMap { Int($0) }, "\(words): \(result.error)")
  }

  /// The same of every command that goes through all files.
  private func peaks(
    _ folder: SQLFolder, _ database: TestDatabase
  ) async throws -> [String: Int] {
    var peaks: [String: Int] = [:]
    for words in [["up", "--rehearse"], ["plan"], ["status"]] {
      peaks[words[0]] = try await peak(
        words + ["--format", "json"], folder, database,
        prints: #""schema":1,"state":"\#(words[0] == "up" ? "rehearsed" : "pending")""#)
    }
    return peaks
  }

  /// Half a kilobyte per file would be 5 MB more.
  @Test func aLongHistoryTakesNoMoreMemoryThanAShortOne() async throws {
    let folder = try SQLFolder()
    func write(_ numbers: ClosedRange<Int>) throws {
      for number in numbers {
        let name = "\(String(1_000_000 + number).dropFirst())_create_t\(number).sql"
        try folder.write("migrations/\(name)", "CREATE TABLE t\(number) (n int);")
      }
    }
    /// As if they had been applied.
    func record(_ numbers: ClosedRange<Int>, _ connection: PostgresConnection) async throws {
      try await connection.query(
        """
        INSERT INTO migrate.ledger (version, path, hash, raw_hash, tool_version, started_at, milliseconds)
        SELECT n, format('migrations/%s_create_t%s.sql', lpad(n::text, 6, '0'), n), h.h, h.h, '0.1.0', now(), 0
        FROM generate_series($1::int, $2::int) AS n,
            LATERAL (SELECT encode(sha256(format('CREATE TABLE t%s (n int);', n)::bytea), 'hex')) AS h (h)
        """, [.int(Int64(numbers.lowerBound)), .int(Int64(numbers.upperBound))])
    }
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try write(1...1)
      #expect(try await folder.migrate("up", database).status == 0)
      try write(2...100)
      try await record(2...100, connection)
      let short = try await peak(["up"], folder, database, prints: "nothing to do: ")
      try write(101...10_000)
      try await record(101...10_000, connection)
      await connection.close()
      let long = try await peak(["up"], folder, database, prints: "nothing to do: ")
      #expect(long - short < 3000, "\(short) kB with 100 files, \(long) kB with 10,000")
    }
  }

  /// Neither do those that show each file, or carry it out: nothing is kept until the end. Half a kilobyte
  /// per file would be 1.5 MB more.
  @Test func manyPendingFilesTakeNoMoreMemoryThanFew() async throws {
    let folder = try SQLFolder()
    func write(_ numbers: ClosedRange<Int>) throws {
      for number in numbers {
        let name = "\(String(10_000 + number).dropFirst())_select_\(number).sql"
        try folder.write("migrations/\(name)", "SELECT \(number);")
      }
    }
    try await TestDatabase.with(.empty) { database in
      try write(1...100)
      let few = try await peaks(folder, database)
      try write(101...3000)
      let many = try await peaks(folder, database)
      for (words, most) in many {
        let least = try #require(few[words])
        #expect(most - least < 1200, "\(words): \(least) kB with 100 files, \(most) kB with 3,000")
      }
    }
  }
}

internal import Postgres
internal import TestSupport
internal import Testing

/// What a run keeps of each file: next to nothing. `Benchmarks/migrate` has the figures.
@Suite(.timeLimit(.minutes(3))) struct MemoryTests {
  /// The most that `migrate up` had, in kB.
  private func peak(_ folder: SQLFolder, _ database: TestDatabase) async throws -> Int {
    let measure = """
      import resource, subprocess, sys
      subprocess.run(sys.argv[1:], check=True)
      print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
      """
    let result = try await Tool.run(
      "/usr/bin/python3",
      ["-c", measure, Tool.product("migrate")] + folder.arguments("up", database))
    #expect(result.output.hasPrefix("nothing to do: "), "\(result.error)")
    let lines = result.output.split(separator: "\n")
    return try #require(lines.last.flatMap { Int($0) }, "\(result.output)")
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
      let short = try await peak(folder, database)
      try write(101...10_000)
      try await record(101...10_000, connection)
      await connection.close()
      let long = try await peak(folder, database)
      #expect(long - short < 3000, "\(short) kB with 100 files, \(long) kB with 10,000")
    }
  }
}

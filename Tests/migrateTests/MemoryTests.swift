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
  @Test func aLongHistoryTakesNoMoreMemoryThanNone() async throws {
    let count = 10_000
    func path(_ number: Int) -> String {
      "migrations/\(String(1_000_000 + number).dropFirst())_create_t\(number).sql"
    }
    let (none, all) = (try SQLFolder(["migrations/.keep": ""]), try SQLFolder())
    try all.write(path(1), "CREATE TABLE t1 (n int);")
    try await TestDatabase.with(.empty) { database in
      let empty = try await peak(none, database)
      #expect(try await all.migrate("up", database).status == 0)
      for number in 2...count { try all.write(path(number), "CREATE TABLE t\(number) (n int);") }
      let connection = try await database.connect()
      try await connection.query(
        """
        INSERT INTO migrate.ledger (version, path, hash, raw_hash, tool_version, started_at, milliseconds)
        SELECT n, format('migrations/%s_create_t%s.sql', lpad(n::text, 6, '0'), n), h.h, h.h, '0.1.0', now(), 0
        FROM generate_series(2, $1::int) AS n,
            LATERAL (SELECT encode(sha256(format('CREATE TABLE t%s (n int);', n)::bytea), 'hex')) AS h (h)
        """, [.int(Int64(count))])
      await connection.close()
      let long = try await peak(all, database)
      #expect(long - empty < 2500, "\(empty) kB without files, \(long) kB with \(count)")
    }
  }
}

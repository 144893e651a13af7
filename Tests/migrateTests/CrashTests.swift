internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// The crash matrix: the client killed, and its backend ended, at every message that it sends, for each
/// kind of file. Running again comes to the schema and the rows that an undisturbed run makes.
@Suite(.timeLimit(.minutes(10))) struct CrashTests {
  enum End: String, CaseIterable {
    /// kill -9 of the client.
    case kill
    /// pg_terminate_backend.
    case terminate
  }

  /// What was there before: an index to be dropped, another schema's table, a procedure that commits and
  /// may run twice.
  private static let world = """
    CREATE TABLE gone (n int);
    CREATE INDEX old ON gone (n);
    CREATE SCHEMA s;
    CREATE TABLE s.a (n int);
    CREATE TABLE filled (n int PRIMARY KEY);
    CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO public.filled VALUES (1) ON CONFLICT DO NOTHING;
        COMMIT;
        INSERT INTO public.filled VALUES (2) ON CONFLICT DO NOTHING;
    END $$;
    """

  /// Everything that must come out the same: the schema, and how many rows each table has.
  private func outcome(_ database: TestDatabase) async throws -> String {
    let dump = try await Tool.run(
      "\(Stack.current.postgresBin)/pg_dump",
      ["--schema-only", "--restrict-key=x", "-d", database.conninfo()])
    #expect(dump.status == 0, "\(dump.error)")
    let connection = try await database.connect()
    let rows = try await connection.value(
      """
      SELECT string_agg(format('%s %s', c.oid::regclass,
          (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %s', c.oid::regclass), false, true, '')))[1]),
          E'\\n' ORDER BY c.oid::regclass::text)
      FROM pg_class AS c
      WHERE c.relkind = 'r' AND c.oid >= 16384 AND c.relnamespace <> 'migrate'::regnamespace
      """)
    let applied = try await connection.value(
      "SELECT string_agg(path, ' ' ORDER BY path) FROM migrate.ledger WHERE event = 'applied'")
    await connection.close()
    return "\(dump.output)\n\(rows ?? "")\n\(applied ?? "")"
  }

  private func prepare(_ database: TestDatabase, _ kind: Kind) async throws {
    let connection = try await database.connect()
    try await connection.execute(Self.world)
    await connection.close()
    guard let earlier = kind.earlier else { return }
    let up = try await SQLFolder(earlier).migrate("up", database)
    #expect(up.status == (kind == .resumed ? 10 : 0), "\(up.error)")
  }

  /// The command that a text names as the next step; the first one of its last line that names any.
  private func nextCommand(in text: String, of kind: Kind) -> [String]? {
    let line = text.split(separator: "\n").last {
      $0.contains(/migrate (up|resume)|[Rr]un migrate again|say where the server is/)
    }
    guard let line else { return nil }
    guard let match = line.firstMatch(of: /migrate (up --prune|up|resume)/) else {
      // "run migrate again": the same command.
      return kind.command
    }
    return match.1.split(separator: " ").map(String.init)
  }

  /// Types the command that was printed, and whatever that prints, until all is applied.
  /// - Parameter words: What the runner has said that was stopped; `nil`: it was killed, and `status` is asked.
  private func converge(
    _ kind: Kind, _ folder: SQLFolder, _ database: TestDatabase, _ words: String?, _ step: String
  ) async throws {
    func type(_ command: [String]) async throws -> Tool.Result {
      try await Tool.run(
        Tool.product("migrate"),
        command + ["-d", database.conninfo(), "--sql-dir", folder.path])
    }
    let said: String
    if let words {
      said = words
    } else {
      let status = try await type(["status"])
      #expect(status.status == 0, "\(step): \(status.error)")
      said = status.error
    }
    // Where `status` names none, all is applied or nothing has begun.
    let next = nextCommand(in: said, of: kind)
    #expect(next != nil || words == nil, "\(step): \(said)")
    var result = try await type(next ?? (kind == .changed ? kind.command : ["up"]))
    if result.status == 10 {
      // `up`, where nobody could know that the file has begun.
      #expect(
        next?.first != "resume" && result.error.contains("\nNEXT: "), "\(step): \(result.error)")
      let next = try #require(nextCommand(in: result.error, of: kind), "\(step): \(result.error)")
      result = try await type(next)
    }
    #expect(result.status == 0, "\(step), behind \(said): \(result.error)")
    // The next step may be less than was asked for.
    let again = try await type(kind == .resumed ? ["up"] : kind.command)
    #expect(again.status == 0, "\(step): \(again.error)")
    #expect(
      again.error.contains("warning: c: o: f\n") == (kind == .changed), "\(step): \(again.error)")
  }

  /// What a runner says whose session was ended is true, and there is a next step.
  private func checkWords(
    _ process: DaemonProcess, _ connection: PostgresConnection, _ step: String
  ) async throws {
    // It may have been done already.
    guard process.exitStatus != 0 else { return }
    let log = process.log
    #expect(process.exitStatus == 2, "\(step): \(log)")
    #expect(
      log.contains("\nNOW: ") || log.contains("\nHINT: say where the server is"), "\(step): \(log)")
    guard log.contains("rolled back; nothing was applied") else { return }
    let isThere = try await connection.value("SELECT to_regclass('migrate.ledger') IS NOT NULL")
    guard isThere == "t" else { return }
    #expect(
      try await connection.value(
        "SELECT count(*) FROM migrate.ledger WHERE event = 'applied' AND path NOT LIKE 'v/gone%' AND NOT (path = 'v/f.sql' AND entry_id = 1)"
      ) == "0", "\(step): \(log)")
  }

  @Test(arguments: Kind.allCases, End.allCases)
  func everyStepConverges(kind: Kind, end: End) async throws {
    let folder = try SQLFolder(kind.files)
    let expected = try await TestDatabase.with(.empty) { database in
      try await prepare(database, kind)
      let up = try await Tool.run(
        Tool.product("migrate"),
        kind.command + ["-d", database.conninfo(), "--sql-dir", folder.path])
      #expect(up.status == 0, "\(up.error)")
      return try await outcome(database)
    }
    // The last one is the first that the runner does not come to.
    var steps: [String] = []
    while let step = try await interrupted(
      kind, folder, end, at: steps.count + 1, expected: expected)
    {
      steps.append(step)
    }
    // Each is a step of its own, in this order.
    var rest = steps[...]
    for landmark in kind.landmarks {
      let index = try #require(
        rest.firstIndex { $0.contains(landmark) }, "no step \(landmark) in \(rest)")
      rest = rest[(index + 1)...]
    }
    #expect(rest.isEmpty, "\(rest)")
  }

  /// - Returns: What the runner has sent there; `nil`: it does not come to that step.
  private func interrupted(
    _ kind: Kind, _ folder: SQLFolder, _ end: End, at step: Int, expected: String
  ) async throws -> String? {
    let stack = Stack.current
    return try await TestDatabase.with(.empty) { database in
      try await prepare(database, kind)
      let relay = StoppingRelay(
        toSocket: "\(stack.postgresHost)/.s.PGSQL.\(stack.postgresPort)", at: step)
      defer { relay.stop() }
      let process = try DaemonProcess(
        Tool.product("migrate"),
        kind.command + [
          "--sql-dir", folder.path, "-d",
          relay.conninfo(database),
        ])
      try await eventually { relay.hasStopped || !process.isRunning }
      guard relay.hasStopped else {
        #expect(process.exitStatus == 0, "\(process.log)")
        return nil
      }
      var words: String?
      switch end {
      case .kill:
        try await process.stop(SIGKILL)
      case .terminate:
        let connection = try await database.connect()
        // The session is there a moment after the start-up message only.
        try await eventually("the end of the runner at step \(step)") {
          try await connection.query(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'migrate'
            """)
          return !process.isRunning
        }
        try await checkWords(process, connection, "step \(step)")
        await connection.close()
        if process.exitStatus != 0 { words = process.log }
      }
      try await converge(kind, folder, database, words, "step \(step)")
      let outcome = try await outcome(database)
      #expect(outcome == expected, "after step \(step)")
      return relay.last
    }
  }
}

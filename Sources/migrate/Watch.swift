internal import Glibc
internal import Postgres
internal import Synchronization

/// Looks at the runner's session from another one while a statement takes long, and tells what it waits
/// for and how far it is. Opened only when a statement does take long.
final class Watch: Sendable {
  private struct State {
    var watch = WatchState()
    /// File and place of the statement that runs; `nil`: none does.
    var statement: String?
    var start = ContinuousClock.now
  }

  /// A statement that takes longer than this is looked at, and then this often.
  static let interval = Duration.milliseconds(400)

  private let state = Mutex(State())
  private let configuration: PostgresConfiguration
  private let pid: Int32

  init(_ connection: PostgresConnection, _ configuration: PostgresConfiguration) async {
    var configuration = configuration
    configuration.overrides["application_name"] = "migrate: watch"
    configuration.onNotice = nil
    self.configuration = configuration
    pid = await connection.backendPID
  }

  func fileBegins() { state.withLock { $0.watch.fileBegins() } }

  func statementBegins(_ what: String) {
    state.withLock {
      $0.watch.statementBegins()
      $0.statement = what
      $0.start = .now
    }
  }

  func statementEnds() {
    state.withLock {
      $0.watch.statementBegins()
      $0.statement = nil
    }
  }

  /// How long the file at hand has stood in queues.
  var lockWait: Duration { state.withLock { $0.watch.lockWait } }

  /// Looks while work goes on, and no longer.
  func during<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await work() }
      group.addTask {
        await self.run()
        return nil
      }
      defer { group.cancelAll() }
      while let next = try await group.next() {
        if let next { return next }
      }
      throw CancellationError()
    }
  }

  /// Looks until it is cancelled. What it cannot see it does not tell: the work goes on all the same.
  private func run() async {
    var connection: PostgresConnection?
    var seen: ContinuousClock.Instant?
    var next = ContinuousClock.now
    while (try? await Task.sleep(for: Self.interval)) != nil {
      let statement = state.withLock { $0.statement == nil ? nil : $0.start }
      // One that stayed would be in the way of the next statement, if that is CREATE DATABASE … TEMPLATE this one.
      if let open = connection, statement != seen {
        await open.close()
        connection = nil
        next = .now
      }
      guard let statement, ContinuousClock.now - statement >= Self.interval else { continue }
      seen = statement
      if connection == nil, ContinuousClock.now >= next {
        connection = try? await self.open()
        // Whoever is refused knocks seldom: each time is a line of the server's log.
        next = .now + .seconds(10)
      }
      guard let open = connection else { continue }
      do {
        tell(try await sample(open), ofStatementAt: statement)
      } catch {
        await open.close()
        connection = nil
      }
    }
    await connection?.close()
  }

  /// As the login: the server shows a session's progress to that one, and not to the role that it migrates as.
  private func open() async throws -> PostgresConnection {
    let connection = try await PostgresConnection.connect(configuration)
    try await connection.execute("SET ROLE NONE")
    return connection
  }

  private func tell(_ sample: WatchState.Sample, ofStatementAt start: ContinuousClock.Instant) {
    let actions = state.withLock { state -> [WatchState.Action] in
      // It may have ended meanwhile, and be another one.
      guard let what = state.statement, state.start == start else { return [] }
      return state.watch.see(
        sample, of: what, age: .now - start, isTerminal: isatty(STDERR_FILENO) == 1)
    }
    for action in actions {
      switch action {
      case .tell(let line): Output.talk(Record("waiting", message: line), line)
      case .progress(let line): Output.progress(line)
      }
    }
  }

  private func sample(_ connection: PostgresConnection) async throws -> WatchState.Sample {
    let rows = try await connection.query(
      """
      SELECT NULL AS blocker, NULL AS pid,
          (SELECT extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) pg_catalog.min(l.waitstart))
           FROM pg_catalog.pg_locks AS l WHERE l.pid OPERATOR(pg_catalog.=) $1 AND NOT l.granted) AS waits,
          p.phase,
          coalesce(i.relname, t.relname, 'index') AS index,
          CASE WHEN p.blocks_total OPERATOR(pg_catalog.>) 0 THEN p.blocks_done ELSE p.tuples_done END AS done,
          CASE WHEN p.blocks_total OPERATOR(pg_catalog.>) 0 THEN p.blocks_total ELSE p.tuples_total END AS total
      FROM (VALUES (1)) AS one
      LEFT JOIN pg_catalog.pg_stat_progress_create_index AS p ON p.pid OPERATOR(pg_catalog.=) $1
      LEFT JOIN pg_catalog.pg_class AS i ON i.oid OPERATOR(pg_catalog.=) p.index_relid
      LEFT JOIN pg_catalog.pg_class AS t ON t.oid OPERATOR(pg_catalog.=) p.relid
      UNION ALL
      SELECT CASE WHEN b.b OPERATOR(pg_catalog.=) 0
              THEN pg_catalog.concat('a prepared transaction: ', (
                  SELECT pg_catalog.string_agg(pg_catalog.format('%L (%s, for %s)', p.gid, p.owner,
                      pg_catalog.to_char(pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) p.prepared, 'FMDD"d "HH24:MI:SS')), ', '
                      ORDER BY p.prepared)
                  FROM pg_catalog.pg_prepared_xacts AS p
                  WHERE p.database OPERATOR(pg_catalog.=) pg_catalog.current_database()),
                  '; COMMIT PREPARED or ROLLBACK PREPARED ends it')
              WHEN a.backend_start IS NULL
              THEN pg_catalog.format('(%s; since when and with what is hidden from %s: GRANT pg_read_all_stats TO %I shows it)',
                  coalesce(a.usename, 'a process of the server'), current_user, current_user)
              ELSE pg_catalog.format('(%s, for %s): %s', coalesce(a.usename, a.backend_type),
                  pg_catalog.to_char(pg_catalog.clock_timestamp()
                      OPERATOR(pg_catalog.-) coalesce(a.xact_start, a.backend_start), 'HH24:MI:SS'),
                  pg_catalog.regexp_replace(pg_catalog.left(a.query, 80), '\\s+', ' ', 'g')) END,
          b.b, NULL, NULL, NULL, NULL, NULL
      FROM (SELECT DISTINCT b FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) AS b) AS b
      LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid OPERATOR(pg_catalog.=) b.b
      WHERE b.b OPERATOR(pg_catalog.=) 0 OR a.pid IS NOT NULL
      """, [.int(Int64(pid))], timeout: .seconds(5))
    var sample = WatchState.Sample()
    for row in rows {
      if let blocker = row["blocker"] {
        sample.blockers.append(
          WatchState.Blocker(pid: row["pid"].flatMap { Int($0) } ?? 0, text: blocker))
        continue
      }
      sample.lockWait = row["waits"].flatMap { Double($0) }.map { .milliseconds(Int($0 * 1000)) }
      if let phase = row["phase"] {
        sample.build = WatchState.Build(
          index: row["index"] ?? "", phase: phase, done: row["done"].flatMap { Int($0) } ?? 0,
          total: row["total"].flatMap { Int($0) } ?? 0)
      }
    }
    sample.blockers.sort { $0.pid < $1.pid }
    return sample
  }
}

internal import Postgres
internal import SQLScript

/// Objects that no repeatable file makes any more: those of files that have gone, and what a file made
/// before it was edited, such as an overload of other arguments.
struct Prune: Sendable {
  let work: MigrationWork
  let files: MigrationFiles

  private var connection: PostgresConnection { work.connection }
  private var paths: [String] { files.repeatable.map(\.path) }

  /// Tells what there is, also when no file was to be applied: one may have gone.
  /// - Parameter isNew: Whether files were applied; only then it is told what has moved into one of them.
  func report(isNew: Bool) async throws {
    // A ledger of an earlier version knows of none.
    guard try await LedgerState.read(connection).isCurrent else { return }
    for each in try await stale(tellsKept: isNew) {
      let why =
        paths.contains(each.path) ? "\(each.path) no longer makes it" : "\(each.path) is gone"
      tell(each, "stale: \(each.object.description): \(why); migrate up --prune drops it")
    }
  }

  private static let nothing = "the files are applied; nothing was dropped."

  /// Drops them, in one transaction with the rows that say so. Never what depends on them.
  /// - Throws: `MigrateFailure`, with what is true; also of code `interrupted`.
  func run() async throws {
    do {
      try await Ledger.create(connection)
      let (stale, gone) = (try await stale(), try await vanished())
      guard !stale.isEmpty || !gone.isEmpty else { return }
      let watch = await Watch(connection, work.configuration)
      try await watch.during { try await drop(stale, gone: gone, watch) }
    } catch let failure as MigrateFailure {
      throw failure.saying("NOW: \(Self.nothing)")
    } catch is CancellationError {
      throw LedgerTransaction.stopped(
        Self.nothing, hint: "migrate up --prune drops what is stale, and asks the checks")
    }
  }

  private func drop(
    _ stale: [ObjectCatalog.Stale], gone: [String], _ watch: Watch
  ) async throws {
    var retries = LockRetries()
    while true {
      do {
        try await dropOnce(stale, gone: gone, watch)
        break
      } catch let error as PostgresError {
        guard case .retry(let pause, let attempt) = retries.failed(error.sqlState) else {
          throw failure(error)
        }
        let line = "--prune: \(error.message); attempt \(attempt) of \(LockRetries.limit)"
        Output.talk(Record("retry", message: line), line)
        try await Task.sleep(for: pause)
      }
    }
    for each in stale {
      Output.data(
        Record("pruned", path: each.path, object: each.object.description),
        "dropped  \(each.object.description)")
    }
  }

  private func dropOnce(
    _ stale: [ObjectCatalog.Stale], gone: [String], _ watch: Watch
  ) async throws {
    try await LedgerTransaction(
      connection: connection, name: "what --prune drops", nothing: Self.nothing
    ).run { connection in
      try await drop(stale.map(\.object), connection, watch)
      for path in Set(stale.map(\.path)).union(gone).sorted() {
        let what = stale.filter { $0.path == path }.map(\.object.description)
        try await record(
          path, reason: "dropped " + (what.isEmpty ? "nothing" : what.joined(separator: ", ")))
      }
    }
  }

  private func failure(_ error: PostgresError) -> MigrateFailure {
    let isLock = LockRetries.states.contains(error.sqlState ?? "")
    let next =
      if error.isConnectionLost {
        [
          "NOW: the files are applied; what is stale was dropped as a whole, or not at all.",
          "HINT: migrate up --prune goes on.",
        ]
      } else if isLock {
        [
          "NOW: \(Self.nothing)",
          "HINT: run migrate up --prune again when those that hold the lock are done.",
        ]
      } else {
        [
          "NOW: \(Self.nothing)",
          "HINT: drop what depends on it in a migration, and run migrate up --prune again.",
        ]
      }
    return MigrateFailure(
      code: error.isConnectionLost ? .connection : isLock ? .lockRetries : .sql,
      message: "--prune: \(error.description)",
      lines: [error.detail, error.hint].compactMap { $0 } + next)
  }

  /// Those that depend on others go first, which the server knows: what it refuses to drop comes again when
  /// something else has gone.
  private func drop(
    _ objects: [DatabaseObject], _ connection: PostgresConnection, _ watch: Watch
  ) async throws {
    var rest = objects
    while !rest.isEmpty {
      var refused: [DatabaseObject] = []
      var reason: PostgresError?
      for object in rest {
        try await connection.execute("SAVEPOINT migrate_prune")
        watch.statementBegins("--prune: \(object.description)")
        defer { watch.statementEnds() }
        do {
          try await connection.execute(
            "\(object.drop); RELEASE SAVEPOINT migrate_prune")
        } catch let error as PostgresError where error.sqlState == "2BP01" {
          // dependent_objects_still_exist
          try await connection.execute("ROLLBACK TO SAVEPOINT migrate_prune")
          refused.append(object)
          reason = error
        }
      }
      if let reason, refused.count == rest.count { throw reason }
      rest = refused
    }
  }

  /// Without what a migration has made since: then it is the migration's.
  private func stale(tellsKept: Bool = true) async throws -> [ObjectCatalog.Stale] {
    let all = try await ObjectCatalog(connection: connection).stale(among: paths)
    guard let first = all.map(\.entry).min() else { return [] }
    let made = try await madeByMigrations(since: first)
    return all.filter { each in
      guard let later = made[each.name], later.entry > each.entry else { return true }
      guard tellsKept else { return false }
      tell(
        each,
        "kept: \(each.object.description): \(later.path) makes one of that name; if it is another one, drop it in a migration"
      )
      return false
    }
  }

  /// What the migrations create by name that were applied behind a row of the ledger.
  private func madeByMigrations(
    since entry: Int
  ) async throws -> [String: (path: String, entry: Int)] {
    let rows = try await connection.query(
      """
      SELECT path, pg_catalog.max(entry_id) AS entry FROM migrate.ledger
      WHERE version IS NOT NULL AND event OPERATOR(pg_catalog.=) 'applied'
        AND entry_id OPERATOR(pg_catalog.>) $1 GROUP BY path
      """, [.int(Int64(entry))])
    let entries = Dictionary(
      rows.map { ($0["path"] ?? "", $0["entry"].flatMap { Int($0) } ?? 0) },
      uniquingKeysWith: { $1 })
    var made: [String: (path: String, entry: Int)] = [:]
    for file in files.versioned {
      guard let entry = entries[file.path] else { continue }
      for step in try FileScript(file, variables: work.options.variableValues).steps {
        if let name = step.statement.createdName { made[name] = (file.path, entry) }
      }
    }
    return made
  }

  private func tell(_ stale: ObjectCatalog.Stale, _ line: String) {
    Output.talk(
      Record("stale", path: stale.path, message: line, object: stale.object.description), line)
  }

  /// Files that the ledger has and the folder has not.
  private func vanished() async throws -> [String] {
    let ledger = try await Ledger.read(connection, files: files.versioned)
    return ledger.repeatable.keys.filter { !paths.contains($0) }.sorted()
  }

  private func record(_ path: String, reason: String) async throws {
    let file = try files.repeatable.first { $0.path == path }?.read()
    try await connection.query(
      """
      INSERT INTO migrate.ledger (path, hash, raw_hash, tool_version, started_at, milliseconds, event, reason, host)
      VALUES ($1, $2, $3, $4, pg_catalog.clock_timestamp(), 0, 'pruned', $5, $6)
      """,
      [
        .text(path), .text(file.map { "\($0.hash)" } ?? ""),
        .text(file.map { "\($0.rawHash)" } ?? ""),
        .text(Migrate.toolVersion), .text(reason), .text(Ledger.host),
      ])
  }
}

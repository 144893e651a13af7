internal import Postgres

/// Objects that no repeatable file makes any more: those of files that have gone, and what a file made
/// before it was edited, such as an overload of other arguments.
struct Prune: Sendable {
  let connection: PostgresConnection
  let files: MigrationFiles

  private var paths: [String] { files.repeatable.map(\.path) }

  /// Tells what there is.
  func report() async throws {
    for (object, path) in try await ObjectCatalog(connection: connection).stale(among: paths) {
      let why = paths.contains(path) ? "\(path) no longer makes it" : "\(path) is gone"
      let line = "stale: \(object.description): \(why); migrate up --prune drops it"
      Output.talk(Record("stale", path: path, message: line, object: object.description), line)
    }
  }

  /// Drops them, in one transaction with the rows that say so. Never what depends on them.
  func run() async throws {
    let catalog = ObjectCatalog(connection: connection)
    let stale = try await catalog.stale(among: paths)
    let gone = try await vanished()
    guard !stale.isEmpty || !gone.isEmpty else { return }
    do {
      try await connection.transaction { connection in
        // Triggers and policies first: they name functions. What is a function's is its own business.
        let order = ["trigger", "policy", "view", "materialized view"]
        func rank(_ object: DatabaseObject) -> Int {
          order.firstIndex(of: object.type) ?? order.count
        }
        for (object, _) in stale.sorted(by: { rank($0.object) < rank($1.object) }) {
          try await connection.execute("DROP \(object.type) \(object.identity)")
        }
        for path in Set(stale.map(\.path)).union(gone).sorted() {
          let what = stale.filter { $0.path == path }.map(\.object.description)
          try await record(
            path, reason: "dropped " + (what.isEmpty ? "nothing" : what.joined(separator: ", ")))
        }
      }
    } catch let error as PostgresError {
      throw MigrateFailure(
        code: error.isConnectionLost ? .connection : .sql, message: "--prune: \(error.description)",
        lines: [error.detail, error.hint].compactMap { $0 } + [
          "NOW: the files are applied; nothing was dropped.",
          "HINT: drop what depends on it in a migration, and run migrate up --prune again.",
        ])
    }
    for (object, path) in stale {
      Output.data(
        Record("pruned", path: path, object: object.description),
        "dropped  \(object.description)")
    }
  }

  /// Files that the ledger has and the folder has not.
  private func vanished() async throws -> [String] {
    let ledger = try await Ledger.read(connection)
    return ledger.repeatable.keys.filter { !paths.contains($0) }.sorted()
  }

  private func record(_ path: String, reason: String) async throws {
    let file = files.repeatable.first { $0.path == path }
    try await connection.query(
      """
      INSERT INTO migrate.ledger (path, hash, raw_hash, tool_version, started_at, milliseconds, event, reason)
      VALUES ($1, $2, $3, $4, pg_catalog.clock_timestamp(), 0, 'pruned', $5)
      """,
      [
        .text(path), .text(file?.hash ?? ""), .text(file?.rawHash ?? ""),
        .text(Migrate.toolVersion), .text(reason),
      ])
  }
}

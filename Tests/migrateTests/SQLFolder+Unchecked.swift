internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import migrate

extension SQLFolder {
  /// Applies all files to an empty database without `Up`, which looks at the statements first.
  /// - Returns: How it fails.
  func applyUnchecked(_ database: TestDatabase) async throws -> MigrateFailure? {
    let plan = try Plan(files: try MigrationFiles.load(from: path), ledger: Ledger())
    let connection = try await database.connect()
    try await SessionLock(connection: connection, timeout: .seconds(60)).acquire()
    try await Ledger.create(connection)
    let watch = await Watch(connection, PostgresConfiguration(conninfo: database.conninfo()))
    let failure = await #expect(throws: MigrateFailure.self) {
      _ = try await Runner(connection: connection, watch: watch).apply(plan)
    }
    await connection.close()
    return failure
  }
}

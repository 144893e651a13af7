internal import Postgres

extension PostgresConnection {
  /// Takes the lock and the mark that a runner's session has.
  func holdRunnersLock() async throws {
    try await query(
      """
      SELECT pg_advisory_lock(x'6d696772617465'::bigint),
          pg_advisory_lock_shared(x'6d696772'::int, pg_backend_pid())
      """)
  }
}

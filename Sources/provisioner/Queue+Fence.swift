internal import Postgres

extension Queue {
  /// Has the organisation's next claim jump over the fence that its namespace bears, which is later than
  /// this attempt's.
  /// - Throws: `PostgresError` with SQLSTATE `AR410` if another worker has the job: then it is that one's.
  func jumpFence(_ claim: Job.Claim, over seen: Int64) async throws {
    try await pool.withConnection { connection in
      _ = try await connection.query(
        "SELECT provisioning.jump_fence($1, $2, $3, $4)",
        [.int(claim.orgID), .int(claim.jobID), .int(claim.fence), .int(seen)])
    }
  }
}

internal import Postgres

extension ConnectionOptions {
  /// Reads and checks the files.
  /// - Throws: `MigrateFailure` of code `usage`. Of files with the same number the database is asked which
  ///   one it has.
  func files() async throws -> MigrationFiles {
    do {
      return try MigrationFiles.load(from: sqlDir)
    } catch let shared as SharedNumber {
      throw shared.failure(await answer(to: shared))
    }
  }

  private func answer(to shared: SharedNumber) async -> SharedNumber.Answer {
    // Nobody is asked for a password for the sake of a hint.
    guard !askPassword else { return .none }
    var options = self
    options.noPassword = true
    guard let (connection, _) = try? await options.connect() else { return .none }
    var answer = SharedNumber.Answer.none
    do {
      try await MigrationWork.readOnly(connection)
      let ledger = try await Ledger.read(connection)
      answer = ledger.path(of: shared.number).map { .isTaken($0) } ?? .isFree
    } catch {
      // The files are what is wrong.
    }
    await connection.close()
    return answer
  }
}

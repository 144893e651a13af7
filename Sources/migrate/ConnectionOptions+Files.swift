internal import Postgres

extension ConnectionOptions {
  /// Reads and checks the files.
  /// - Throws: `MigrateFailure` of code `usage`. Of files with the same number the database is asked which
  ///   one it has.
  func files() async throws -> MigrationFiles {
    do {
      return try MigrateFailure.saying(MigrateFailure.nothing) {
        try MigrationFiles.load(from: sqlDir)
      }
    } catch let shared as SharedNumber {
      throw shared.failure(await answer(to: shared))
    }
  }

  private func answer(to shared: SharedNumber) async -> SharedNumber.Answer {
    let path = await peek { try await Ledger.read($0).path(of: shared.number) }
    guard let path else { return .none }
    return path.map { .isTaken($0) } ?? .isFree
  }

  /// Refuses a last number that no file has.
  /// - Throws: `MigrateFailure` of code `usage`; if the database has a file of that number, whatever tells
  ///   that it is not at hand.
  func check(_ limit: Int, in files: MigrationFiles) async throws {
    guard files.versioned.index(of: limit) == nil else { return }
    let ledger = await peek { try await Ledger.read($0, files: files.versioned) }
    if let ledger, ledger.path(of: limit) != nil {
      _ = try Plan(files: files, ledger: ledger, upTo: limit)
    }
    throw files.noFile(limit)
  }

  /// Asks the database for the sake of a better message; `nil`: it could not be asked.
  private func peek<Answer: Sendable>(
    _ body: (PostgresConnection) async throws -> Answer
  ) async -> Answer? {
    // Nobody is asked for a password for that.
    guard !askPassword else { return nil }
    var options = self
    options.noPassword = true
    guard let (connection, _) = try? await options.connect() else { return nil }
    var answer: Answer?
    do {
      try await MigrationWork.readOnly(connection)
      answer = try await body(connection)
    } catch {
      // The files are what is wrong.
    }
    await connection.close()
    return answer
  }
}

internal import Crypto
internal import FoundationEssentials
internal import Postgres

/// What `migrate plan --out` writes and `migrate up --plan` holds files and database to.
struct PlanDocument: Codable, Sendable, Equatable {
  static let version = 2

  struct File: Codable, Sendable, Equatable {
    var path: String
    /// SHA-256 of its bytes.
    var sha256: String
    /// SHA-256 of its statements with the variables' values, which may be secret.
    var code: String
    /// Whether the whole file is one transaction.
    var isTransactional: Bool
    var statements: [Statement]
    var locks: [Record.Lock]
  }

  struct Statement: Codable, Sendable, Equatable {
    /// Where it begins, like `7:1`.
    var at: String
    /// Its beginning, in one line.
    var text: String
  }

  /// The database that the plan was made for, and its history.
  struct Origin: Codable, Sendable, Equatable {
    var database: String
    /// The cluster's system identifier: a standby that was promoted has it, too.
    var cluster: String
    /// The last row of the ledger; 0: there is none.
    var history: Int
    /// SHA-256 over the rows of the ledger: another database's differ in their times.
    var historySHA256: String

    static func read(_ connection: PostgresConnection, _ ledger: Ledger) async throws -> Origin {
      let row = try await connection.query(
        """
        SELECT pg_catalog.current_database() AS database,
            (SELECT c.system_identifier FROM pg_catalog.pg_control_system() AS c) AS cluster
        """)[0]
      var history = (hash: SHA256(), separator: "")
      if ledger.lastEntry > 0 {
        history = try await connection.reduce(
          into: history,
          """
          SELECT pg_catalog.concat_ws(' ', entry_id, path, hash, extract(epoch FROM started_at)) AS row
          FROM migrate.ledger ORDER BY entry_id
          """
        ) { history, row in
          history.hash.update(data: Array((history.separator + (row["row"] ?? "")).utf8))
          history.separator = "\n"
        }
      }
      return Origin(
        database: row["database"] ?? "", cluster: row["cluster"] ?? "", history: ledger.lastEntry,
        historySHA256: "\(Hash(history.hash.finalize()))")
    }
  }

  var schema = PlanDocument.version
  /// The number behind which it stops; left out: it does not.
  var upTo: Int?
  var origin: Origin
  var files: [File] = []

  /// - Throws: `MigrateFailure` of code `usage`.
  static func read(_ path: String) throws -> PlanDocument {
    let hint = "HINT: migrate plan --out \(path) writes one."
    let data: Data
    do {
      data = try Data(DiskFile.readStream(path))
    } catch var failure as MigrateFailure {
      failure.lines += [MigrateFailure.nothing, hint]
      throw failure
    }
    guard let document = try? JSONDecoder().decode(PlanDocument.self, from: data),
      document.schema == version
    else {
      throw MigrateFailure(
        code: .usage, message: "\(path) is no plan of this version of migrate",
        lines: [MigrateFailure.nothing, hint])
    }
    return document
  }

  func write(_ path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    try DiskFile.replace(path, with: Array(encoder.encode(self)) + [0x0A])
  }

  /// - Parameter variables: Values of `:name` and its like.
  /// - Throws: `MigrateFailure` of code `history` if something else would be done than was planned.
  func check(_ plan: Plan, _ now: Origin, variables: [String: String]) throws {
    func refuse(_ message: String) -> MigrateFailure {
      MigrateFailure(
        code: .history, message: message,
        lines: ["NOW: nothing was applied.", "HINT: look at a new plan: migrate plan."])
    }
    guard now.database == origin.database, now.cluster == origin.cluster else {
      throw refuse(
        "the plan was made for another database: \(origin.database) of cluster \(origin.cluster); this is \(now.database) of cluster \(now.cluster)"
      )
    }
    guard now == origin else {
      throw refuse("the database's history has changed since the plan was made")
    }
    let paths = plan.files.map(\.path)
    guard paths == files.map(\.path) else {
      let difference = Set(paths).symmetricDifference(files.map(\.path)).sorted()
      guard !difference.isEmpty else {
        let moved = zip(paths, files.map(\.path)).first { $0 != $1 }
        throw refuse(
          "the files come in another order than was planned: \(moved?.0 ?? "") where \(moved?.1 ?? "") was"
        )
      }
      throw refuse(
        "other files are pending than were planned: \(difference.joined(separator: ", "))")
    }
    for (file, planned) in zip(plan.files, files) {
      let source = try MigrateFailure.saying("NOW: nothing was applied.") { try file.read() }
      guard source.rawHash == Hash(planned.sha256) else {
        throw refuse("\(file.path) has changed since the plan was made")
      }
      let script = try FileScript(source, variables: variables)
      guard FileScript.hash(script.steps[...]) == planned.code else {
        throw refuse("\(file.path): its variables have other values than in the plan")
      }
    }
  }
}

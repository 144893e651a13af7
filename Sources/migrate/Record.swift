/// What `--format json` and `ndjson` print: one of these per event. docs/migrate.md lists the fields; a
/// field that an event does not have is left out. Fields are added, never changed, within a version.
struct Record: Codable, Sendable, Equatable {
  static let version = 1

  var schema = Record.version
  /// What it tells of: `file`, `done`, `checked`, `finding`, `statement`, `waiting`, `error` …
  var event: String
  var path: String?
  /// Number of a versioned file.
  var number: Int?
  /// Of a file: `applied`, `pending`, `changed`, `partial` …
  var state: String?
  var milliseconds: Double?
  /// How long a file's statements stood in queues for locks, as far as that was seen.
  var lockWaitMilliseconds: Double?
  var message: String?
  /// Of an error: what is true now, and what to do.
  var now: String?
  var next: String?
  /// Exit code, of an error.
  var code: Int32?
  var severity: String?
  var object: String?
  /// Statements that are done, and all of them.
  var statement: Int?
  var statements: Int?
  /// Where a statement begins in its file, like `7:1`.
  var place: String?
  var isTransactional: Bool?
  var locks: [Lock]?
  var error: SQLError?
  var at: String?
  var role: String?
  var login: String?
  var host: String?
  var tool: String?
  var reason: String?
  var hash: String?

  init(
    _ event: String, path: String? = nil, number: Int? = nil, state: String? = nil,
    milliseconds: Double? = nil, message: String? = nil, severity: String? = nil,
    object: String? = nil
  ) {
    self.event = event
    self.path = path
    self.number = number
    self.state = state
    self.milliseconds = milliseconds
    self.message = message
    self.severity = severity
    self.object = object
  }

  /// A lock on a table.
  struct Lock: Codable, Sendable, Equatable {
    var table: String
    var mode: String
    /// Bytes, with indexes and TOAST; left out if the table is not there yet.
    var bytes: Int?
  }

  /// What PostgreSQL has said.
  struct SQLError: Codable, Sendable, Equatable {
    var path: String
    var line: Int?
    var column: Int?
    var severity: String
    var sqlstate: String?
    var text: String
    var detail: String?
    var hint: String?
    /// The statement within a function or a DO block that was refused.
    var query: String?
    var context: String?
  }
}

extension Duration {
  /// With three decimals, as the ledger has it.
  var milliseconds: Double {
    let microseconds = components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    return Double(microseconds) / 1000
  }
}

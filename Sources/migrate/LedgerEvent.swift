/// What a row of the ledger tells.
enum LedgerEvent: String, Sendable, CaseIterable {
  /// The file was applied as a whole.
  case applied
  /// What the file would do was there already (`migrate baseline`).
  case baselined
  /// A file without a transaction has begun.
  case started
  /// It goes on (`migrate resume`).
  case resumed
  /// The statement of that number, and all before it, are done.
  case progressed
  /// The statement behind those that are done was refused; or, if its number is higher than that of the last
  /// `progressed`, it is done as well, and the run has ended there.
  case failed
  /// An edited file was accepted as the one that was applied (`migrate repair`).
  case repaired
  /// Objects that no file makes any more were dropped (`migrate up --prune`).
  case pruned
}

/// A row that is about to be written.
struct LedgerEntry: Sendable {
  var event: LedgerEvent
  var file: FileText
  /// SHA-256 of the file without comments and white space; of a part of it: of the statements so far.
  var codeHash: String?
  /// Statements that are done, of a file without a transaction.
  var statement: Int?
  /// Statements that it has.
  var statements: Int?
  var error: String?
  var sqlState: String?
  var reason: String?
  var milliseconds: Double = 0
}

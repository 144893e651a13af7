/// A lock that a statement takes on a table that it names, as PostgreSQL's documentation has it
/// ("Explicit Locking", and the pages of the commands). What functions, triggers and views do is not in it.
public struct TableLock: Sendable, Equatable {
  /// Modes of table locks, weakest first.
  public enum Mode: String, Sendable, Comparable, CaseIterable {
    case accessShare = "ACCESS SHARE"
    case rowShare = "ROW SHARE"
    case rowExclusive = "ROW EXCLUSIVE"
    case shareUpdateExclusive = "SHARE UPDATE EXCLUSIVE"
    case share = "SHARE"
    case shareRowExclusive = "SHARE ROW EXCLUSIVE"
    case exclusive = "EXCLUSIVE"
    case accessExclusive = "ACCESS EXCLUSIVE"

    public static func < (one: Self, other: Self) -> Bool {
      allCases.firstIndex(of: one)! < allCases.firstIndex(of: other)!
    }
  }

  /// The name, after the schema's if there is one, as the catalog has them.
  public let table: [String]
  public let mode: Mode
  /// What the lock is on, of what is called so: the catalog knows it.
  public let target: Target

  /// What is locked when a table, or an index, is named.
  public enum Target: Sendable {
    case itself
    /// It itself, if it is there before the statement: CREATE OR REPLACE VIEW.
    case itselfIfThere
    /// The table that this index is of.
    case tableOfIndex
    /// The partition of it that takes what no other one takes, if it has one.
    case defaultPartition
  }

  init(_ table: [String], _ mode: Mode, of target: Target = .itself) {
    self.table = table
    self.mode = mode
    self.target = target
  }
}

/// A function, procedure, aggregate, view, trigger or policy.
struct DatabaseObject: Sendable, Hashable {
  /// Where the catalog has it.
  struct Key: Sendable, Hashable {
    var table: Int
    var id: Int
  }

  /// Which version of its row the catalog has: the transaction that wrote it, and its command in there.
  struct Stamp: Sendable, Hashable {
    var transaction: String
    var command: Int
  }

  /// What kind it is, like `materialized view`.
  var type: String
  /// With its schema, like `public.f(integer)` or `t on public.a`.
  var identity: String

  /// What drops it, but not what depends on it.
  var drop: String {
    // DROP AGGREGATE wants `*` where there are no arguments, which its identity does not have.
    "DROP \(type == "aggregate" ? "routine" : type) \(identity)"
  }

  var description: String { "\(type) \(identity)" }
}

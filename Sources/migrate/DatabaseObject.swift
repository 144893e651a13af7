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

  /// As DROP names its kind, like `materialized view`.
  var type: String
  /// As DROP takes it, like `public.f(integer)` or `t on public.a`.
  var identity: String

  var description: String { "\(type) \(identity)" }
}

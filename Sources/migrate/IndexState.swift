/// CREATE INDEX CONCURRENTLY: what is there decides what is done. A failed build leaves an INVALID index
/// behind, and `IF NOT EXISTS` would take it for a good one.
enum IndexState: Sendable, Equatable {
  /// No relation of that name.
  case missing
  /// A relation that is none of this table's indexes: what it is.
  case taken(String)
  /// An index that a build has not finished.
  /// - builder: The session that is at it now.
  case invalid(builder: Int?)
  /// A finished one. Both definitions, as PostgreSQL prints them, from USING on.
  case valid(existing: String, wanted: String)

  enum Action: Sendable, Equatable {
    case build
    /// It is there as it is to be.
    case adopt
    /// What a failed build has left is dropped first.
    case rebuild
    case refuse(message: String, hint: String)
  }

  /// - Parameter name: The index, for messages.
  func before(_ name: String) -> Action {
    switch self {
    case .missing: .build
    case .taken(let what):
      .refuse(
        message: "\(name) is there already: \(what)", hint: "give the index another name")
    case .invalid(nil): .rebuild
    case .invalid(let builder?):
      .refuse(
        message: "the index \(name) is being built by another session, pid \(builder)",
        hint: "wait for it to end")
    case .valid(let existing, let wanted):
      existing == wanted
        ? .adopt
        : .refuse(
          message:
            "there is an index \(name) of another definition: \(existing); wanted: \(wanted)",
          hint: "give the new one another name, or drop the old one")
    }
  }

  /// What is wrong behind the statement; `nil`: nothing.
  func after(_ name: String) -> String? {
    switch self {
    case .valid: nil
    case .missing, .taken: "the index \(name) is not there, although its statement succeeded"
    case .invalid: "the index \(name) is INVALID, although its statement succeeded"
    }
  }
}

/// Where an object says something else than it should.
public struct Difference: Sendable, Equatable, CustomStringConvertible {
  /// The field, such as `spec.hard.limits.cpu` or `subjects[0].name`; empty: the object itself.
  public var field: String
  /// What it says; `nil`: nothing.
  public var actual: JSONValue?
  /// What it should say.
  public var desired: JSONValue

  /// Both in one line: `spec.hard.limits.cpu: "5" instead of "10"`.
  public var description: String {
    (field.isEmpty ? "" : field + ": ") + (actual?.serialized() ?? "absent") + " instead of "
      + desired.serialized()
  }
}

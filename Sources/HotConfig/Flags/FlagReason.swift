/// Why a flag came to what it came to (docs/flags.md); in the words of `api.flag`, and two of a pod's own.
public enum FlagReason: String, Sendable {
  /// The platform has no such flag: the caller's default.
  case unknown
  /// The definition in memory is none that this library knows; PostgreSQL refuses such a one when it is
  /// written. The caller's default.
  case malformed
  /// The variant's value is not of the type asked for: the caller's default.
  case wrongType = "wrong type"
  /// The kill switch.
  case killed
  /// The organisation has chosen.
  case organisation
  /// `enabled` is false.
  case disabled
  /// Before `from`, or not before `until`.
  case schedule
  /// A flag that it needs came to another variant.
  case prerequisite
  /// A rule with a variant.
  case rule
  /// A share, of a rule's rollout or of the flag's.
  case rollout
  /// A rollout, and nobody to be in a share.
  case noSubject = "no subject"
  /// No rule held.
  case `default`
}

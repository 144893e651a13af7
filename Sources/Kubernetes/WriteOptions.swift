/// How a write is to be carried out (Kubernetes API reference, "Common parameters").
public struct WriteOptions: Sendable, Equatable {
  /// What the API server does with fields that it does not know, or that stand there twice.
  public enum FieldValidation: String, Sendable {
    /// Refuses them (400).
    case strict = "Strict"
    /// Drops them, and warns.
    case warn = "Warn"
    /// Drops them.
    case ignore = "Ignore"
  }

  /// Everything is checked and answered as if it were done, admission included; nothing is stored.
  public var isDryRun: Bool
  /// Asked of every server. Those before 1.25 do not know it, take the write all the same, and drop
  /// unknown fields in silence.
  public var fieldValidation: FieldValidation
  /// Who is said to own the fields that are written; `nil`: the API server takes the first part of the
  /// User-Agent.
  public var fieldManager: String?

  /// Options; without arguments: for real, and strictly.
  public init(
    isDryRun: Bool = false, fieldValidation: FieldValidation = .strict, fieldManager: String? = nil
  ) {
    self.isDryRun = isDryRun
    self.fieldValidation = fieldValidation
    self.fieldManager = fieldManager
  }

  /// Checks, and stores nothing.
  public static let dryRun = WriteOptions(isDryRun: true)

  var query: [(String, String)] {
    var query = [("fieldValidation", fieldValidation.rawValue)]
    if isDryRun { query.append(("dryRun", "All")) }
    if let fieldManager { query.append(("fieldManager", fieldManager)) }
    return query
  }
}

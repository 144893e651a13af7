internal import Kubernetes

/// The API server's answers so far, by step; later steps refer to their fields.
struct Answers: Sendable {
  private var objects: [String: JSONValue] = [:]

  subscript(step: String) -> JSONValue? {
    get { objects[step] }
    set { objects[step] = newValue }
  }

  /// The field that `step.field.field` names; `nil` if it is absent.
  func field(_ reference: String) -> JSONValue? {
    let parts = reference.split(separator: ".").map(String.init)
    guard let step = parts.first else { return nil }
    return parts.dropFirst().reduce(objects[step]) { $0?[$1] }
  }

  /// Fills in every string that is `${step.field}` as a whole.
  /// - Throws: `ProvisionerError.missingField`.
  func fill(_ json: JSONValue, for step: String) throws -> JSONValue {
    switch json {
    case .string(let text) where text.hasPrefix("${") && text.hasSuffix("}"):
      let reference = String(text.dropFirst(2).dropLast())
      guard let value = field(reference) else {
        throw ProvisionerError.missingField(step: step, reference: reference)
      }
      return value
    // A value, not a reference: provisioning.escaped has said so by a second $.
    case .string(let text) where text.hasPrefix("$$") && text.drop { $0 == "$" }.hasPrefix("{"):
      return .string(String(text.dropFirst()))
    case .array(let elements):
      return .array(try elements.map { try fill($0, for: step) })
    case .object(let members):
      return .object(try members.mapValues { try fill($0, for: step) })
    default:
      return json
    }
  }
}

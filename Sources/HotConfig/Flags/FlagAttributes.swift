/// What is known of whom a flag is evaluated for: `["email": "ann@acme.com", "age": 40]`.
///
/// Names are compared by their bytes. `org_id`, and `subject` where one is given, are always those of the
/// question, whatever stands here.
public struct FlagAttributes: Sendable, ExpressibleByDictionaryLiteral {
  // A handful: searched faster than hashed.
  private var members: [(name: String, value: FlagValue)]

  /// Of a name that is there twice the last value holds.
  public init(dictionaryLiteral elements: (String, FlagValue)...) {
    members = elements.map { (name: $0.0, value: $0.1) }
  }

  /// The same from a dictionary.
  public init(_ values: [String: FlagValue]) {
    members = values.map { (name: $0.key, value: $0.value) }
  }

  /// Reads a JSON object, as `api.flag` takes it; `nil` if the text is none.
  public init?(json text: String) {
    guard let json = try? FlagJSON(parsing: text), case .object(let given) = json.kind else {
      return nil
    }
    members = given.map { (name: $0.name, value: FlagValue($0.value)) }
  }

  /// The value of a name; `nil` if it is not given.
  public subscript(name: String) -> FlagValue? {
    get { members.last { FlagText.areSame($0.name, name) }?.value }
    set {
      members.removeAll { FlagText.areSame($0.name, name) }
      if let newValue { members.append((name: name, value: newValue)) }
    }
  }
}

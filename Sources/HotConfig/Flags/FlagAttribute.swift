/// Which attribute of the question a rule looks at.
enum FlagAttribute: Sendable {
  case orgID
  case subject
  case named(String)

  init(_ name: String) {
    switch name {
    case "org_id": self = .orgID
    case "subject": self = .subject
    default: self = .named(name)
    }
  }
}

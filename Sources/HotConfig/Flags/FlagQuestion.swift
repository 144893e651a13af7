/// For whom a flag is evaluated, and by which flags and choices.
struct FlagQuestion: Sendable {
  var orgID: Int64
  /// Who is to stay in his share; `nil`: nobody in particular.
  var subject: String?
  var attributes: FlagAttributes
  /// The platform's flags.
  var flags: [String: FlagEntry]
  /// What the organisation has chosen.
  var choices: [String: FlagChoice]
  private var now: FlagTime?

  /// - Parameter now: `nil`: when the first schedule asks for it, by this host's clock.
  init(
    orgID: Int64, subject: String?, attributes: FlagAttributes, flags: [String: FlagEntry],
    choices: [String: FlagChoice], now: FlagTime? = nil
  ) {
    self.orgID = orgID
    self.subject = subject
    self.attributes = attributes
    self.flags = flags
    self.choices = choices
    self.now = now
  }

  /// The same for everything that one evaluation needs.
  mutating func time() -> FlagTime {
    if let now { return now }
    let time = FlagTime.now
    now = time
    return time
  }

  func value(of attribute: FlagAttribute) -> FlagValue? {
    switch attribute {
    case .orgID: .string(String(orgID))
    case .subject: subject.map(FlagValue.string) ?? attributes["subject"]
    case .named(let name): attributes[name]
    }
  }
}

/// What an organisation has chosen a flag to be.
enum FlagChoice: Sendable, Equatable {
  /// The variant `on`.
  case on
  /// The variant when off.
  case off
  case variant(String)
  /// Something else, which is no choice.
  case none

  /// Reads an organisation's own value of the flag's key.
  init(_ text: String) {
    switch (try? FlagJSON(parsing: text))?.kind {
    case .bool(let isOn): self = isOn ? .on : .off
    case .object(let members):
      let name = members.first { $0.name == "variant" }?.value.string
      self = name.map(FlagChoice.variant) ?? .none
    default: self = .none
    }
  }
}

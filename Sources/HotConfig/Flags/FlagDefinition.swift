/// A definition of a flag (docs/flags.md), in the form in which it is evaluated.
struct FlagDefinition: Sendable {
  struct Variant: Sendable {
    var name: String
    var value: FlagValue
    /// The value as JSON text.
    var text: String
  }

  struct Prerequisite: Sendable {
    var flag: String
    var variant: String
  }

  /// What a rule, or the flag where no rule holds, comes to.
  enum Outcome: Sendable {
    /// A variant by its place in `variants`.
    case variant(Int)
    case rollout(FlagRollout)
  }

  struct Rule: Sendable {
    var name: String?
    var conditions: [FlagCondition]
    var outcome: Outcome
  }

  var isKilled = false
  var isEnabled = true
  var from: FlagTime?
  var until: FlagTime?
  var prerequisites: [Prerequisite] = []
  var variants = [
    Variant(name: "on", value: true, text: "true"),
    Variant(name: "off", value: false, text: "false"),
  ]
  /// Place of the variant when it is off.
  var off = 1
  var rules: [Rule] = []
  var otherwise = Outcome.variant(0)
  var salt = ""

  /// A plain switch.
  init(isOn: Bool) { isEnabled = isOn }

  /// The place of a variant.
  func place(of name: String) -> Int? { variants.firstIndex { $0.name == name } }
}

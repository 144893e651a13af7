/// How a query sets parameters for the session, by `set_config`.
public enum SettingCall: Sendable, Equatable {
  /// It sets none.
  case none
  /// It does nothing else, and its values are constants: carried out once more, it sets the same.
  case constant
  /// Its values are computed, or it does something else besides.
  case computed

  /// First words of statements that may call a function.
  private static let queries: Set<String> = [
    "delete", "insert", "merge", "select", "update", "values", "with",
  ]

  init(_ statement: Statement) {
    let first = statement.tokens.first { $0.kind == .word }
    guard let first, Self.queries.contains(statement.string(first).lowercased()),
      Self.setsForSession(statement)
    else {
      self = .none
      return
    }
    self = Self.isConstant(statement) ? .constant : .computed
  }

  /// Whether any call says anything but `true` at its end, which is for the transaction only.
  private static func setsForSession(_ statement: Statement) -> Bool {
    var words = Words(statement)
    while !words.rest.isEmpty {
      guard let name = words.takeName() else {
        words.drop()
        continue
      }
      guard name == "set_config", let group = words.takeGroup() else { continue }
      guard let last = group.last, last.kind == .word,
        statement.string(last).lowercased() == "true"
      else { return true }
    }
    return false
  }

  /// Whether it is `SELECT` of nothing but calls with constants.
  private static func isConstant(_ statement: Statement) -> Bool {
    var words = Words(statement)
    guard words.take("select") else { return false }
    repeat {
      if words.take("pg_catalog"), !words.takeSymbol(".") { return false }
      guard words.takeName() == "set_config", let group = words.takeGroup(),
        group.allSatisfy({ isConstant(statement.string($0).lowercased(), $0.kind) })
      else { return false }
      if words.take("as") { _ = words.takeName() }
    } while words.takeSymbol(",")
    _ = words.takeSymbol(";")
    return words.rest.isEmpty
  }

  private static func isConstant(_ text: String, _ kind: Token.Kind) -> Bool {
    switch kind {
    case .string, .number: true
    case .symbol: text == ","
    case .word: ["true", "false", "null"].contains(text)
    case .quotedIdentifier: false
    }
  }
}

extension Statement {
  public var settingCall: SettingCall { SettingCall(self) }
}

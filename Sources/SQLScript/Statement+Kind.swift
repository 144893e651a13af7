extension Statement {
  /// What a runner has to know of a statement before it sends it.
  public enum Kind: Sendable, Equatable {
    /// Begins or ends a transaction: BEGIN, COMMIT, ROLLBACK (not TO), PREPARE TRANSACTION and others.
    case transactionControl
    /// COPY … FROM STDIN, whose data follow. The number says of how many: `\;` joins several.
    case copyFromStdin(Int)
    /// COPY … TO STDOUT.
    case copyToStdout
    /// CREATE INDEX CONCURRENTLY.
    case indexBuild(IndexBuild)
    /// Another one that PostgreSQL refuses within a transaction, with its words, like `VACUUM`.
    case outsideTransaction(String)
    case other
  }

  public var kind: Kind {
    let parts = joins == 0 ? [tokens[...]] : tokens.split { string($0) == ";" }
    let copies = parts.count { copyDirection(of: $0) == "from" }
    if copies > 0 { return .copyFromStdin(copies) }
    if parts.contains(where: { copyDirection(of: $0) == "to" }) { return .copyToStdout }
    let words = words
    if isTransactionControl(words) { return .transactionControl }
    if let build = IndexBuild(self) { return .indexBuild(build) }
    if let name = outsideTransaction(words) { return .outsideTransaction(name) }
    return .other
  }

  /// Whether it sets a parameter or the role for the session, and does nothing else: SET, RESET, and set_config
  /// with constants, which dumps have.
  public var isSetting: Bool {
    let words = words
    switch words.first {
    case "set":
      return !["local", "transaction", "constraints"].contains(words.dropFirst().first ?? "")
    case "reset": return true
    default: return settingCall == .constant
    }
  }

  /// Whether it depends on what it names if PostgreSQL refuses it within a transaction, so that it is seen when it
  /// runs: REINDEX and CLUSTER of a partitioned table, a subscription with a slot.
  public var mayRefuseTransaction: Bool {
    let words = words
    return ["reindex", "cluster"].contains(words.first)
      || ["create", "alter", "drop"].contains(words.first)
        && words.dropFirst().first == "subscription"
  }

  /// Whether it makes a savepoint, goes back to one, or releases one: SAVEPOINT, ROLLBACK TO, RELEASE. It means
  /// something only within the transaction of other statements.
  public var isSavepoint: Bool {
    switch words.first {
    case "savepoint", "release": true
    case "rollback": kind != .transactionControl
    default: false
    }
  }

  /// The name, without its schema, of the function, procedure, aggregate, view, trigger or policy that it
  /// creates, as the catalog has it; `nil` if it creates none of these.
  public var createdName: String? {
    var words = Words(self)
    guard words.take("create") else { return nil }
    if words.take("or") { _ = words.take("replace") }
    for word in ["materialized", "recursive", "constraint"] { _ = words.take(word) }
    let kinds = ["function", "procedure", "aggregate", "view", "trigger", "policy"]
    guard kinds.contains(where: { words.take($0) }) else { return nil }
    if words.take("if") { _ = words.take("not") && words.take("exists") }
    var name: String?
    repeat { name = words.takeName() } while words.takeSymbol(".")
    return name
  }

  /// The first words outside of parentheses, in small letters. A quoted identifier is `"`, a string `'`.
  public var words: [String] { words(of: tokens[...]) }

  private func words(of tokens: ArraySlice<Token>) -> [String] {
    tokens.lazy.filter { $0.depth == 0 }.compactMap { token in
      switch token.kind {
      case .word: string(token).lowercased()
      case .quotedIdentifier: "\""
      case .string: "'"
      case .number, .symbol: nil
      }
    }
  }

  /// `from` or `to` if it is COPY between the server and the client. The grammar takes STDIN and STDOUT
  /// for the same.
  private func copyDirection(of tokens: ArraySlice<Token>) -> String? {
    let words = words(of: tokens)
    guard words.first == "copy" else { return nil }
    for (word, next) in zip(words, words.dropFirst())
    where (word == "from" || word == "to") && (next == "stdin" || next == "stdout") {
      return word
    }
    return nil
  }

  private func isTransactionControl(_ words: [String]) -> Bool {
    switch words.first {
    case "begin", "commit", "end", "abort": true
    case "start", "prepare": words.dropFirst().first == "transaction"
    case "rollback": !words.dropFirst().prefix(2).contains("to")
    default: false
    }
  }

  /// PostgreSQL documentation, the pages of these commands: "cannot be executed inside a transaction
  /// block".
  private func outsideTransaction(_ words: [String]) -> String? {
    let first = words.first ?? ""
    let second = words.dropFirst().first ?? ""
    switch (first, second) {
    case ("vacuum", _): return "VACUUM"
    case ("alter", "system"): return "ALTER SYSTEM"
    case ("discard", "all"): return "DISCARD ALL"
    case ("create", "database"), ("drop", "database"), ("create", "tablespace"),
      ("drop", "tablespace"):
      return "\(first) \(second)".uppercased()
    case ("alter", "database") where words.contains("tablespace") && words.contains("set"):
      return "ALTER DATABASE SET TABLESPACE"
    case ("cluster", "")
    where tokens.count { $0.kind == .word || $0.kind == .quotedIdentifier } == 1:
      return "CLUSTER"
    case ("drop", "index") where words.contains("concurrently"): return "DROP INDEX CONCURRENTLY"
    case ("alter", "table") where words.contains("detach") && words.last == "concurrently":
      return "DETACH PARTITION CONCURRENTLY"
    case ("reindex", _):
      if words.contains("concurrently") || hasOption("concurrently") {
        return "REINDEX CONCURRENTLY"
      }
      // The first word behind the options; a table may have such a name.
      return ["schema", "database", "system"].first { $0 == second }.map {
        "REINDEX \($0.uppercased())"
      }
    default: return nil
    }
  }

  /// Whether the parentheses that follow the first word hold this one.
  private func hasOption(_ name: String) -> Bool {
    tokens.dropFirst().prefix { $0.depth > 0 || string($0) == "(" }
      .contains { $0.kind == .word && string($0).lowercased() == name }
  }
}

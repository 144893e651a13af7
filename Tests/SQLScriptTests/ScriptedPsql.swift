@testable internal import SQLScript

/// What psql would send of a script, as far as our splitter says: the statements, with psql's own
/// meta-commands that end, discard or change them. The server's part in it is told beforehand.
struct ScriptedPsql {
  /// Lines whose COPY … FROM STDIN the server refuses, so that psql takes the next lines for statements.
  var refusedCopies: Set<Int> = []
  var environment: [String: String] = [:]

  enum Sent: Equatable {
    case statement(String, line: Int)
    /// The COPY that psql makes of its `\copy`.
    case copy(line: Int)

    var isStatement: Bool {
      if case .statement = self { true } else { false }
    }
  }

  /// For each COPY … FROM STDIN, in order, whether the server takes it.
  private(set) var copies: [Bool] = []
  private var sent: [Sent] = []
  private var conditionals = Conditionals()
  private var bytes: [UInt8] = []
  /// The place that was asked for last, and its line: counting from the beginning every time takes minutes.
  private var place = (offset: 0, line: 1)

  init(refusedCopies: Set<Int> = [], environment: [String: String] = [:]) {
    self.refusedCopies = refusedCopies
    self.environment = environment
  }

  /// - Throws: `ScriptError`.
  mutating func run(_ script: String) throws -> [Sent] {
    var splitter = Splitter(script)
    splitter.imitatesPsql = true
    // As psql has them by itself, on a server that makes no large objects. What `\gset` would bring, it has not.
    splitter.variables = ["LASTOID": "0", "LAST_ERROR_MESSAGE": ""]
    bytes = Array(script.utf8)
    while let piece = try splitter.next() {
      switch piece {
      case .statement(let statement):
        if conditionals.isActive { try send(statement, &splitter) }
      case .metaCommand(let command):
        skipLine(of: command, &splitter)
        if conditionals.take(command, &splitter) { continue }
        guard conditionals.isActive else { continue }
        if ["q", "quit"].contains(command.name) { return sent }
        try run(command, &splitter)
      }
    }
    return sent
  }

  /// A command of the shell goes on to the end of the line, backslashes and all.
  private func skipLine(of command: MetaCommand, _ splitter: inout Splitter) {
    guard command.name == "!" || command.arguments.hasPrefix("|") else { return }
    splitter.offset = bytes[splitter.offset...].firstIndex(of: 0x0A) ?? bytes.count
  }

  private mutating func line(at offset: Int) -> Int {
    place.line += bytes[place.offset..<offset].count { $0 == 0x0A }
    place.offset = offset
    return place.line
  }

  private mutating func send(
    _ statement: Statement, _ splitter: inout Splitter
  ) throws {
    let line = line(at: statement.offset)
    sent.append(.statement(statement.text.trimmedAtEnd, line: line))
    let words = statement.words
    // As the server tells psql.
    if words.dropFirst().first == "standard_conforming_strings", words.first != "show" {
      splitter.standardConformingStrings = words.first == "reset" || words.last == "on"
    }
    if case .copyFromStdin(let count) = statement.kind {
      let isTaken = !refusedCopies.contains(line)
      for _ in 0..<count {
        copies.append(isTaken)
        if isTaken { _ = try splitter.copyData() }
      }
    }
  }

  private mutating func run(
    _ command: MetaCommand, _ splitter: inout Splitter
  ) throws {
    switch command.name {
    case "g", "gx", "gset", "gdesc", "crosstabview", "watch", "gexec":
      // What the server has made for \gexec is nothing here.
      if let statement = splitter.endStatement() {
        try send(statement, &splitter)
      } else if let last = sent.last(where: { $0.isStatement }) {
        // The one before, once more.
        sent.append(last)
      }
    case "r": _ = splitter.endStatement()
    case "getenv":
      let words = command.arguments.split(separator: " ")
      splitter.variables[String(words[0])] = environment[String(words[1])]
    case "set": set(command.arguments, &splitter.variables)
    case "unset": splitter.variables[command.arguments] = nil
    case "copy":
      sent.append(.copy(line: line(at: command.offset)))
      if command.arguments.hasSuffix("stdin") {
        copies.append(true)
        _ = try splitter.copyData()
      }
    default: break
    }
  }

  /// `\set name value…`: the values one behind the other, variables and quotes resolved.
  private func set(_ arguments: String, _ variables: inout [String: String]) {
    let name = arguments.prefix { $0 != " " }
    var rest = arguments.dropFirst(name.count)
    var value = ""
    while true {
      rest = rest.drop { $0 == " " }
      guard let first = rest.first else { break }
      if first == "'" {
        rest.removeFirst()
        while let character = rest.popFirst() {
          if character == "'" {
            guard rest.first == "'" else { break }
            rest.removeFirst()
          }
          value.append(character)
        }
      } else {
        let word = rest.prefix { $0 != " " }
        rest = rest.dropFirst(word.count)
        let isQuoted = word.hasPrefix(":'")
        let key = word.hasPrefix(":") ? word.drop { ":'".contains($0) }.prefix { $0 != "'" } : ""
        if let known = variables[String(key)] {
          value += isQuoted ? "'\(known)'" : known
        } else {
          value += word
        }
      }
    }
    variables[String(name)] = value
  }
}

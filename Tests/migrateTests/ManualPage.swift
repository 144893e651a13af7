internal import TestSupport
internal import Testing

/// docs/man/migrate.1 as a reader sees it: what each command's synopsis says, and the lists of options.
///
/// An option is written as in the lists: `-d, --dbname dbname`, its spellings and the name of its value.
struct ManualPage {
  static let path = "\(Stack.root)/docs/man/migrate.1"

  /// What a synopsis has, and whether it may be left out.
  typealias Synopsis = [String: Bool]

  private(set) var synopses: [String: Synopsis] = [:]
  /// Those that `[option ...]` in a synopsis stands for.
  private(set) var common: Set<String> = []
  /// Those that no synopsis tells.
  private(set) var everywhere: Set<String> = []

  init() async throws {
    let result = try await Tool.run("/usr/bin/env", ["mandoc", "-Tutf8", "-Owidth=500", Self.path])
    try #require(result.status == 0, "\(result.error)")
    // Letters that are printed twice are bold, and those over a line are underlined.
    let lines = result.output.replacing(/.\u{8}/, with: "").split(separator: "\n").map(String.init)
    for line in lines.drop(while: { $0 != "SYNOPSIS" }).dropFirst().prefix(while: {
      $0.hasPrefix(" ")
    }) {
      let match = try #require(line.wholeMatch(of: /\s+migrate ([a-z]+) ?(.*)/), "\(line)")
      let name = String(match.1)
      #expect(synopses[name] == nil, "\(name) twice")
      synopses[name] = try Self.synopsis(String(match.2))
    }
    common = Self.list(below: "Where the synopsis says option:", in: lines)
    everywhere = Self.list(below: "Every command has:", in: lines)
  }

  private static func synopsis(_ text: String) throws -> Synopsis {
    var synopsis: Synopsis = [:]
    let optional = text.matches(of: /\[([^\[\]]+)\]/).map { String($0.1) }
    let required = text.replacing(/\[[^\[\]]+\]/, with: "|")
    try #require(!required.contains(/[\[\]]/), "brackets within brackets: \(text)")
    for (part, isOptional) in optional.map({ ($0, true) }) + [(required, false)] {
      for argument in part.split(separator: "|").flatMap({ arguments(in: $0) }) {
        try #require(synopsis.updateValue(isOptional, forKey: argument) == nil, "\(argument) twice")
      }
    }
    return synopsis
  }

  /// Of `-a, --all --to number file`: `-a, --all`, `--to number` and `file`. Behind an option without a value
  /// no argument may stand.
  private static func arguments(in text: Substring) -> [String] {
    var arguments: [String] = []
    for word in text.split(separator: " ") {
      let last = arguments.last ?? ""
      let isValue = last.hasPrefix("-") && !word.hasPrefix("-")
      if last.hasSuffix(",") || isValue || word == "..." {
        arguments[arguments.count - 1] = "\(last) \(word)"
      } else {
        arguments.append(String(word))
      }
    }
    return arguments
  }

  private static func list(below line: String, in lines: [String]) -> Set<String> {
    let indent = "     "
    let rest = lines.drop { $0 != indent + line }.dropFirst()
    let tags = rest.prefix { $0.hasPrefix("\(indent)-") || $0.hasPrefix("\(indent) ") }
      .filter { $0.hasPrefix("\(indent)-") }
    return Set(tags.map { String($0.dropFirst(indent.count)) })
  }
}

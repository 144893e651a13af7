internal import ArgumentParser
internal import FoundationEssentials

/// `--format`.
enum OutputFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
  /// Lines for people.
  case human
  /// One JSON document, which is whole at the end.
  case json
  /// One JSON document a line, as things happen.
  case ndjson

  /// What is asked for where the command line as a whole cannot be read: the last one that is known.
  static func asked(for arguments: some Sequence<String>) -> OutputFormat {
    let option = "--format"
    let words = arguments.prefix { $0 != "--" }.flatMap { word in
      word.hasPrefix("\(option)=") ? [option, String(word.dropFirst(option.count + 1))] : [word]
    }
    return zip(words, words.dropFirst()).filter { $0.0 == option }
      .compactMap { OutputFormat(rawValue: $0.1) }.last ?? .human
  }

  /// What stands before the records of `json`, and behind them; between two of them a comma.
  static let documentStart = "{\"schema\":\(Record.version),\"events\":["
  static let documentEnd = "\n]}"

  static func line(_ record: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(record)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}

internal import ArgumentParser
internal import FoundationEssentials

/// `--format`.
enum OutputFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
  /// Lines for people.
  case human
  /// One JSON document, at the end.
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

  /// The document of `json`.
  struct Document: Codable {
    var schema = Record.version
    var events: [Record]
  }

  static func line(_ record: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(record)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  static func document(_ records: [Record]) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return (try? encoder.encode(Document(events: records))).map {
      String(decoding: $0, as: UTF8.self)
    } ?? "{}"
  }
}

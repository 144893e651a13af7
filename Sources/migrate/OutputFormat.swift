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

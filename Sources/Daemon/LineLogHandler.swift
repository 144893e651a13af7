public import Logging

/// How a daemon writes its log: a line for people, or a JSON object a line for machines.
public enum LogFormat: String, Sendable, CaseIterable {
  case human
  case json
}

/// Writes one line per event to standard error.
///
/// Human: `2026-11-23T07:05:13.123Z info  published  channel=config:ai:threshold version=5`.
/// JSON: the same fields as an object with `time`, `level`, `message` and the metadata's keys.
public struct LineLogHandler: LogHandler {
  public var logLevel: Logger.Level
  public var metadata: Logger.Metadata = [:]
  private let format: LogFormat

  /// - Parameters:
  ///   - format: For people or for machines.
  ///   - level: Events below it are dropped.
  public init(format: LogFormat, level: Logger.Level = .info) {
    self.format = format
    self.logLevel = level
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
      .map { (key: $0.key, value: "\($0.value)") }
      .sorted { $0.key < $1.key }
    let line: String
    switch format {
    case .human:
      line = Self.human(
        time: Timestamp.now(), level: event.level, message: "\(event.message)", fields: fields)
    case .json:
      line = Self.json(
        time: Timestamp.now(), level: event.level, message: "\(event.message)", fields: fields)
    }
    StandardStream.error.writeLine(line)
  }

  static func human(
    time: String, level: Logger.Level, message: String, fields: [(key: String, value: String)]
  ) -> String {
    var line = "\(time) \(level.rawValue.padded(to: 7)) \(message.escaped(quotes: false))"
    for field in fields {
      let bare = !field.value.isEmpty && !field.value.contains { $0 == " " || $0 == "\"" }
      line += " \(field.key)="
      line += bare ? field.value.escaped(quotes: false) : "\"\(field.value.escaped(quotes: true))\""
    }
    return line
  }

  static func json(
    time: String, level: Logger.Level, message: String, fields: [(key: String, value: String)]
  ) -> String {
    var members = [("time", time), ("level", level.rawValue), ("message", message)]
    members += fields.map { ($0.key, $0.value) }
    let body = members.map { "\"\($0.escaped(quotes: true))\":\"\($1.escaped(quotes: true))\"" }
    return "{\(body.joined(separator: ","))}"
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }

  /// Control characters as JSON writes them (RFC 8259, section 7), so that a value can neither end
  /// its string nor begin a line of its own.
  fileprivate func escaped(quotes: Bool) -> String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"" where quotes: result += "\\\""
      case "\\" where quotes: result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// The rows that a statement returned.
public struct PostgresResult: Sendable, RandomAccessCollection {
  /// What was done, like `SELECT 3` or `UPDATE 1`.
  public let commandTag: String
  /// The columns' names, in order.
  public let columnNames: [String]
  let values: [[String?]]
  private let indexes: [String: Int]

  init(commandTag: String, columnNames: [String], values: [[String?]]) {
    self.commandTag = commandTag
    self.columnNames = columnNames
    self.values = values
    indexes = PostgresRow.indexes(of: columnNames)
  }

  /// How many rows were selected, inserted, updated or deleted; 0 for other commands.
  public var affectedRows: Int { commandTag.split(separator: " ").last.flatMap { Int($0) } ?? 0 }

  public var startIndex: Int { 0 }
  public var endIndex: Int { values.count }
  public subscript(position: Int) -> PostgresRow {
    PostgresRow(values: values[position], indexes: indexes)
  }
}

/// One row.
public struct PostgresRow: Sendable {
  let values: [String?]
  let indexes: [String: Int]

  /// Of two columns with the same name the first one is found.
  static func indexes(of columnNames: [String]) -> [String: Int] {
    Dictionary(zip(columnNames, 0...), uniquingKeysWith: { first, _ in first })
  }

  /// A column's value as PostgreSQL prints it; `nil` if it is NULL or there is no such column.
  public subscript(column: String) -> String? {
    indexes[column].flatMap { values[$0] }
  }

  /// A column's value.
  /// - Throws: `PostgresError` of kind `decoding` if it is NULL, of another type, or not there.
  public func decode<Value: PostgresDecodable>(_ column: String, as type: Value.Type) throws
    -> Value
  {
    guard let value = try decode(column, as: Value?.self) else {
      throw PostgresError(kind: .decoding, message: "column \(column) is null")
    }
    return value
  }

  /// A column's value; `nil` if it is NULL.
  /// - Throws: `PostgresError` of kind `decoding` if it is of another type or not there.
  public func decode<Value: PostgresDecodable>(
    _ column: String, as type: Value?.Type
  ) throws -> Value? {
    guard let index = indexes[column] else {
      throw PostgresError(kind: .decoding, message: "no column \(column)")
    }
    guard let text = values[index] else { return nil }
    guard let value = Value(postgresText: text) else {
      throw PostgresError(kind: .decoding, message: "column \(column) is no \(Value.self)")
    }
    return value
  }
}

extension PostgresRow: Equatable, CustomStringConvertible {
  /// The values in the columns' order.
  public var description: String {
    "(" + values.map { $0.map { "'\($0)'" } ?? "NULL" }.joined(separator: ", ") + ")"
  }
}

/// A type that can be read from PostgreSQL's text form.
public protocol PostgresDecodable: Sendable {
  /// `nil` if the text is no value of this type.
  init?(postgresText text: String)
}

extension String: PostgresDecodable {
  public init?(postgresText text: String) { self = text }
}

extension Int: PostgresDecodable {
  public init?(postgresText text: String) { self.init(text) }
}

extension Int32: PostgresDecodable {
  public init?(postgresText text: String) { self.init(text) }
}

extension Int64: PostgresDecodable {
  public init?(postgresText text: String) { self.init(text) }
}

extension Double: PostgresDecodable {
  public init?(postgresText text: String) {
    switch text {
    case "NaN": self = .nan
    case "Infinity": self = .infinity
    case "-Infinity": self = -.infinity
    default: self.init(text)
    }
  }
}

extension Bool: PostgresDecodable {
  public init?(postgresText text: String) {
    switch text {
    case "t": self = true
    case "f": self = false
    default: return nil
    }
  }
}

/// Rows in aligned columns, as kubectl prints them: for people, without colour, a line each.
public struct TextTable: Sendable {
  private let headings: [String]
  private var rows: [[String]] = []

  /// - Parameter headings: Of the columns; kubectl writes them in capitals.
  public init(_ headings: String...) {
    self.headings = headings
  }

  /// Adds a row with a cell for each column. An absent or empty one shows as `-`.
  public mutating func add(_ cells: String?...) {
    rows.append(
      cells.map { cell in
        // A cell must not begin a line of its own, nor send the terminal anything.
        let text = String((cell ?? "").map { $0.isWhitespace || Self.isControl($0) ? " " : $0 })
        return text.isEmpty ? "-" : text
      })
  }

  /// Whether it has no rows.
  public var isEmpty: Bool { rows.isEmpty }

  /// The headings and the rows; each column as wide as its widest cell, and three blanks between two.
  public var lines: [String] {
    let all = [headings] + rows
    let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      zip(row, widths).enumerated().map { column, cell in
        column == row.count - 1
          ? cell.0 : cell.0 + String(repeating: " ", count: cell.1 - cell.0.count + 3)
      }.joined()
    }
  }

  private static func isControl(_ character: Character) -> Bool {
    character.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }
  }
}

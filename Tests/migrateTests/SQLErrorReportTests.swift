internal import Testing

@testable internal import migrate

@Suite struct SQLErrorReportTests {
  @Test(arguments: [
    (1, 1, 1, "one"), (4, 1, 4, "one"), (5, 2, 1, "\ttwo"), (6, 2, 2, "\ttwo"),
    (10, 3, 1, "drei ü"),
    (15, 3, 6, "drei ü"), (16, 3, 7, "drei ü"),
  ])
  func positionsAreCountedInCharacters(position: Int, line: Int, column: Int, text: String) throws {
    let found = try #require(SQLErrorReport.locate(position, in: "one\n\ttwo\ndrei ü"))
    #expect(found.line == line && found.column == column && found.text == text)
  }

  @Test func aPositionBeyondTheEndIsNone() {
    #expect(SQLErrorReport.locate(99, in: "one") == nil)
  }
}

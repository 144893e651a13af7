internal import Testing

@testable internal import SQLScript

/// What a look at a statement tells of it.
struct LockTests {
  private func statement(_ text: String) throws -> Statement {
    try #require(try Script(text).steps.first).statement
  }

  @Test(arguments: [
    ("INSERT INTO s.a VALUES (1)", "s.a ROW EXCLUSIVE"),
    ("UPDATE ONLY a SET n = 1", "a ROW EXCLUSIVE"),
    ("DELETE FROM \"A b\"", "A b ROW EXCLUSIVE"), ("SELECT * FROM a", ""),
    ("ALTER TABLE IF EXISTS ONLY a ADD m int", "a ACCESS EXCLUSIVE"),
    ("ALTER TABLE a VALIDATE CONSTRAINT c", "a SHARE UPDATE EXCLUSIVE"),
    ("ALTER TABLE a ALTER n SET STATISTICS 9", "a SHARE UPDATE EXCLUSIVE"),
    ("ALTER TABLE a ALTER n SET STATISTICS 9, ADD m int", "a ACCESS EXCLUSIVE"),
    ("ALTER TABLE a DISABLE TRIGGER t", "a SHARE ROW EXCLUSIVE"),
    (
      "ALTER TABLE a ADD CONSTRAINT c FOREIGN KEY (n) REFERENCES s.b",
      "a SHARE ROW EXCLUSIVE, s.b SHARE ROW EXCLUSIVE"
    ),
    (
      "CREATE TABLE a (n int REFERENCES b, m int REFERENCES c (m))",
      "b SHARE ROW EXCLUSIVE, c SHARE ROW EXCLUSIVE"
    ),
    ("CREATE UNIQUE INDEX i ON ONLY a (n)", "a SHARE"), ("CREATE INDEX ON a (n)", "a SHARE"),
    ("CREATE INDEX CONCURRENTLY i ON a (n)", "a SHARE UPDATE EXCLUSIVE"),
    (
      "CREATE OR REPLACE TRIGGER t AFTER UPDATE OF n ON a EXECUTE FUNCTION f()",
      "a SHARE ROW EXCLUSIVE"
    ),
    ("CREATE POLICY p ON a USING (true)", "a ACCESS EXCLUSIVE"),
    ("DROP TABLE IF EXISTS a, s.b CASCADE", "a ACCESS EXCLUSIVE, s.b ACCESS EXCLUSIVE"),
    ("DROP TRIGGER IF EXISTS t ON a", "a ACCESS EXCLUSIVE"),
    ("TRUNCATE a, b", "a ACCESS EXCLUSIVE, b ACCESS EXCLUSIVE"),
    ("LOCK TABLE a IN SHARE ROW EXCLUSIVE MODE", "a SHARE ROW EXCLUSIVE"),
    ("LOCK a", "a ACCESS EXCLUSIVE"),
    ("REFRESH MATERIALIZED VIEW CONCURRENTLY m", "m EXCLUSIVE"),
    ("VACUUM FULL a", "a ACCESS EXCLUSIVE"), ("VACUUM a", "a SHARE UPDATE EXCLUSIVE"),
    ("VACUUM (VERBOSE, FULL) a, b (n)", "a ACCESS EXCLUSIVE, b ACCESS EXCLUSIVE"),
    ("VACUUM (FULL false, ANALYZE true) a", "a SHARE UPDATE EXCLUSIVE"),
    ("ANALYZE (VERBOSE) a", "a SHARE UPDATE EXCLUSIVE"),
    ("CLUSTER (VERBOSE) a USING i", "a ACCESS EXCLUSIVE"),
    ("REINDEX (CONCURRENTLY) TABLE a", "a SHARE UPDATE EXCLUSIVE"),
    ("REINDEX TABLE a", "a SHARE"), ("REINDEX INDEX s.i", "table of s.i SHARE"),
    ("DROP INDEX IF EXISTS i, j", "table of i ACCESS EXCLUSIVE, table of j ACCESS EXCLUSIVE"),
    ("DROP INDEX CONCURRENTLY i", "table of i SHARE UPDATE EXCLUSIVE"),
    ("ALTER TABLE a ADD n int REFERENCES b", "a ACCESS EXCLUSIVE, b SHARE ROW EXCLUSIVE"),
    ("ALTER TABLE a ADD COLUMN n int REFERENCES b", "a ACCESS EXCLUSIVE, b SHARE ROW EXCLUSIVE"),
    (
      "ALTER TABLE a ADD FOREIGN KEY (n) REFERENCES b",
      "a SHARE ROW EXCLUSIVE, b SHARE ROW EXCLUSIVE"
    ),
    ("COPY a (n) FROM '/x'", "a ROW EXCLUSIVE"),
    ("COMMENT ON TABLE a IS 'x'", "a SHARE UPDATE EXCLUSIVE"),
  ])
  func locksOfNamedTables(text: String, locks: String) throws {
    let found = try statement(text).tableLocks.map {
      "\($0.target == .tableOfIndex ? "table of " : "")\($0.table.joined(separator: ".")) \($0.mode.rawValue)"
    }
    #expect(found.joined(separator: ", ") == locks)
  }

  /// What tells a statement may stand far behind its beginning.
  @Test func longStatementsAreReadToTheirEnd() throws {
    let columns = (1...100).map { "c\($0) int" }
    let names = (1...100).map { "c\($0)" }.joined(separator: ", ")
    let table = try statement(
      "CREATE TABLE a (\(columns.joined(separator: ", ")), x int REFERENCES s.b)")
    #expect(table.tableLocks == [TableLock(["s", "b"], .shareRowExclusive)])
    let copy = try Script("COPY a (\(names)) FROM stdin;\n1\t;\n\\.\nSELECT 1;\n").steps
    #expect(
      copy.map { $0.data.map { String(decoding: $0.bytes, as: UTF8.self) } } == ["1\t;\n", nil])
    let drop = try statement("DROP TABLE \(names)")
    #expect(drop.tableLocks.count == 100)
    // What only has many values is told by its beginning.
    let insert = try statement(
      "INSERT INTO a VALUES \((1...1000).map { "(\($0))" }.joined(separator: ", "))")
    #expect(insert.tableLocks == [TableLock(["a"], .rowExclusive)])
    #expect(insert.tokens.count == 128)
  }

  /// Behind a million values there may be another query.
  @Test(arguments: [
    (
      "WITH x (n) AS (VALUES \(rows)), y AS (DELETE FROM b RETURNING n) UPDATE a SET m = 1 FROM x",
      "b a"
    ),
    ("INSERT INTO a SELECT n FROM b WHERE n IN (\(list)) FOR UPDATE", "a b"),
    ("SELECT * FROM ROWS FROM (f(\(list)), g(1)) AS r, a FOR UPDATE", "a"),
    ("SELECT * FROM a, ROWS FROM (f(1)) WITH ORDINALITY AS r (n), b FOR UPDATE", "a b"),
    ("SELECT * FROM LATERAL ROWS FROM (f(1)) r JOIN b ON true FOR UPDATE OF b", "b"),
    ("SELECT * FROM f(\(list)) AS f, a JOIN b ON true FOR UPDATE OF b", "b"),
    (
      "INSERT INTO a VALUES \(rows) ON CONFLICT (n) DO UPDATE SET m = (SELECT n FROM b FOR SHARE)",
      "a b"
    ),
  ])
  func whatStandsBehindManyValuesIsRead(text: String, tables: String) throws {
    let statement = try statement(text)
    #expect(statement.tableLocks.map { $0.table.joined() }.joined(separator: " ") == tables)
    #expect(statement.tokens.count < 200)
  }

  private static let rows = (1...1000).map { "(\($0), 'a', now())" }.joined(separator: ", ")
  private static let list = (1...1000).map { "\($0)" }.joined(separator: ", ")

  @Test(arguments: [
    ("CREATE OR REPLACE FUNCTION s.f(n int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "f"),
    ("CREATE PROCEDURE \"P q\"() LANGUAGE sql AS ''", "P q"), ("CREATE VIEW V AS SELECT 1", "v"),
    ("CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT 1", "m"),
    ("CREATE CONSTRAINT TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f()", "t"),
    ("CREATE POLICY p ON a", "p"), ("CREATE TABLE a (n int)", nil), ("SELECT 1", nil),
  ])
  func namesOfWhatIsCreated(text: String, name: String?) throws {
    #expect(try statement(text).createdName == name)
  }

  @Test(arguments: [
    ("SELECT  1 -- a\n , /* b /* c */ */ 2;", "SELECT 1,2;", true),
    ("SELECT 'a  b'", "SELECT 'a b'", false), ("SELECT 'a -- b'", "SELECT 'a '", false),
    ("SELECT $$ a $$", "SELECT $$a$$", false), ("SELECT \"a b\"", "SELECT \"a  b\"", false),
    ("SELECT 'a'\n'b'", "SELECT 'a''b'", false), ("SELECT a.b", "SELECT a . b", true),
    ("SELECT ab", "SELECT a b", false), ("select 1", "SELECT 1", false),
  ])
  func codeIsWithoutCommentsAndSpaces(one: String, other: String, isSame: Bool) throws {
    #expect((try statement(one).code == statement(other).code) == isSame)
  }

  @Test(arguments: [
    ("SET ROLE a", true), ("RESET ALL", true), ("SET LOCAL a = 1", false),
    ("SET TRANSACTION READ ONLY", false), ("SET SESSION AUTHORIZATION a", true),
    ("SELECT pg_catalog.set_config('search_path', '', false)", true), ("SELECT 1", false),
  ])
  func settingsAreTold(text: String, isSetting: Bool) throws {
    #expect(try statement(text).isSetting == isSetting)
  }

  @Test func anIndexsDefinitionIsWhatFollowsItsTable() throws {
    guard
      case .indexBuild(let build) = try statement(
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY s.\"T\" USING gin (a) WHERE b ; "
      ).kind
    else {
      Issue.record("no index build")
      return
    }
    #expect(
      build.isUnique && build.isIfNotExists && build.name == "i" && build.table == ["s", "T"])
    #expect(build.definition == "USING gin (a) WHERE b")
  }

  /// What no stack would hold: PostgreSQL refuses it, too.
  @Test(arguments: ["(SELECT * FROM ", "("]) func whatIsTooDeepIsPassedOver(open: String) throws {
    let deep = "INSERT INTO a SELECT * FROM " + String(repeating: open, count: 20_000) + "b"
    let statement = try statement(deep + String(repeating: ")", count: 20_000) + " FOR UPDATE")
    #expect(statement.tableLocks.isEmpty)
  }
}

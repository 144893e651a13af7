internal import SQLScript
internal import Testing

/// What kind of statement it is, by its words.
struct StatementKindTests {
  @Test(
    arguments: [
      ("BEGIN", .transactionControl), ("start transaction", .transactionControl),
      ("COMMIT AND CHAIN", .transactionControl), ("END", .transactionControl),
      ("/* a */ -- b\n rollback", .transactionControl), ("ABORT", .transactionControl),
      ("PREPARE TRANSACTION 'a'", .transactionControl),
      ("COMMIT PREPARED 'a'", .transactionControl),
      ("ROLLBACK TO a", .other), ("ROLLBACK WORK TO SAVEPOINT a", .other),
      ("PREPARE a AS SELECT 1", .other),
      ("SAVEPOINT a", .other), ("SELECT 'COMMIT'", .other), ("\"commit\"", .other),
      ("COPY BINARY a.\"b\" (c, d) FROM STDIN", .copyFromStdin(1)),
      ("COPY a FROM stdout", .copyFromStdin(1)),
      ("COPY a FROM 'stdin'", .other), ("COPY (SELECT 1 FROM stdin) TO STDOUT", .copyToStdout),
      ("COPY a TO PROGRAM 'x'", .other), ("VACUUM a", .outsideTransaction("VACUUM")),
      ("CREATE DATABASE a", .outsideTransaction("CREATE DATABASE")),
      ("DROP INDEX CONCURRENTLY a", .outsideTransaction("DROP INDEX CONCURRENTLY")),
      ("REINDEX (VERBOSE, CONCURRENTLY) TABLE a", .outsideTransaction("REINDEX CONCURRENTLY")),
      ("REINDEX SCHEMA s", .outsideTransaction("REINDEX SCHEMA")),
      ("REINDEX (VERBOSE) SCHEMA s", .outsideTransaction("REINDEX SCHEMA")),
      ("REINDEX DATABASE d", .outsideTransaction("REINDEX DATABASE")),
      ("REINDEX SYSTEM d", .outsideTransaction("REINDEX SYSTEM")),
      ("REINDEX TABLE schema", .other), ("REINDEX TABLE system", .other),
      ("REINDEX TABLE CONCURRENTLY a", .outsideTransaction("REINDEX CONCURRENTLY")),
      (
        "ALTER TABLE a DETACH PARTITION b CONCURRENTLY",
        .outsideTransaction("DETACH PARTITION CONCURRENTLY")
      ),
      ("CLUSTER", .outsideTransaction("CLUSTER")), ("CLUSTER a", .other),
      ("DISCARD ALL", .outsideTransaction("DISCARD ALL")),
      ("ALTER SYSTEM SET a = 1", .outsideTransaction("ALTER SYSTEM")),
      ("CREATE INDEX a ON b (c)", .other),
    ] as [(String, Statement.Kind)])
  func statementsAreKnown(text: String, kind: Statement.Kind) throws {
    var splitter = Splitter(text + ";")
    guard case .statement(let statement)? = try splitter.next() else {
      Issue.record("no statement")
      return
    }
    #expect(statement.kind == kind)
  }

  @Test(
    arguments: [
      ("CREATE INDEX CONCURRENTLY a ON b (c)", "a", ["b"], false),
      (
        "create unique index concurrently if not exists \"A\"\"b\" on only S.\"T\" using btree (c)",
        "A\"b",
        ["s", "T"], true
      ),
      ("CREATE INDEX CONCURRENTLY ON a (b)", nil, ["a"], false),
    ] as [(String, String?, [String], Bool)])
  func indexBuildsAreKnown(text: String, name: String?, table: [String], isIfNotExists: Bool) throws
  {
    var splitter = Splitter(text)
    guard case .statement(let statement)? = try splitter.next(),
      case .indexBuild(let build) = statement.kind
    else {
      Issue.record("no index build")
      return
    }
    #expect(build.name == name && build.table == table && build.isIfNotExists == isIfNotExists)
  }
}

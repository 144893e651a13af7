internal import Testing

@testable internal import migrate

/// What a file says of itself in comments at its top.
struct HeadersTests {
  private func headers(_ text: String) throws -> Headers {
    try Headers(of: text.utf8, path: "f.sql")
  }

  @Test func headersAreComments() throws {
    var expected = Headers()
    expected.isTransactional = false
    expected.lockTimeout = "10s"
    expected.isOutOfOrderOK = true
    #expect(
      try headers(
        "/* licence\n of it */\r\n-- about\n\n-- migrate: no-transaction, lock_timeout=10s\r\n-- migrate: out-of-order-ok\nSELECT 1;"
      ) == expected)
    #expect(try headers("SELECT 1;\n -- migrate: x\n") == Headers())
    #expect(try headers("-- migrated: x\n-- to migrate: x\n") == Headers())
    #expect(try headers("/* a */\n-- migrate: no-transaction\n").isTransactional == false)
    #expect(
      try headers("/* /* a */\n*/ /* b\n*/\n-- migrate: no-transaction").isTransactional == false)
  }

  /// What PostgreSQL would refuse when it is set: more than 2147483647 ms.
  @Test func aTimeoutIsOneThatPostgreSQLTakes() throws {
    for text in ["0", "2147483647", "2147483647ms", "2147483s", "35791min", "596h"] {
      #expect(try headers("-- migrate: lock_timeout=\(text)\n").lockTimeout == text)
    }
    for text in [
      "2147483648", "999999999s", "2147484s", "35792min", "597h", "99999999999", "1d", "",
    ] {
      #expect(throws: MigrateFailure.self, "\(text)") {
        try headers("-- migrate: lock_timeout=\(text)\n")
      }
    }
  }

  /// As psql reads it: within a comment, a string, or COPY's data it is none.
  @Test(arguments: [
    "/*\n-- migrate: no-transaction\n*/\nSELECT 1;", "/* a /* b */\n-- migrate: x\n*/ SELECT 1;",
    "INSERT INTO a VALUES ('\n-- migrate: x\n');", "SELECT $$\n-- migrate: x\n$$;",
    "SELECT 1 AS \"\n-- migrate: x\n\";", "SELECT E'\\'\n-- migrate: x\n';",
    "COPY a FROM stdin;\n-- migrate: x\n\\.\nSELECT 1;",
    "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$\n-- migrate: x\nBEGIN RETURN 1; END $f$;",
    // What cannot be read is refused for that.
    "SELECT '\n-- migrate: x\n", "COPY a FROM stdin;\n-- migrate: x\n",
  ])
  func aHeaderIsAComment(text: String) throws {
    #expect(try headers(text) == Headers())
  }

  @Test(arguments: [
    ("-- migrate: notransaction\n", "f.sql:1: unknown header \"-- migrate: notransaction\""),
    ("-- a\n-- migrate: lock_timeout=3 s", "f.sql:2: unknown header"),
    ("-- migrate: lock_timeout=0x1", "f.sql:1: unknown header"),
    ("-- migrate:", "f.sql:1: unknown header"),
    ("--migrate: no-transaction\n", "f.sql:1: unknown header \"--migrate: no-transaction\""),
    ("-- a\n\t--  migrate : no-transaction\n", "f.sql:2: unknown header"),
    ("SELECT 1;\r\n-- migrate: no-transaction\r\n", "f.sql:2: too late for a header:"),
    ("SELECT 1,\n-- migrate: no-transaction\n2;", "f.sql:2: too late for a header:"),
    ("\\restrict a\n-- migrate: no-transaction\n", "f.sql:2: too late for a header:"),
    ("COPY a FROM stdin;\n1\n\\.\n-- migrate: x\n", "f.sql:4: too late for a header:"),
    ("SELECT '\n';\n-- migrate: x\n", "f.sql:3: too late for a header:"),
    ("/* a */ -- migrate: no-transaction\n", "f.sql:1: unknown header"),
    ("/* a\n*/-- migrate: no-transaction\nSELECT 1;", "f.sql:2: unknown header"),
  ])
  func aHeaderIsNeverPassedOver(text: String, message: String) {
    let failure = #expect(throws: MigrateFailure.self) { _ = try headers(text) }
    #expect(failure?.code == .usage)
    #expect(failure?.message.hasPrefix(message) == true, "\(failure?.message ?? "")")
    #expect(failure?.lines.count == 1)
  }
}

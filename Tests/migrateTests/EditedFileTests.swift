internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Files that were edited, renamed or removed after they were applied, and `migrate repair`.
@Suite(.timeLimit(.minutes(3))) struct EditedFileTests {
  private static let a = ["migrations/0001_create_a.sql": "CREATE TABLE a (n int);"]

  @Test func anEditedFileIsRefused() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1;\n"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0001_create_a.sql", "SELECT 1;  \r\n\r\n")
      #expect(try await folder.migrate("up", database).status == 0)

      try folder.write("migrations/0001_create_a.sql", "SELECT 2;\n")
      try folder.write("migrations/0002_create_b.sql", "CREATE TABLE b (n int);")
      for command in ["up", "status"] {
        let result = try await folder.migrate(command, database)
        #expect(result.status == 6)
        let now = command == "up" ? "\nNOW: nothing was applied." : ""
        #expect(
          result.error == """
            migrate: error: migrations/0001_create_a.sql was edited after it was applied
            applied: sha256 17db4fd369edb9244b9f91d9aeed145c3d04ad8ba6e95d06247f07a63527d11a
            file:    sha256 8e7003d62f9d8cbd28da2f243bb0d215bfd4622c716be09be89a8764d9f4c7cb\(now)
            HINT: restore the file as it was applied, and put the change into a new one; or record that it does the same: migrate repair migrations/0001_create_a.sql --reason '…'.

            """)
      }
      let connection = try await database.connect()
      #expect(try await connection.value("SELECT to_regclass('b')") == nil)
      await connection.close()
    }
  }

  @Test func aRenamedFileIsRefused() async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1;\n"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.remove("migrations/0001_create_a.sql")
      try folder.write("migrations/0001_create_b.sql", "SELECT 1;\n")
      let result = try await folder.migrate("up", database)
      #expect(result.status == 6)
      #expect(
        result.error == """
          migrate: error: migrations/0001_create_b.sql was applied as migrations/0001_create_a.sql
          NOW: nothing was applied.
          HINT: give the file its name back; or record that it does the same: migrate repair migrations/0001_create_b.sql --reason '…'.

          """)
    }
  }

  @Test func anAppliedFileThatHasGoneIsRefused() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "SELECT 1", "migrations/0002_create_b.sql": "SELECT 1",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.remove("migrations/0001_create_a.sql")
      let result = try await folder.migrate("up", database)
      #expect(result.status == 6)
      #expect(
        result.error.contains(
          "migrations/0001_create_a.sql was applied, and is not among the files"))
    }
  }

  @Test func commentsAndWhiteSpaceAreToldApart() async throws {
    let folder = try SQLFolder(Self.a)
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write(
        "migrations/0001_create_a.sql",
        "-- The first.\nCREATE TABLE a (\n    n  int /* a /* b */ */\n);\n")
      let touched = try await folder.migrate("up", database)
      #expect(touched.status == 0)
      #expect(
        touched.error
          == "migrations/0001_create_a.sql: comments or white space were edited; it does what was applied\n"
      )
      try folder.write("migrations/0001_create_a.sql", "CREATE TABLE a (n bigint);")
      #expect(try await folder.migrate("up", database).status == 6)
      #expect(try await folder.migrate("repair", database, "1").status == 1)
      #expect(try await folder.migrate("repair", database, "1", "--reason", " ").status == 1)
      let repaired = try await folder.migrate(
        "repair", database, "migrations/0001_create_a.sql", "--reason", "n was widened by hand")
      #expect(repaired.output == "repaired  migrations/0001_create_a.sql\n", "\(repaired.error)")
      #expect(try await folder.migrate("up", database).status == 0)
      #expect(
        try await folder.migrate("repair", database, "1", "--reason", "x").output.hasPrefix(
          "nothing to do"))
      let history = try await folder.migrate("history", database, "--last", "1")
      #expect(history.output.contains("repaired  migrations/0001_create_a.sql"))
      #expect(history.output.hasSuffix(": n was widened by hand\n"), "\(history.output)")
    }
  }

  @Test func aRenamedFileIsRepaired() async throws {
    let folder = try SQLFolder(Self.a)
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.remove("migrations/0001_create_a.sql")
      try folder.write("migrations/0001_create_first.sql", "CREATE TABLE a (n int);")
      #expect(try await folder.migrate("up", database).status == 6)
      let repaired = try await folder.migrate("repair", database, "1", "--reason", "a better name")
      #expect(
        repaired.output == "repaired  migrations/0001_create_first.sql\n", "\(repaired.error)")
      #expect(try await folder.migrate("status", database, "--check").status == 0)
      #expect(try await folder.migrate("up", database).output.hasPrefix("nothing to do"))
    }
  }

  /// It is then not applied again.
  @Test func aRepeatableFileIsRepaired() async throws {
    let folder = try SQLFolder(["v/v.sql": "CREATE VIEW v AS SELECT 1 AS n;", "MANIFEST": "v"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("v/v.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS n;")
      #expect(try await folder.migrate("status", database).output == "changed  v/v.sql\n")
      let repaired = try await folder.migrate("repair", database, "v/v.sql", "--reason", "the same")
      #expect(repaired.output == "repaired  v/v.sql\n", "\(repaired.error)")
      #expect(try await folder.migrate("up", database).output.hasPrefix("nothing to do"))
      // What it makes is still its own.
      try folder.remove("v/v.sql")
      try folder.write("MANIFEST", "")
      let pruned = try await folder.migrate("up", database, "--prune")
      #expect(pruned.output.hasSuffix("dropped  view public.v\n"), "\(pruned.output)")
    }
  }

  /// `show` says the same of it as `status`.
  @Test func aFileWhoseCommentsWereEditedIsApplied() async throws {
    let folder = try SQLFolder(Self.a)
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0001_create_a.sql", "-- a\nCREATE TABLE a (n int);")
      #expect(
        try await folder.migrate("status", database).output
          == "applied  migrations/0001_create_a.sql\n")
      #expect(
        try await folder.migrate("show", database, "1").output.contains("state        applied\n"))
      try folder.write("migrations/0001_create_a.sql", "CREATE TABLE a (n bigint);")
      #expect(
        try await folder.migrate("show", database, "1").output.contains("state        changed\n"))
    }
  }

  /// At the end of a line white space does not count, but within a string and among COPY's data it does.
  @Test(arguments: [
    "INSERT INTO a VALUES ('one\n two');\n", "COPY a FROM stdin;\none\ttwo\n\\.\n",
  ])
  func whiteSpaceInDataCounts(text: String) async throws {
    let table = "CREATE TABLE IF NOT EXISTS a (t text, u text);\n"
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": table + text,
      "v/v.sql": "SELECT 'one\n two';\n", "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      // Line ends of another system, and blanks elsewhere.
      let windows = (table + text).replacing("\n", with: "\r\n")
      try folder.write("migrations/0001_create_a.sql", windows)
      try folder.write("v/v.sql", "SELECT 'one\r\n two';  \r\n\r\n")
      let same = try await folder.migrate("up", database)
      #expect(same.output.hasPrefix("nothing to do") && same.error == "", "\(same.error)")
      try folder.write(
        "migrations/0001_create_a.sql",
        table + text.replacing("one\n", with: "one \n").replacing("two\n", with: "two \n"))
      let edited = try await folder.migrate("up", database)
      #expect(edited.status == 6)
      // Not two hashes that are the same.
      #expect(
        edited.error.contains(
          /was edited after it was applied\napplied: sha256 [0-9a-f]{64} of the bytes\nfile:    sha256 [0-9a-f]{64} of the bytes\nWhite space at the end of a line was edited, in a string or among COPY's data, where it counts.\nNOW: nothing was applied.\nHINT:/
        ), "\(edited.error)")
      #expect(
        try await folder.migrate("show", database, "1").output.contains("state        changed\n"))
      #expect(
        try await folder.migrate("repair", database, "1", "--reason", "a blank").output.hasPrefix(
          "repaired"))
      #expect(try await folder.migrate("up", database).output.hasPrefix("nothing to do"))
      try folder.write("v/v.sql", "SELECT 'one \n two';\n")
      #expect(try await folder.migrate("status", database).output.hasSuffix("changed  v/v.sql\n"))
    }
  }
}

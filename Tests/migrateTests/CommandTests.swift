internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// `migrate baseline`, `new` and `show`.
@Suite(.timeLimit(.minutes(3))) struct CommandTests {
  private func tool(_ arguments: String...) async throws -> Tool.Result {
    try await Tool.run(Tool.product("migrate"), arguments)
  }

  @Test func aBaselineRunsNothing() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      "migrations/0002_create_b.sql": "CREATE TABLE b (n int);",
      "migrations/0005_create_c.sql": "CREATE TABLE c (n int);",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("baseline", database, "--at", "3").status == 1)
      let result = try await folder.migrate(
        "baseline", database, "--at", "2", "--reason", "by hand")
      #expect(
        result.output
          == "baselined  migrations/0001_create_a.sql\nbaselined  migrations/0002_create_b.sql\n",
        "\(result.error)")
      #expect(try await folder.migrate("up", database).status == 0)
      let connection = try await database.connect()
      #expect(
        try await connection.value(
          "SELECT concat(to_regclass('a'), to_regclass('b'), to_regclass('c'))") == "c")
      await connection.close()
      let again = try await folder.migrate("baseline", database, "--at", "2")
      #expect(again.status == 6)
      #expect(again.error.contains("the database has a history already"))
    }
  }

  @Test func aNewFileHasTheNextNumber() async throws {
    let folder = try SQLFolder(["migrations/0007_create_a.sql": ""])
    let path = folder.path
    var result = try await tool("new", "create_b", "--sql-dir", path)
    #expect(result.output == "\(path)/migrations/0008_create_b.sql\n", "\(result.error)")
    result = try await tool("new", "index_b", "--no-transaction", "--sql-dir", path)
    #expect(result.output == "\(path)/migrations/0009_index_b.sql\n")
    #expect(
      try String(contentsOfFile: "\(path)/migrations/0009_index_b.sql", encoding: .utf8)
        == "-- migrate: no-transaction\n\n")
    for title in ["Create_a", "create", "create-a", "../create_a"] {
      #expect(try await tool("new", title, "--sql-dir", path).status == 1)
    }
    let empty = try SQLFolder()
    result = try await tool("new", "create_a", "--sql-dir", empty.path)
    #expect(result.output == "\(empty.path)/migrations/0001_create_a.sql\n")
    #expect(try await tool("new", "create_a", "--sql-dir", "/nowhere").status == 1)
  }

  /// A file that could not be written to its end would be applied as it is.
  @Test func nothingIsLeftOfAFileThatDoesNotFit() async throws {
    let folder = try SQLFolder(["migrations/0007_create_a.sql": ""])
    let result = try await Tool.run(
      "/bin/sh",
      [
        "-c",
        "(trap '' XFSZ; ulimit -f 0; exec \"$0\" new index_b --no-transaction --sql-dir \"$1\") 2>&1 | cat",
        Tool.product("migrate"), folder.path,
      ])
    #expect(
      result.output
        == "migrate: error: cannot write \(folder.path)/migrations/0008_index_b.sql: File too large\n"
    )
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/migrations") == [
        "0007_create_a.sql"
      ])
  }

  /// By its path from wherever one stands, by a link, too.
  @Test func aFileIsNamedAsTheShellNamesIt() async throws {
    let folder = try SQLFolder([
      "project/sql/migrations/0001_create_a.sql": "SELECT 1;", "project/sql/v/v.sql": "SELECT 1;",
      "project/sql/MANIFEST": "v/",
    ])
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/link", withDestinationPath: "project")
    try await TestDatabase.with(.empty) { database in
      for (folderName, file, place) in [
        ("sql/", "sql/migrations/0001_create_a.sql", "project"),
        ("sql", "./sql/migrations/../migrations/0001_create_a.sql", "project"),
        ("..", "0001_create_a.sql", "project/sql/migrations"),
        ("link/sql", "\(folder.path)/project/sql/v/v.sql", ""),
      ] {
        let result = try await Tool.run(
          Tool.product("migrate"),
          ["show", file, "-d", database.conninfo(), "--sql-dir", folderName],
          folder: "\(folder.path)/\(place)")
        #expect(result.output.contains("state        pending\n"), "\(file): \(result.error)")
      }
    }
  }

  @Test func oneFileIsShown() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a\n  (n int);\n\nINSERT INTO a VALUES (1);\n"
    ])
    try await TestDatabase.with(.empty) { database in
      var result = try await folder.migrate("show", database, "1")
      #expect(
        result.output.replacing(/[0-9a-f]{64}/, with: "H") == """
          file         migrations/0001_create_a.sql
          state        pending
          sha256       H
          transaction  one for the whole file
          statement    1 at 1:1: CREATE TABLE a (n int);
          statement    2 at 4:1: INSERT INTO a VALUES (1);

          """, "\(result.error)")
      #expect(try await folder.migrate("up", database).status == 0)
      result = try await folder.migrate("show", database, "migrations/0001_create_a.sql")
      #expect(result.output.contains("state        applied\n"))
      #expect(result.output.contains("Z  applied  migrations/0001_create_a.sql"))
      #expect(try await folder.migrate("show", database, "2").status == 1)
    }
  }

  @Test func aRepeatableFileIsShownWithWhatItMakes() async throws {
    let folder = try SQLFolder([
      "v/v.sql": "CREATE VIEW v AS SELECT 1; CREATE VIEW w AS SELECT 1;", "MANIFEST": "v",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      let result = try await folder.migrate("show", database, "v/v.sql")
      #expect(
        result.output.contains("makes        view public.v\nmakes        view public.w\n"),
        "\(result.output)\(result.error)")
    }
  }
}

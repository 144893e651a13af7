internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// The order of the numbers, and `migrate renumber`.
@Suite(.timeLimit(.minutes(3))) struct NumberTests {
  @Test func anOlderNumberIsRefusedAndRenumbered() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a (n int);",
      "migrations/0003_create_c.sql": "CREATE TABLE c (n int);",
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.write("migrations/0002_create_b.sql", "CREATE TABLE b (n int);")
      for command in ["up", "status", "plan"] {
        let refused = try await folder.migrate(command, database)
        #expect(refused.status == 6)
        let now = command == "up" ? "\nNOW: nothing was applied." : ""
        #expect(
          refused.error == """
            migrate: error: migrations/0002_create_b.sql is new, and migrations/0003_create_c.sql is applied already\(now)
            HINT: migrate renumber migrations/0002_create_b.sql puts it behind; if it may run later than its number says, write -- migrate: out-of-order-ok at its top.

            """)
      }
      let applied = try await folder.migrate("renumber", database, "3")
      #expect(applied.status == 6)
      #expect(
        applied.error.contains("migrations/0003_create_c.sql is applied: it keeps its number"))
      #expect(
        applied.error.hasSuffix(
          "NOW: nothing was renamed.\nHINT: what is to change goes into a file of its own: migrate new.\n"
        ))
      let renamed = try await folder.migrate("renumber", database, "migrations/0002_create_b.sql")
      #expect(renamed.output == "\(folder.path)/migrations/0004_create_b.sql\n", "\(renamed.error)")
      #expect(try await folder.migrate("up", database).status == 0)

      try folder.write(
        "migrations/0002_create_d.sql", "-- migrate: out-of-order-ok\nCREATE TABLE d (n int);")
      #expect(try await folder.migrate("up", database).status == 0)
      #expect(try await folder.migrate("status", database, "--check").status == 0)
    }
  }

  /// Which of them is to get another number, the database tells: not the one that is applied.
  @Test(arguments: ["a", "b"])
  func ofTwoFilesOfOneNumberTheOtherOneIsMended(applied: String) async throws {
    let other = applied == "a" ? "b" : "a"
    let folder = try SQLFolder()
    func write(_ name: String) throws {
      try folder.write("migrations/0001_create_\(name).sql", "CREATE TABLE \(name) (n int);")
    }
    func remove(_ name: String) throws { try folder.remove("migrations/0001_create_\(name).sql") }
    try await TestDatabase.with(.empty) { database in
      try write(applied)
      try write(other)
      let message =
        "migrate: error: migrations/0001_create_b.sql and migrations/0001_create_a.sql have the same number\nNOW: nothing was done.\n"
      for command in ["up", "status", "plan"] {
        let free = try await folder.migrate(command, database)
        #expect(free.status == 1)
        #expect(
          free.error == message
            + "HINT: migrate renumber migrations/0001_create_b.sql gives it the next free one; none of them is applied.\n"
        )
      }
      // Who cannot ask is told of both; and told of the files, not of the connection.
      for more in [["-h", "/nowhere"], ["-W"]] {
        let unasked = try await Tool.run(
          Tool.product("migrate"), ["up", "--sql-dir", folder.path] + more)
        #expect(unasked.status == 1)
        #expect(
          unasked.error == message
            + "HINT: migrate renumber FILE gives one of them the next free one; it refuses the one that is applied.\n"
        )
      }
      #expect(try await folder.migrate("renumber", database, "1").status == 1)

      try remove(other)
      #expect(try await folder.migrate("up", database).status == 0)
      try write(other)
      let taken = try await folder.migrate("up", database)
      #expect(taken.status == 1)
      #expect(
        taken.error == message
          + "HINT: migrate renumber migrations/0001_create_\(other).sql gives it the next free one; migrations/0001_create_\(applied).sql is applied.\n"
      )
      let path = "migrations/0001_create_\(other).sql"
      #expect(try await folder.migrate("renumber", database, path).status == 0)
      #expect(try await folder.migrate("up", database).status == 0)
      #expect(try await folder.migrate("status", database, "--check").status == 0)
    }
  }

  @Test func aNumberOfAnotherFileIsToldSo() async throws {
    let folder = try SQLFolder(["migrations/0001_create_c.sql": "CREATE TABLE c (n int);"])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 0)
      try folder.remove("migrations/0001_create_c.sql")
      try folder.write("migrations/0001_create_a.sql", "CREATE TABLE c (n int);")
      try folder.write("migrations/0001_create_b.sql", "")
      let result = try await folder.migrate("up", database)
      #expect(result.status == 1)
      #expect(
        result.error.hasSuffix(
          "\nHINT: migrations/0001_create_c.sql is applied with it: give the file that this was its name back; migrate renumber FILE gives the other one the next free number.\n"
        ), "\(result.error)")
    }
  }

  /// A number of 19 digits would be refused when it is read.
  @Test func noNumberIsMadeThatCouldNotBeRead() async throws {
    let last = "migrations/999999999999999999_create_a.sql"
    let folder = try SQLFolder([last: "SELECT 1;", "migrations/0001_create_b.sql": "SELECT 1;"])
    let message = """
      migrate: error: no number is left behind \(last): they have 18 digits at most
      HINT: give that file a lower number, unless it is applied; a file below an applied one says -- migrate: out-of-order-ok.

      """
    let new = try await Tool.run(
      Tool.product("migrate"), ["new", "create_c", "--sql-dir", folder.path])
    #expect(new.status == 1)
    #expect(new.error == message)
    try await TestDatabase.with(.empty) { database in
      let path = "migrations/0001_create_b.sql"
      let renumbered = try await folder.migrate("renumber", database, path)
      #expect(renumbered.status == 1)
      #expect(renumbered.error == message)
      #expect(FileManager.default.fileExists(atPath: "\(folder.path)/\(path)"))
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/migrations").count == 2)
  }

  @Test func aFileThatIsAppliedInPartKeepsItsNumber() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql":
        "-- migrate: no-transaction\nCREATE TABLE a (n int);\nSELECT 1 / 0;"
    ])
    try await TestDatabase.with(.empty) { database in
      #expect(try await folder.migrate("up", database).status == 10)
      let refused = try await folder.migrate("renumber", database, "1")
      #expect(refused.status == 6)
      #expect(
        refused.error.contains("migrations/0001_create_a.sql was begun: it keeps its number"),
        "\(refused.error)")
      // A new file goes behind it, also when it is the last one.
      try folder.write("migrations/0000001_create_b.sql", "SELECT 1;")
      let renumbered = try await folder.migrate(
        "renumber", database, "migrations/0000001_create_b.sql")
      #expect(
        renumbered.output == "\(folder.path)/migrations/0002_create_b.sql\n",
        "\(renumbered.error)")
    }
  }
}

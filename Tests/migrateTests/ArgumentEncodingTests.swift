internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

/// Arguments in another encoding than that of the files.
@Suite(.timeLimit(.minutes(3))) struct ArgumentEncodingTests {
  /// The value would be applied with another character in it, and nobody be told.
  @Test func aValueThatIsNotUTF8IsRefused() async throws {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "CREATE TABLE a AS SELECT :'name' AS name;"
    ])
    try await TestDatabase.with(.empty) { database in
      let result = try await Tool.run(
        "/bin/sh",
        ["-c", "exec \"$0\" \"$@\" -v name=$(printf 'M\\344rz')", Tool.product("migrate")]
          + folder.arguments("up", database))
      #expect(result.status == 1)
      #expect(
        result.error == """
          migrate: error: argument 7 is not UTF-8
          NOW: nothing was done.
          HINT: in a shell, locale shows what it writes.

          """)
      let utf8 = try await folder.migrate("up", database, "-v", "name=März")
      #expect(utf8.status == 0, "\(utf8.error)")
    }
  }
}

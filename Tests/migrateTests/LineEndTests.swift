internal import Foundation
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import migrate

/// The same files, checked out with the line ends of another system.
@Suite(.timeLimit(.minutes(3))) struct LineEndTests {
  private static let path = "migrations/0001_create_a.sql"
  private static let unix = "CREATE TABLE a (n int);\nINSERT INTO a VALUES (1);\n"
  private static let windows = unix.replacing("\n", with: "\r\n")

  /// Of a database that a file was applied to: hash and raw_hash.
  private func hashes(_ text: String) async throws -> (text: String?, raw: String?, sum: String) {
    let folder = try SQLFolder([Self.path: text])
    let sum = try await Tool.run("/usr/bin/env", ["sha256sum", "\(folder.path)/\(Self.path)"])
    return try await TestDatabase.with(.empty) { database in
      let result = try await folder.migrate("up", database)
      #expect(result.status == 0, "\(result.error)")
      let connection = try await database.connect()
      let row = try await connection.query("SELECT hash, raw_hash FROM migrate.ledger").first
      await connection.close()
      return (row?["hash"], row?["raw_hash"], String(sum.output.prefix(64)))
    }
  }

  @Test func theLedgerHasTheHashOfTheBytesAndOfTheText() async throws {
    let unix = try await hashes(Self.unix)
    let windows = try await hashes(Self.windows)
    #expect(unix.raw == unix.sum)
    #expect(windows.raw == windows.sum)
    #expect(unix.raw != windows.raw)
    #expect(unix.text == windows.text)
    // Without the line end at its end.
    #expect(unix.text == Hash(of: Array(Self.unix.utf8.dropLast())).description)
  }

  /// Of ten thousand files none is read twice for that.
  @Test(arguments: [
    (unix, windows), (windows, unix),
    (unix, "CREATE TABLE a (n int);\r\nINSERT INTO a VALUES (1);\n"),
  ])
  func anAppliedFileIsKnownByItsOtherLineEnds(applied: String, atHand: String) throws {
    let folder = try SQLFolder([Self.path: atHand])
    let files = try VersionedFiles(in: folder.path)
    let entry = Ledger.Entry(
      path: Self.path, hash: "", rawHash: Hash(of: Array(applied.utf8)), codeHash: nil)
    #expect(files.isSame(0, as: entry))
    // Whatever else differs does so.
    for other in [
      "\n" + applied, applied + " ", applied.replacing("a (n int)", with: "a  (n int)"),
    ] {
      let entry = Ledger.Entry(
        path: Self.path, hash: "", rawHash: Hash(of: Array(other.utf8)), codeHash: nil)
      #expect(!files.isSame(0, as: entry))
    }
  }

  @Test(arguments: [
    ("", ""), ("a", "a"), ("a\nb\n", "a\r\nb\r\n"), ("a\r\nb\nc\r\r\n", "a\nb\nc\r\n"),
    ("\n", "\r\n"), ("\r\n", "\n"), ("a\rb", "a\rb"),
  ])
  func lineEndsAreChanged(text: String, other: String) {
    var result = Array("before".utf8)
    Array(text.utf8).withUnsafeBufferPointer { FileText.changeLineEnds($0, into: &result) }
    #expect(String(decoding: result, as: UTF8.self) == other)
  }
}

internal import Foundation
internal import Glibc
internal import Testing

@testable internal import migrate

/// The rename of `migrate renumber`, which is a new name and the end of the old one.
struct RenumberTests {
  private static let old = "migrations/0001_create_a.sql", new = "migrations/0002_create_a.sql"

  private func names(_ folder: SQLFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/migrations").sorted()
  }

  @Test func theOldNameGoes() throws {
    let folder = try SQLFolder([Self.old: "SELECT 1;"])
    try Renumber.rename(Self.old, to: Self.new, in: folder.path)
    #expect(try names(folder) == ["0002_create_a.sql"])
  }

  @Test func aNameThatIsTakenIsKept() throws {
    let folder = try SQLFolder([Self.old: "SELECT 1;", Self.new: "SELECT 2;"])
    let failure = #expect(throws: MigrateFailure.self) {
      try Renumber.rename(Self.old, to: Self.new, in: folder.path)
    }
    #expect(failure?.message == "cannot rename \(Self.old): File exists")
    #expect(failure?.lines == ["NOW: nothing was renamed."])
    #expect(
      try String(contentsOfFile: "\(folder.path)/\(Self.new)", encoding: .utf8) == "SELECT 2;")
  }

  /// The old name cannot be taken away, as in a folder with the sticky bit: the new one goes again.
  @Test func anOldNameThatStaysTakesTheNewOneBack() throws {
    let folder = try SQLFolder([Self.old: "SELECT 1;"])
    let failure = #expect(throws: MigrateFailure.self) {
      try Renumber.rename(Self.old, to: Self.new, in: folder.path) { path in
        guard path.hasSuffix(Self.new) else {
          errno = EPERM
          return -1
        }
        return unlink(path)
      }
    }
    #expect(failure?.message == "cannot rename \(Self.old): Operation not permitted")
    #expect(failure?.lines == ["NOW: nothing was renamed."])
    #expect(try names(folder) == ["0001_create_a.sql"])
  }

  @Test func twoNamesThatStayAreTold() throws {
    let folder = try SQLFolder([Self.old: "SELECT 1;"])
    let failure = #expect(throws: MigrateFailure.self) {
      try Renumber.rename(Self.old, to: Self.new, in: folder.path) { _ in
        errno = EPERM
        return -1
      }
    }
    #expect(
      failure?.lines == [
        "NOW: it has both names: \(Self.new) is the same file.",
        "HINT: remove one of them by hand.",
      ])
  }
}

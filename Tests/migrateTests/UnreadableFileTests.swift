internal import Foundation
internal import Glibc
internal import TestSupport
internal import Testing

@testable internal import migrate

/// What lies where a file is to be, and is none that can be read.
@Suite(.timeLimit(.minutes(1))) struct UnreadableFileTests {
  private static let path = "migrations/0002_create_b.sql"

  private func refusal(
    _ prepare: (_ path: String) throws -> Void,
    as user: (_ look: () throws -> MigrationFiles) throws -> MigrationFiles = { try $0() }
  ) throws -> MigrateFailure? {
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": "SELECT 1;", "migrations/0003_create_c.sql": "SELECT 1;",
    ])
    try prepare("\(folder.path)/\(Self.path)")
    let failure = #expect(throws: MigrateFailure.self) {
      _ = try user { try MigrationFiles.load(from: folder.path) }
    }
    #expect(failure?.code == .usage)
    let prefix = "cannot read \(folder.path)/\(Self.path): "
    #expect(failure?.message.hasPrefix(prefix) == true, "\(failure!)")
    return failure.map {
      MigrateFailure(
        code: $0.code, message: String($0.message.dropFirst(prefix.count)), lines: $0.lines)
    }
  }

  @Test func aFolderInPlaceOfAFile() throws {
    let failure = try refusal {
      try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: true)
    }
    #expect(failure?.message == "Is a directory")
    #expect(failure?.lines == ["HINT: a file is expected there; put what it is elsewhere."])
  }

  /// It would be waited for, for ever.
  @Test func aPipe() throws {
    let failure = try refusal { #expect(mkfifo($0, 0o600) == 0) }
    #expect(failure?.message == "Is a pipe")
  }

  @Test func aDevice() throws {
    let failure = try refusal { #expect(symlink("/dev/null", $0) == 0) }
    #expect(failure?.message == "Is a device")
  }

  @Test func aSocket() throws {
    // By a short name: a socket's may have 107 characters.
    let short = "/tmp/ark-\(UUID().uuidString)"
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer {
      close(descriptor)
      unlink(short)
    }
    let failure = try refusal { path in
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(short.utf8) + [0]) }
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      #expect(result == 0)
      #expect(symlink(short, path) == 0)
    }
    #expect(failure?.message == "Is a socket")
  }

  @Test func aLinkToNothing() throws {
    let failure = try refusal { #expect(symlink("nothing", $0) == 0) }
    #expect(failure?.message == "No such file or directory")
    #expect(failure?.lines.first?.hasPrefix("HINT: it has gone meanwhile, or is a link to") == true)
  }

  @Test func aLinkToItself() throws {
    let failure = try refusal { #expect(symlink($0, $0) == 0) }
    #expect(failure?.lines == ["HINT: its links lead in a circle; put the file itself there."])
  }

  /// As root, this thread looks as nobody does: root may read everything.
  @Test func aFileOfSomebodyElse() throws {
    let user = geteuid()
    let failure = try refusal { path in
      try Data("SELECT 1;".utf8).write(to: URL(fileURLWithPath: path))
      #expect(chmod(path, 0o000) == 0)
    } as: { body in
      guard user == 0 else { return try body() }
      // Of all ids only that one is a thread's own (setfsuid(2)).
      typealias SetUser = @convention(c) (uid_t) -> Int32
      let symbol = try #require(dlsym(nil, "setfsuid"))
      let setUser = unsafeBitCast(symbol, to: SetUser.self)
      _ = setUser(65534)
      defer { _ = setUser(0) }
      return try body()
    }
    #expect(failure?.message == "Permission denied")
    #expect(
      failure?.lines == [
        "HINT: let the user with id \(user) read it, and enter the folders above it; ls -ld shows who may."
      ])
  }

  @Test func aPipeInPlaceOfTheManifestOrTheChecks() throws {
    for name in ["MANIFEST", "checks.sql"] {
      let folder = try SQLFolder()
      #expect(mkfifo("\(folder.path)/\(name)", 0o600) == 0)
      let failure = #expect(throws: MigrateFailure.self) {
        _ = try MigrationFiles.load(from: folder.path)
      }
      #expect(failure?.message == "cannot read \(folder.path)/\(name): Is a pipe")
    }
  }

  /// Whatever the command.
  @Test(arguments: [
    ["up"], ["plan"], ["status"], ["resume"], ["show", "1"], ["baseline", "--at", "1"],
    ["repair", "1", "--reason", "r"],
  ])
  func whatIsTrueThenIsTold(words: [String]) async throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1;"])
    #expect(mkfifo("\(folder.path)/\(Self.path)", 0o600) == 0)
    let result = try await Tool.run(
      Tool.product("migrate"), words + ["--sql-dir", folder.path, "-d", "host=/nowhere"])
    #expect(result.status == 1)
    #expect(
      result.error
        == """
        migrate: error: cannot read \(folder.path)/\(Self.path): Is a pipe
        NOW: nothing was done.
        HINT: a file is expected there; put what it is elsewhere.

        """)
  }
}

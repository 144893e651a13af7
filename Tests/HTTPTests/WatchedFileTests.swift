internal import Foundation
internal import Glibc
internal import Testing

@testable import HTTP

@Suite struct WatchedFileTests {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ark-\(UUID())")

  /// Runs `body` with a folder that is removed afterwards.
  func play(_ body: (URL) throws -> Void) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  func write(_ text: String, to file: URL, age: TimeInterval = 0) throws {
    try Data(text.utf8).write(to: file)
    try FileManager.default.setAttributes(
      [.modificationDate: Date() - age], ofItemAtPath: file.path)
  }

  @Test func `Written again, replaced, reached through another link`() throws {
    try play { folder in
      let file = folder.appendingPathComponent("file")
      var watched = WatchedFile(path: file.path)
      func text() throws -> String { String(decoding: try watched.bytes(), as: UTF8.self) }
      #expect(throws: HTTPError.self) { try watched.bytes() }
      try write("one", to: file)
      #expect(try text() == "one")
      // Within a tick of the file system's clock, and of the same length.
      for word in ["two", "six", "ten"] {
        try write(word, to: file)
        #expect(try text() == word)
      }
      // As the kubelet does it.
      for (name, age) in [("a", 1000.0), ("b", 1000.0)] {
        let target = folder.appendingPathComponent(name)
        try write(name, to: target, age: age)
        let link = folder.appendingPathComponent("new")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: target)
        #expect(rename(link.path, file.path) == 0)
        #expect(try text() == name)
        #expect(try text() == name)
      }
    }
  }

  @Test func `What is gone or cannot be used leaves what was read`() throws {
    try play { folder in
      let file = folder.appendingPathComponent("file")
      var watched = WatchedFile(path: file.path) { $0.starts(with: Array("ok".utf8)) }
      try write("no", to: file)
      let error = #expect(throws: HTTPError.self) { try watched.bytes() }
      #expect(error?.code == .configuration && error?.message.contains(file.path) == true)
      try write("ok 1", to: file)
      #expect(try watched.bytes() == Array("ok 1".utf8))
      try write("no", to: file)
      #expect(try watched.bytes() == Array("ok 1".utf8))
      try FileManager.default.removeItem(at: file)
      #expect(try watched.bytes() == Array("ok 1".utf8))
      try write("ok 2", to: file)
      #expect(try watched.bytes() == Array("ok 2".utf8))
    }
  }
}

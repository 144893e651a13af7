internal import Foundation
internal import Testing

@testable internal import HotConfig

@Suite struct LastKnownGoodTests {
  private static let known = LastKnownGood(
    service: "ai", epoch: 7,
    values: [
      ConfigValue.Key(orgID: 1, key: "prompt"): ConfigValue(
        text: "a \"b\" / ü\n", type: "text", version: 3, changedMicroseconds: 5),
      ConfigValue.Key(orgID: 0, key: "gone"): ConfigValue(
        text: nil, type: "text", version: 4, changedMicroseconds: 6),
    ])

  private func inFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ark-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  @Test func whatIsWrittenIsRead() async throws {
    try await inFolder { folder in
      #expect(try LastKnownGood.read(folder: folder, service: "ai") == nil)
      try await Self.known.write(folder: folder)
      #expect(try LastKnownGood.read(folder: folder, service: "ai") == Self.known)
      var newer = Self.known
      newer.epoch = 8
      try await newer.write(folder: folder)
      #expect(try LastKnownGood.read(folder: folder, service: "ai")?.epoch == 8)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["ai.json"])
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/ai.json")
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test(arguments: [
    "", "{", "[]", #"{"format": 2, "service": "ai", "epoch": 1, "values": []}"#,
    #"{"format": 1, "service": "email", "epoch": 1, "values": []}"#,
  ])
  func anotherFileIsRefused(content: String) async throws {
    try await inFolder { folder in
      try Data(content.utf8).write(to: URL(filePath: folder + "/ai.json"))
      #expect { try LastKnownGood.read(folder: folder, service: "ai") } throws: { error in
        guard case HotConfigError.lastKnownGood(let path, _) = error else { return false }
        return path == folder + "/ai.json"
      }
    }
  }

  @Test func aFolderThatIsNotThereIsTold() async throws {
    await #expect(throws: HotConfigError.self) {
      try await Self.known.write(folder: "/nowhere/at/all")
    }
  }
}

internal import AsyncIO
internal import FoundationEssentials
internal import Glibc

/// What a service knew of its configuration, in a file: served when neither database nor Redis are
/// there at its next start.
struct LastKnownGood: Sendable, Equatable {
  var service: String
  var epoch: Int64
  var values: [ConfigValue.Key: ConfigValue]
}

extension LastKnownGood {
  /// As it stands in the file.
  private struct Document: Codable {
    struct Row: Codable {
      var org_id: Int64
      var key: String
      var value: String?
      var type: String
      var version: Int64
      var changed_us: Int64
    }

    var format = 1
    var service: String
    var epoch: Int64
    var values: [Row]
  }

  /// `<folder>/<service>.json`.
  static func path(folder: String, service: String) -> String { "\(folder)/\(service).json" }

  /// Reads the file of a service.
  /// - Returns: `nil` if there is none.
  /// - Throws: `HotConfigError.lastKnownGood` if it is no such file.
  static func read(folder: String, service: String) throws -> LastKnownGood? {
    let path = path(folder: folder, service: service)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    do {
      let document = try JSONDecoder().decode(
        Document.self, from: Data(contentsOf: URL(filePath: path)))
      guard document.format == 1, document.service == service else {
        throw HotConfigError.lastKnownGood(
          path: path, why: "it is another service's or a later version's")
      }
      let values = document.values.map { row in
        (
          ConfigValue.Key(orgID: row.org_id, key: row.key),
          ConfigValue(
            text: row.value, type: row.type, version: row.version,
            changedMicroseconds: row.changed_us)
        )
      }
      return LastKnownGood(
        service: service, epoch: document.epoch,
        values: Dictionary(values, uniquingKeysWith: { _, new in new }))
    } catch let error as HotConfigError {
      throw error
    } catch {
      throw HotConfigError.lastKnownGood(path: path, why: "\(error)")
    }
  }

  /// Writes the file: whole or not at all, also through a crash, and for its owner only.
  func write(folder: String) async throws {
    let rows = values.map { key, value in
      Document.Row(
        org_id: key.orgID, key: key.key, value: value.text, type: value.type,
        version: value.version, changed_us: value.changedMicroseconds)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let bytes = try encoder.encode(
      Document(
        service: service, epoch: epoch,
        values: rows.sorted { ($0.org_id, $0.key) < ($1.org_id, $1.key) }))
    let path = Self.path(folder: folder, service: service)
    try await BlockingThread.run {
      do {
        try AtomicFile.write(Array(bytes), to: path)
      } catch {
        throw HotConfigError.lastKnownGood(path: path, why: "\(error)")
      }
    }
  }
}

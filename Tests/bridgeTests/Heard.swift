internal import HotConfig
internal import Synchronization

/// The announcements that a listener has received.
final class Heard: Sendable {
  private let versions = Mutex<[String: [Int64]]>([:])

  func take(_ message: FeedMessage?) {
    guard case .announcement(let service, let key, let version, let orgID, _)? = message else {
      return
    }
    versions.withLock { $0["\(orgID)/\(service)/\(key)", default: []].append(version) }
  }

  /// The newest version that was announced for `org/service/key`.
  func newest(_ key: String) -> String? {
    versions.withLock { $0[key]?.max() }.map(String.init)
  }

  /// How often a version was announced.
  func count(_ key: String, version: String) -> Int {
    versions.withLock { $0[key]?.count { String($0) == version } ?? 0 }
  }
}

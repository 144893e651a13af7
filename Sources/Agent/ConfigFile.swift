internal import AsyncIO
internal import HotConfig
internal import NIOCore

/// The file that has a service's configuration, for workloads that read files.
struct ConfigFile: Sendable {
  let path: String
  private var written: String?

  /// - Parameter directory: The file is `<service>.json` in it.
  init(directory: String, service: String) {
    path = "\(directory)/\(service).json"
  }

  /// Puts a document in the file's place, whole or not at all; its owner and its group can read it. Does
  /// nothing if it is there already.
  /// - Returns: Whether it was written.
  mutating func write(_ document: ConfigDocument) async throws -> Bool {
    guard written != document.etag else { return false }
    let bytes = Array(document.body.readableBytesView)
    try await BlockingThread.run { [path] in
      try AtomicFile.write(bytes, to: path, mode: 0o640)
    }
    written = document.etag
    return true
  }
}

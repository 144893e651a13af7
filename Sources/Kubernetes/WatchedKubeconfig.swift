internal import HTTP

/// The kubeconfig files that a configuration was read from, which are read again when they change.
struct WatchedKubeconfig: Sendable {
  /// Where a configuration stands.
  struct Origin: Sendable, Equatable {
    var paths: [String]
    /// The context, also where it was the current one: what is current later is somebody else's wish.
    var context: String
  }

  private let origin: Origin
  private var files: [WatchedFile]
  private var known: [[UInt8]] = []

  init(_ origin: Origin) {
    self.origin = origin
    files = origin.paths.map { WatchedFile(path: $0) }
  }

  /// What the files say now, if they say anything else than when this was last asked; `nil` if not. Of a file
  /// that is gone, what was read last stands.
  mutating func change() -> Result<KubernetesConfiguration, any Error>? {
    var contents: [[UInt8]] = []
    for index in files.indices {
      guard let bytes = try? files[index].bytes() else { return nil }
      contents.append(bytes)
    }
    guard contents != known else { return nil }
    known = contents
    return Result {
      try Kubeconfig(files: Array(zip(origin.paths, contents)))
        .configuration(context: origin.context)
    }
  }
}

internal import Glibc
internal import HTTP

/// The kubeconfig files that a configuration was read from, which are read again when they change.
struct WatchedKubeconfig: Sendable {
  /// Where a configuration stands.
  struct Origin: Sendable, Equatable {
    var paths: [String]
    /// The context, also where it was the current one: what is current later is somebody else's wish.
    var context: String

    /// `nil` if one of the paths is no file: what a pipe says cannot be asked for twice.
    init?(paths: [String], context: String) {
      for path in paths {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      }
      (self.paths, self.context) = (paths, context)
    }
  }

  private let origin: Origin
  private var files: [WatchedFile]
  private var known: [[UInt8]] = []
  /// Why they cannot be used, as it was told.
  private var failure: String?

  init(_ origin: Origin) {
    self.origin = origin
    files = origin.paths.map { WatchedFile(path: $0) }
  }

  /// What the files say now, if they say anything else than when this was last asked; `nil` if not. Of a file
  /// that is gone, what was read last stands. Why they cannot be used is said once, and they are read again
  /// until they can: what they name may come later than they do.
  mutating func change() -> Result<KubernetesConfiguration, any Error>? {
    var contents: [[UInt8]] = []
    for index in files.indices {
      guard let bytes = try? files[index].bytes() else { return nil }
      contents.append(bytes)
    }
    guard contents != known else {
      failure = nil
      return nil
    }
    do {
      let configuration = try Kubeconfig(files: Array(zip(origin.paths, contents)))
        .configuration(context: origin.context)
      (known, failure) = (contents, nil)
      return .success(configuration)
    } catch {
      let message = "\(error)"
      guard message != failure else { return nil }
      failure = message
      return .failure(error)
    }
  }
}

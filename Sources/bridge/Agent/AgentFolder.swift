internal import Daemon
internal import Glibc

/// The folder of an agent's files.
struct AgentFolder: Sendable {
  private let path: String?

  init(_ path: String?) {
    self.path = path
  }

  /// Where the last known good values are kept over a restart, tombstones and other organisations'
  /// included: for the agent alone.
  var kept: String? { path.map { "\($0)/.last-known-good" } }

  /// Whether every service has values from the last run.
  func keeps(_ services: [String]) -> Bool {
    guard let kept else { return false }
    return services.allSatisfy { access("\(kept)/\($0).json", R_OK) == 0 }
  }

  /// Makes what is missing of it, but not the folder itself: whose it is and who may read it is not the
  /// agent's to decide.
  func make() throws {
    guard let path, let kept else { return }
    guard access(path, W_OK | X_OK) == 0 else {
      throw StartupError(
        "cannot write to \(path): \(String(cString: strerror(errno)))",
        hint: "make the folder and give it to this user, or name another --directory")
    }
    guard mkdir(kept, 0o700) == 0 || errno == EEXIST else {
      throw StartupError(
        "cannot make \(kept): \(String(cString: strerror(errno)))",
        hint: "give the folder to this user, or name another --directory")
    }
  }
}

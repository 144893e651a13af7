internal import CSpawn
internal import Foundation
internal import Glibc
internal import Synchronization

/// A program that runs beside the tests, with its output in files. It hears every signal, whatever the thread
/// that starts it has blocked, and holds no descriptor but its own three.
///
/// Not Foundation's `Process`: on Linux it lists every open descriptor, and copies each name with the 256 bytes
/// that it could have. With a thousand sockets open the last one lies at the end of the listing's memory.
final class ChildProcess: Sendable {
  private struct State {
    var status: Int32?
    var waiting: [CheckedContinuation<Int32, Never>] = []
  }

  /// Process id.
  let pid: pid_t
  private let state = Mutex(State())

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - path: The program.
  ///   - environment: Added to this process's own.
  ///   - folder: Where it runs, if not where this process does.
  ///   - output: File that its output goes to.
  ///   - error: File that its errors go to, if not the same one.
  /// - Throws: ``TestSupportError`` with what the system says.
  init(
    _ path: String, _ arguments: [String], environment: [String: String], folder: String?,
    output: String, error: String? = nil
  ) throws {
    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    if let folder { posix_spawn_file_actions_addchdir_np(&files, folder) }
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&files, 1, output, flags, 0o600)
    if let error {
      posix_spawn_file_actions_addopen(&files, 2, error, flags, 0o600)
    } else {
      posix_spawn_file_actions_adddup2(&files, 1, 2)
    }
    posix_spawn_file_actions_addclosefrom_np(&files, 3)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var argv = ([path] + arguments).map { strdup($0) } + [nil]
    var envp = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, path, &files, &attributes, &argv, &envp)
    guard code == 0 else { throw TestSupportError("\(path): \(String(cString: strerror(code)))") }
    self.pid = pid

    let thread = Thread { self.reap() }
    thread.stackSize = 128 * 1024
    thread.start()
  }

  /// Its exit status or the signal's number, when it has ended.
  var exitStatus: Int32? { state.withLock { $0.status } }

  /// Waits for its end: exit status, or the signal's number.
  func end() async -> Int32 {
    await withCheckedContinuation { continuation in
      let status = state.withLock { state in
        if state.status == nil { state.waiting.append(continuation) }
        return state.status
      }
      if let status { continuation.resume(returning: status) }
    }
  }

  /// Sends a signal, unless it has ended: its number may be another process's then.
  func kill(_ signal: Int32) {
    state.withLock { if $0.status == nil { _ = Glibc.kill(pid, signal) } }
  }

  private func reap() {
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    let (status, waiting) = state.withLock { state in
      var raw: Int32 = 0
      while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
      let signal = raw & 0x7f
      let status = signal == 0 ? (raw >> 8) & 0xff : signal
      defer { state.waiting = [] }
      state.status = status
      return (status, state.waiting)
    }
    for continuation in waiting { continuation.resume(returning: status) }
  }
}

package import Glibc

/// Replaces a file so that a reader, or a crash, sees the old one or the new one, and nothing between.
package enum AtomicFile {
  /// What the system refused.
  package struct Failure: Error, CustomStringConvertible {
    package var description: String

    init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }
  }

  /// Writes beside `path`, to the disk, and renames. Blocks.
  /// - Parameter mode: Who may read it, whatever the umask says; only the owner, if not given.
  package static func write(
    _ bytes: [UInt8], to path: String, mode: mode_t = 0o600
  ) throws(Failure) {
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure("cannot create it") }
    do throws(Failure) {
      defer { close(descriptor) }
      guard fchmod(descriptor, mode) == 0 else { throw Failure("cannot set its mode") }
      try writeAll(bytes, to: descriptor)
      guard fsync(descriptor) == 0 else { throw Failure("cannot write it") }
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let failure = Failure("cannot replace it")
      unlink(temporary)
      throw failure
    }
    // The new name, too.
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let directory = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure("cannot write it") }
      rest = rest.dropFirst(count)
    }
  }
}

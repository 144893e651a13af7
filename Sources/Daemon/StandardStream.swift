internal import Glibc

/// Standard output, which carries data, and standard error, which carries talk.
public enum StandardStream: Sendable {
  case output
  case error

  /// Writes a line with one system call, so that lines of several threads do not mix. What cannot be
  /// written (a closed pipe) is dropped: there is nobody to tell.
  public func writeLine(_ line: String) {
    var text = line + "\n"
    let descriptor = self == .output ? STDOUT_FILENO : STDERR_FILENO
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, rest.count > 0 {
        let written = Glibc.write(descriptor, start, rest.count)
        if written < 0 {
          if errno == EINTR { continue }
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
      }
    }
  }
}

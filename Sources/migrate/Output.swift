internal import Glibc

/// Standard output is data, standard error is talk.
enum Output {
  static func data(_ line: String) { write(line, to: STDOUT_FILENO) }

  static func talk(_ line: String) { write(line, to: STDERR_FILENO) }

  /// Tells a failure and ends the process with its code.
  static func fail(_ failure: MigrateFailure) -> Never {
    talk("\(red("migrate: error:")) \(failure.message)")
    for line in failure.lines { talk(line) }
    exit(failure.code.rawValue)
  }

  static func milliseconds(_ duration: Duration) -> String {
    let tenths =
      duration.components.seconds * 10_000 + duration.components.attoseconds / 100_000_000_000_000
    return "\(tenths / 10).\(tenths % 10) ms"
  }

  private static func red(_ text: String) -> String {
    // https://no-color.org
    let isColoured =
      isatty(STDERR_FILENO) == 1 && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
    return isColoured ? "\u{1B}[31m\(text)\u{1B}[0m" : text
  }

  private static func write(_ line: String, to descriptor: Int32) {
    var text = line + "\n"
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

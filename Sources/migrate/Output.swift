internal import Glibc
internal import Synchronization

/// Standard output is data, standard error is talk.
enum Output {
  private struct State {
    var format = OutputFormat.human
    var isQuiet = false
    /// What `json` prints at the end.
    var records: [Record] = []
    /// Whether a line that is written over stands on the terminal.
    var hasProgress = false
    /// Why data could not be written; `nil`: it was, or nobody wants it any more.
    var failure: Int32?
  }

  private static let state = Mutex(State())

  static func set(_ format: OutputFormat, isQuiet: Bool) {
    state.withLock {
      $0.format = format
      $0.isQuiet = isQuiet
    }
  }

  /// What was asked for. With `--quiet` people are shown none of it.
  static func data(_ record: Record, _ line: @autoclosure () -> String) {
    state.withLock { state in
      switch state.format {
      case .human where state.isQuiet: break
      case .human:
        clearProgress(&state)
        print(line(), &state)
      case .json: state.records.append(record)
      case .ndjson: print(OutputFormat.line(record), &state)
      }
    }
  }

  /// What people are shown as part of another line.
  static func record(_ record: Record) {
    state.withLock { state in
      switch state.format {
      case .human: break
      case .json: state.records.append(record)
      case .ndjson: print(OutputFormat.line(record), &state)
      }
    }
  }

  /// What was not asked for, and is to be known.
  static func talk(_ record: Record, _ line: String) {
    state.withLock { state in
      clearProgress(&state)
      switch state.format {
      case .human: break
      case .json: state.records.append(record)
      case .ndjson: print(OutputFormat.line(record), &state)
      }
      guard !state.isQuiet || loud.contains(record.event) else { return }
      write(line + "\n", to: STDERR_FILENO)
    }
  }

  /// Events that people are told with `--quiet`, too.
  private static let loud: Set<String> = ["error", "finding", "notice"]

  /// A line as it is, outside of any format: help and the like.
  static func plain(_ text: String) { state.withLock { print(text, &$0) } }

  private static func print(_ line: String, _ state: inout State) {
    let failure = write(line + "\n", to: STDOUT_FILENO)
    // Whoever has closed a pipe has seen enough.
    if failure != 0, failure != EPIPE { state.failure = failure }
  }

  /// How far something is. On a terminal the next such line takes its place.
  static func progress(_ line: String) {
    state.withLock { state in
      guard !state.isQuiet else { return }
      if isatty(STDERR_FILENO) == 1 {
        // One that goes over the edge could not be taken back.
        write("\r\u{1B}[K" + line.prefix(columns - 1), to: STDERR_FILENO)
        state.hasProgress = true
      } else {
        write(line + "\n", to: STDERR_FILENO)
      }
    }
  }

  /// Of the terminal; many if it does not say.
  private static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return .max }
    return Int(size.ws_col)
  }

  private static func clearProgress(_ state: inout State) {
    guard state.hasProgress else { return }
    write("\r\u{1B}[K", to: STDERR_FILENO)
    state.hasProgress = false
  }

  /// Prints what is still to be printed, and ends the process.
  static func finish(_ code: Int32 = 0) -> Never {
    let failure = state.withLock { state in
      clearProgress(&state)
      if state.format == .json { print(OutputFormat.document(state.records), &state) }
      return state.failure
    }
    if let failure {
      write(
        "migrate: error: cannot write to standard output: \(String(cString: strerror(failure)))\nNOW: the command itself came to its end with exit code \(code).\n",
        to: STDERR_FILENO)
    }
    exit(failure != nil && code == 0 ? MigrateFailure.Code.usage.rawValue : code)
  }

  /// Tells a failure and ends the process with its code.
  static func fail(_ failure: MigrateFailure) -> Never {
    var record = Record("error", message: failure.message)
    record.code = failure.code.rawValue
    record.error = failure.details
    let lines = ["\(red("migrate: error:")) \(failure.message)"] + failure.lines
    talk(record, lines.joined(separator: "\n"))
    finish(failure.code.rawValue)
  }

  static func milliseconds(_ duration: Duration) -> String {
    let tenths =
      duration.components.seconds * 10_000 + duration.components.attoseconds / 100_000_000_000_000
    return "\(tenths / 10).\(tenths % 10) ms"
  }

  private static func red(_ text: String) -> String {
    let isColoured = Colour.isWanted(
      isTerminal: isatty(STDERR_FILENO) == 1,
      environment: { name in getenv(name).map { String(cString: $0) } })
    return isColoured ? "\u{1B}[31m\(text)\u{1B}[0m" : text
  }

  /// - Returns: 0, or the error's number.
  @discardableResult
  private static func write(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, rest.count > 0 {
        let written = Glibc.write(descriptor, start, rest.count)
        if written < 0 {
          if errno == EINTR { continue }
          return errno
        }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
      }
      return 0
    }
  }
}

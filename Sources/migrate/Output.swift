internal import Glibc
internal import Synchronization

/// Standard output is data, standard error is talk.
enum Output {
  private struct State {
    var format = OutputFormat.human
    var isQuiet = false
    /// Whether the document of `json` is begun.
    var hasDocument = false
    /// Whether a line that is written over stands on the terminal.
    var hasProgress = false
    /// Why data could not be written; `nil`: it was, or nobody wants it any more.
    var failure: Int32?
  }

  private static let state = Mutex(State())

  /// Standard streams that are closed: else the next files and sockets would get their numbers, and what is printed
  /// would go there. What is written to these is an error.
  static func takeClosedDescriptors() {
    var file: Int32
    repeat { file = open("/dev/null", O_RDONLY | O_CLOEXEC) } while (0...STDERR_FILENO) ~= file
    if file >= 0 { close(file) }
  }

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
      case .json, .ndjson: print(record, &state)
      }
    }
  }

  /// What people are shown as part of another line.
  static func record(_ record: Record) {
    state.withLock { if $0.format != .human { print(record, &$0) } }
  }

  /// What was not asked for, and is to be known.
  static func talk(_ record: Record, _ line: String) {
    state.withLock { state in
      clearProgress(&state)
      if state.format != .human { print(record, &state) }
      guard !state.isQuiet || loud.contains(record.event) else { return }
      write(line + "\n", to: STDERR_FILENO)
    }
  }

  /// Events that people are told with `--quiet`, too.
  private static let loud: Set<String> = ["error", "finding", "notice"]

  /// A line as it is, outside of any format: help and the like.
  static func plain(_ text: String) { state.withLock { print(text, &$0) } }

  /// None is kept, so that memory does not grow with their number.
  private static func print(_ record: Record, _ state: inout State) {
    let line = OutputFormat.line(record)
    guard state.format == .json else { return print(line, &state) }
    print((state.hasDocument ? "," : OutputFormat.documentStart) + "\n" + line, end: "", &state)
    state.hasDocument = true
  }

  private static func print(_ line: String, end: String = "\n", _ state: inout State) {
    let failure = write(line + end, to: STDOUT_FILENO)
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
      if state.format == .json {
        print(
          (state.hasDocument ? "" : OutputFormat.documentStart) + OutputFormat.documentEnd, &state)
      }
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
    record.now = failure.line("NOW")
    record.next = failure.line("HINT")
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

internal import Glibc

/// Asks for a password on the terminal, as psql does. It is never taken from the command line, where
/// everybody on the machine can read it.
enum PasswordPrompt {
  /// Whether there is a terminal.
  static var isPossible: Bool {
    let terminal = Glibc.open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard terminal >= 0 else { return false }
    close(terminal)
    return true
  }

  /// - Throws: `MigrateFailure` of code `connection` if there is nobody to be asked, of code `interrupted` at
  ///   Ctrl-C; `CancellationError`. The terminal is as it was, however it ends.
  static func ask() async throws -> String {
    let terminal = Glibc.open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard terminal >= 0 else {
      throw MigrateFailure(
        code: .connection, message: "there is no terminal to ask for the password on",
        lines: ["HINT: put it into ~/.pgpass, or into PGPASSWORD."])
    }
    defer { close(terminal) }
    var before = termios()
    tcgetattr(terminal, &before)
    var silent = before
    silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
    tcsetattr(terminal, TCSAFLUSH, &silent)
    defer {
      tcsetattr(terminal, TCSAFLUSH, &before)
      write("\n", to: terminal)
    }
    write("Password: ", to: terminal)
    var line = PasswordLine()
    while let byte = try await read(terminal) {
      switch line.type(byte) {
      case .more: continue
      case .done: return line.text
      case .interrupted: throw stopped
      }
    }
    throw stopped
  }

  private static let stopped = MigrateFailure(
    code: .interrupted, message: "stopped at the password",
    lines: ["NOW: nothing was changed."])

  /// A key; `nil`: the terminal has gone. Looks now and then, and holds no thread meanwhile: a signal
  /// cancels the task.
  private static func read(_ terminal: Int32) async throws -> UInt8? {
    while true {
      var wait = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
      let ready = poll(&wait, 1, 0)
      if ready == 0 || ready < 0 && errno == EINTR {
        try await Task.sleep(for: .milliseconds(20))
        continue
      }
      var byte: UInt8 = 0
      return ready > 0 && Glibc.read(terminal, &byte, 1) == 1 ? byte : nil
    }
  }

  private static func write(_ text: String, to terminal: Int32) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(terminal, bytes, bytes.count)
  }
}

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

  /// - Throws: `MigrateFailure` of code `connection` if there is nobody to be asked.
  static func ask() throws -> String {
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
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(terminal, TCSAFLUSH, &silent)
    defer { tcsetattr(terminal, TCSAFLUSH, &before) }
    write("Password: ", to: terminal)
    var password: [UInt8] = []
    var byte: UInt8 = 0
    while read(terminal, &byte, 1) == 1, byte != 0x0A { password.append(byte) }
    write("\n", to: terminal)
    return String(decoding: password, as: UTF8.self)
  }

  private static func write(_ text: String, to terminal: Int32) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(terminal, bytes, bytes.count)
  }
}

public import ArgumentParser
internal import Glibc

/// Runs a command: an error becomes one or two lines on standard error and an exit code.
///
/// Exit codes as psql's: 0 done; 1 the command line, a file or the work itself; 2 a connection. 64,
/// ArgumentParser's code for a wrong command line, becomes 1.
public enum CommandLineTool {
  /// Parses the arguments and runs the command that they name.
  public static func run<Command: AsyncParsableCommand>(_ type: Command.Type) async {
    do {
      var command = try Command.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as StartupError {
      StandardStream.error.writeLine("\(Command._commandName): error: \(error)")
      exit(error.isConnection ? 2 : 1)
    } catch {
      let code = Command.exitCode(for: error)
      let text = Command.fullMessage(for: error)
      if code.isSuccess {
        if !text.isEmpty { StandardStream.output.writeLine(text) }
        exit(0)
      }
      if code == .validationFailure {
        // ArgumentParser's text repeats the whole usage: what is wrong and where to look are enough.
        let message = Command.message(for: error).split(separator: "\n").first ?? ""
        let help = text.split(separator: "'").last { $0.hasSuffix("--help") }
        StandardStream.error.writeLine(
          "\(Command._commandName): error: \(message)\nHINT: \(help ?? "--help") tells more")
      } else if !text.isEmpty {
        StandardStream.error.writeLine(text)
      }
      exit(code == .validationFailure ? 1 : code.rawValue)
    }
  }
}

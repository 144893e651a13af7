internal import Foundation
internal import Subprocess
internal import SystemPackage

extension ExecPlugin {
  /// Runs it, and returns what it answers. Cancelling the task ends it.
  func run() async throws -> ExecCredential {
    let result = try await withThrowingTaskGroup { group in
      group.addTask { try await self.spawn() }
      group.addTask {
        try await Task.sleep(for: self.timeout)
        throw self.wrong("gave no answer within \(self.timeout)")
      }
      defer { group.cancelAll() }
      return try await group.next()!
    }
    switch result.terminationStatus {
    case .exited(0):
      return try ExecCredential(parsing: result.standardOutput, from: self)
    case .exited(let code):
      throw wrong("failed with exit code \(code)" + lastLine(result.standardError))
    case .signaled(let signal):
      throw wrong("was ended by signal \(signal)" + lastLine(result.standardError))
    }
  }

  private func lastLine(_ text: String) -> String {
    text.split(separator: "\n").last.map { ": \($0.prefix(300))" } ?? ""
  }

  private func spawn() async throws -> ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
  {
    // Of its own session: it has no terminal, and is ended with what it has started.
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
    ]
    var variables: [Environment.Key: String?] = ["KUBERNETES_EXEC_INFO": info]
    for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
    do {
      return try await Subprocess.run(
        command.contains("/") ? .path(FilePath(command)) : .name(command),
        arguments: Arguments(arguments), environment: .inherit.updating(variables),
        platformOptions: options, input: .none, output: .string(limit: 1 << 20),
        error: .string(limit: 1 << 20))
    } catch let error as SubprocessError {
      if error.code == .executableNotFound || error.code == .spawnFailed {
        let hint = installHint.map { "\n\($0.trimmingCharacters(in: .whitespacesAndNewlines))" }
        throw wrong("cannot be run: is it installed?\(hint ?? "")")
      }
      throw wrong("cannot be heard: \(error)")
    }
  }
}

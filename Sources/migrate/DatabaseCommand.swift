internal import ArgumentParser

/// A command that asks a database.
protocol DatabaseCommand: AsyncParsableCommand, RecordingCommand {
  var options: ConnectionOptions { get }
}

extension DatabaseCommand {
  var output: OutputOptions { options.output }
}

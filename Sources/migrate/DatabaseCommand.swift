internal import ArgumentParser

/// A command that asks a database. How it prints is settled before it runs.
protocol DatabaseCommand: AsyncParsableCommand {
  var options: ConnectionOptions { get }
}

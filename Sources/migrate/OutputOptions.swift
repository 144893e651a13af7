internal import ArgumentParser

/// The options that say how a command prints.
struct OutputOptions: ParsableArguments {
  @Flag(name: [.customShort("q"), .long], help: "Tell errors only.")
  var quiet = false

  @Option(
    help: ArgumentHelp(
      "human, json (one document) or ndjson (one a line, as things happen).", valueName: "format"))
  var format: OutputFormat = .human
}

/// A command that prints records. How is settled before it runs.
protocol RecordingCommand: ParsableCommand {
  var output: OutputOptions { get }
}

public import ArgumentParser

/// How a command prints what it has found.
public enum OutputFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
  /// Aligned columns, or whatever people read best.
  case human
  /// One JSON document on one line, with `apiVersion` and `kind`: fields are added within a version,
  /// never taken away or given another meaning.
  case json
}

/// The option that all commands have that print something.
public struct OutputOptions: ParsableArguments {
  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("human, or json for programs.", valueName: "format"))
  public var output: OutputFormat = .human

  public init() {}
}

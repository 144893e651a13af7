public import ArgumentParser

/// Where PostgreSQL is.
public struct DatabaseOptions: ParsableArguments {
  @Option(
    name: [.customShort("d"), .long],
    help: ArgumentHelp(
      "Database: a name, a connection string or a URI. Default: the PG* variables.",
      valueName: "dbname"))
  public var database: String?

  public init() {}
}

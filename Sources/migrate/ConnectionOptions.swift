internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import Postgres

/// The options that say where the database and the files are, as psql names them.
struct ConnectionOptions: ParsableArguments {
  @Option(
    name: [.customShort("d", allowingJoined: true), .customLong("dbname")],
    help: ArgumentHelp("Database: a name, a connection string or a URI.", valueName: "dbname"))
  var database: String?

  @Option(
    name: [.customShort("h", allowingJoined: true), .long],
    help: ArgumentHelp("Server's name or socket folder.", valueName: "hostname"))
  var host: String?

  @Option(
    name: [.customShort("p", allowingJoined: true), .long],
    help: ArgumentHelp("Server's port.", valueName: "port"))
  var port: String?

  @Option(
    name: [.customShort("U", allowingJoined: true), .long],
    help: ArgumentHelp("User to connect as.", valueName: "username"))
  var username: String?

  @Option(
    name: [.customShort("v"), .customLong("set"), .customLong("variable")],
    help: ArgumentHelp(
      "Value for :name, :'name', :\"name\" and :{?name} in the files.", valueName: "name=value"))
  var variables: [String] = []

  @Option(help: ArgumentHelp("Folder of the SQL files.", valueName: "folder"))
  var sqlDir: String = "sql"

  @Option(
    help: ArgumentHelp("How long to wait for another runner to finish.", valueName: "seconds"))
  var lockTimeout: Int = 60

  @Flag(
    name: [.customShort("w"), .long],
    help: "Never ask for a password.")
  var noPassword = false

  @Flag(
    name: [.customShort("W"), .customLong("password")],
    help: "Ask for a password before connecting.")
  var askPassword = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    for variable in variables where !variable.contains(/^[A-Za-z_0-9\u{80}-\u{10FFFF}]+=/) {
      throw ValidationError(
        "-v \(variable): write name=value, with letters, digits and _ in the name")
    }
    if noPassword, askPassword { throw ValidationError("-w and -W exclude each other") }
    if lockTimeout < 0 { throw ValidationError("--lock-timeout is a number of seconds") }
  }

  /// The variables by name; of two of the same name the last one holds.
  var variableValues: [String: String] {
    Dictionary(
      variables.map { variable in
        let name = variable.prefix { $0 != "=" }
        return (String(name), String(variable.dropFirst(name.count + 1)))
      }, uniquingKeysWith: { $1 })
  }
}

internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import Postgres

/// The options that say where the database and the files are, as psql names them.
struct ConnectionOptions: ParsableArguments {
  @Option(
    name: [.customShort("d"), .customLong("dbname")],
    help: ArgumentHelp("Database: a name, a connection string or a URI.", valueName: "dbname"))
  var database: String?

  @Option(
    name: [.customShort("h"), .long],
    help: ArgumentHelp("Server's name or socket folder.", valueName: "hostname"))
  var host: String?

  @Option(
    name: [.customShort("p"), .long], help: ArgumentHelp("Server's port.", valueName: "port"))
  var port: String?

  @Option(
    name: [.customShort("U"), .long],
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

  @Flag(name: [.customShort("q"), .long], help: "Tell errors only.")
  var quiet = false

  @Flag(
    name: [.customShort("w"), .long],
    help: "Never ask for a password. It never does; accepted as psql does.")
  var noPassword = false

  func validate() throws {
    for variable in variables where !variable.contains(/^[A-Za-z_0-9\u{80}-\u{10FFFF}]+=/) {
      throw ValidationError(
        "-v \(variable): write name=value, with letters, digits and _ in the name")
    }
    if lockTimeout < 0 { throw ValidationError("--lock-timeout is a number of seconds") }
  }

  /// Settings that every file starts with. As start-up options they are what RESET ALL goes back to.
  private static let settings = [
    // A migration that row-level security would filter is an error, not a silent UPDATE 0.
    "row_security=off",
    "statement_timeout=0",
    "idle_in_transaction_session_timeout=0",
    "lock_timeout=3s",
    "client_min_messages=warning",
    // Files are split by this rule.
    "standard_conforming_strings=on",
    // A runner that was killed does not leave its statement running.
    "client_connection_check_interval=2s",
  ]

  /// The variables by name; of two of the same name the last one holds.
  var variableValues: [String: String] {
    Dictionary(
      variables.map { variable in
        let name = variable.prefix { $0 != "=" }
        return (String(name), String(variable.dropFirst(name.count + 1)))
      }, uniquingKeysWith: { $1 })
  }

  var configuration: PostgresConfiguration {
    var overrides: [String: String] = ["application_name": "migrate"]
    if let host { overrides["host"] = host }
    if let port { overrides["port"] = port }
    if let username { overrides["user"] = username }
    let own = Self.settings.map { "-c \($0)" }.joined(separator: " ")
    let inherited = getenv("PGOPTIONS").map { String(cString: $0) + " " } ?? ""
    overrides["options"] = inherited + own
    var configuration = PostgresConfiguration(conninfo: database ?? "", overrides: overrides)
    configuration.preparesStatements = false
    configuration.onNotice = { notice in
      Output.talk("\(notice.severity ?? "NOTICE"): \(notice.message)")
    }
    return configuration
  }

  /// Connects, and refuses what cannot be migrated.
  func connect() async throws -> PostgresConnection {
    let connection: PostgresConnection
    do {
      connection = try await PostgresConnection.connect(configuration)
    } catch let error as PostgresError {
      throw MigrateFailure(
        code: .connection,
        message: error.message.split(whereSeparator: \.isWhitespace).joined(separator: " "),
        lines: [
          "HINT: say where the server is with -h, -p, -U, -d, or PGHOST, PGPORT, PGUSER, PGDATABASE."
        ])
    }
    do {
      try await connection.checkVersion()
    } catch let error as PostgresError {
      throw MigrateFailure(
        code: .connection, message: error.message, lines: ["HINT: \(error.hint ?? "")."])
    }
    let result = try await connection.query(
      "SELECT pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.pg_backend_pid() AS pid")
    if result[0]["standby"] == "t" {
      throw MigrateFailure(
        code: .connection, message: "the server is a standby; migrations run on the primary",
        lines: ["HINT: with several hosts, add target_session_attrs=read-write."])
    }
    let told = await connection.backendPID
    guard result[0]["pid"] == String(told) else {
      throw MigrateFailure(
        code: .locked, message: "the connection goes through a pooler, which loses session locks",
        lines: ["HINT: connect to PostgreSQL itself."])
    }
    return connection
  }
}

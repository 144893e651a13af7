internal import CLibPQ

extension PostgresConfiguration {
  /// What libpq makes of one parameter other than `sslmode`: the overrides, then `conninfo`, the service
  /// file, `PG*`, and its own default. Nothing is connected to.
  /// - Returns: `nil` if nobody says anything, or `conninfo` cannot be read.
  public func resolved(_ keyword: String) -> String? {
    // libpq looks everything up, and gives up before it opens a socket.
    let parameters: [(keyword: String, value: String)] =
      (conninfo.isEmpty ? [] : [("dbname", conninfo)])
      + overrides.map { ($0.key, $0.value) } + [("sslmode", "none, only to be looked up")]
    let connection = withCStrings(parameters.map(\.keyword) + [nil]) { keywords in
      withCStrings(parameters.map(\.value) + [nil]) { PQconnectStartParams(keywords, $0, 1) }
    }
    guard let connection else { return nil }
    defer { PQfinish(connection) }
    return PostgresConnection.option(keyword, of: connection)
  }

  /// The parameters that a connection string or a URI names.
  /// - Returns: `nil` if it cannot be read.
  public static func parameters(of conninfo: String) -> [String: String]? {
    guard let options = PQconninfoParse(conninfo, nil) else { return nil }
    defer { PQconninfoFree(options) }
    var parameters: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        parameters[String(cString: keyword)] = String(cString: value)
      }
      option += 1
    }
    return parameters
  }

  /// The variables of the environment that libpq knows, with the parameters that they stand for.
  public static let variables: [(variable: String, keyword: String)] = {
    guard let options = PQconndefaults() else { return [] }
    defer { PQconninfoFree(options) }
    var variables: [(variable: String, keyword: String)] = []
    var option = options
    while let keyword = option.pointee.keyword {
      if let variable = option.pointee.envvar {
        variables.append((String(cString: variable), String(cString: keyword)))
      }
      option += 1
    }
    return variables
  }()
}

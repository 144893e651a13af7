/// Whether errors are coloured.
enum Colour {
  /// `PG_COLOR` is `always`, `auto` or `never` (PostgreSQL documentation, "Color Support"); `NO_COLOR` that
  /// is not empty means none (https://no-color.org); else a terminal is.
  static func isWanted(isTerminal: Bool, environment: (String) -> String?) -> Bool {
    if environment("NO_COLOR")?.isEmpty == false { return false }
    return switch environment("PG_COLOR") {
    case "always": true
    case "never": false
    default: isTerminal
    }
  }
}

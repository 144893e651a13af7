/// A backslash command of psql.
public struct MetaCommand: Sendable, Equatable {
  /// Its name without the backslash, like `connect`.
  public let name: String
  /// What follows it, without white space at either end.
  public let arguments: String
  /// Where its backslash stands in the script, in bytes.
  public let offset: Int
  /// Whether a statement has begun before it.
  public let isInsideStatement: Bool

  /// What to write in a migration in its place. Each command of `psql --help=commands` has its own.
  public var replacement: String {
    // `\sf+` and `\l+` show more than `\sf` and `\l`.
    switch name.count > 1 && name.hasSuffix("+") ? String(name.dropLast()) : name {
    case "i", "ir", "include", "include_relative":
      "a file is applied by its number or by MANIFEST, not by another file"
    case "copy": "COPY … FROM STDIN takes its data from the lines below it, up to \\."
    case "set", "unset", "getenv", "prompt":
      "give the variable a value on the command line: -v name=value"
    case "c", "connect": "a migration stays in the database that it was started for"
    case "g", "gx", "gdesc", "crosstabview", "watch": "end the statement with a semicolon"
    case "gset": "keep the value in a DO block, or select it where it is needed"
    case "gexec": "build the statements in a DO block and run them with EXECUTE format(…)"
    case "bind", "bind_named", "parse", "close", "close_prepared":
      "write the values into the statement"
    case "if", "elif", "else", "endif": "decide in a DO block"
    case "echo", "qecho", "warn": "tell it with RAISE WARNING in a DO block"
    case ".": "it ends the data of COPY … FROM STDIN; there is none here"
    case "encoding": "the file is UTF-8"
    case "q", "quit": "the file ends where it ends"
    case "r", "reset": "take what stands before it out of the file"
    case "e", "edit", "ef", "ev": "nobody edits while it is applied; write it into the file"
    case "!", "cd", "o", "out", "s", "w", "write", "setenv":
      "a migration touches nothing but its database"
    case "timing": "migrate shows how long each file takes"
    case "password": "use ALTER ROLE … PASSWORD with a hash"
    case "sf", "sv", "z", "zS", "l", "list", "p", "print", "h", "help", "?", "conninfo",
      "copyright",
      "errverbose":
      "it only shows something; leave it out"
    case "a", "C", "f", "H", "html", "pset", "t", "T", "x":
      "it only changes how rows are shown, and none are; leave it out"
    case let name where name.hasPrefix("d"): "it only shows something; leave it out"
    case let name where name.hasPrefix("lo_"):
      "use the functions lo_from_bytea, lo_unlink and their like"
    default: "leave it out"
    }
  }
}

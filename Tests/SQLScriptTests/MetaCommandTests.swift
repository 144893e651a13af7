internal import SQLScript
internal import Testing

/// psql's other commands: each is refused with what to write in its place.
struct MetaCommandTests {
  @Test(arguments: [
    ("\\i other.sql", "a file is applied by its number or by MANIFEST, not by another file"),
    ("\\include_relative x", "a file is applied by its number or by MANIFEST, not by another file"),
    ("\\copy a FROM 'x'", "COPY … FROM STDIN takes its data from the lines below it, up to \\."),
    ("\\set a 1", "give the variable a value on the command line: -v name=value"),
    ("\\getenv a HOME", "give the variable a value on the command line: -v name=value"),
    ("\\connect other", "a migration stays in the database that it was started for"),
    ("\\c", "a migration stays in the database that it was started for"),
    ("SELECT 1 \\g", "end the statement with a semicolon"),
    ("SELECT 1 \\gx", "end the statement with a semicolon"),
    ("SELECT 1 \\watch 1", "end the statement with a semicolon"),
    ("SELECT 1 \\gset", "keep the value in a DO block, or select it where it is needed"),
    (
      "SELECT 'x' \\gexec", "build the statements in a DO block and run them with EXECUTE format(…)"
    ),
    ("\\if true", "decide in a DO block"), ("\\else", "decide in a DO block"),
    ("\\echo x", "tell it with RAISE WARNING in a DO block"),
    ("\\warn x", "tell it with RAISE WARNING in a DO block"),
    ("\\.", "it ends the data of COPY … FROM STDIN; there is none here"),
    ("\\encoding LATIN1", "the file is UTF-8"), ("\\q", "the file ends where it ends"),
    ("\\! rm x", "a migration touches nothing but its database"),
    ("\\o x", "a migration touches nothing but its database"),
    ("\\timing on", "migrate shows how long each file takes"),
    ("\\password x", "use ALTER ROLE … PASSWORD with a hash"),
    ("\\dt+", "it only shows something; leave it out"),
    ("\\sf f", "it only shows something; leave it out"),
    ("\\pset pager off", "it only changes how rows are shown, and none are; leave it out"),
    ("\\x", "it only changes how rows are shown, and none are; leave it out"),
    ("\\r", "take what stands before it out of the file"),
    ("\\ef f", "nobody edits while it is applied; write it into the file"),
    ("\\lo_import x", "use the functions lo_from_bytea, lo_unlink and their like"),
    ("\\bind 1", "write the values into the statement"), ("\\nonsense", "leave it out"),
  ])
  func eachHasItsReplacement(text: String, replacement: String) {
    let error = #expect(throws: ScriptError.self) { _ = try Script("SELECT 0;\n\(text)\n") }
    let name = text.drop { $0 != "\\" }.prefix { $0 != " " }
    #expect(error?.message == "\(name) is a command of psql")
    #expect(error?.hint == replacement)
  }
}

/// What a file of assertions has printed, in the Test Anything Protocol
/// (https://testanything.org/tap-specification.html), between the statements that psql echoes and the
/// times that end them.
struct TAP {
  private(set) var planned: Int?
  private(set) var passed = 0
  /// Lines that say `not ok`, `SKIP` or `TODO`, with what pgTAP says of them below, and statements that
  /// assert but said nothing.
  private(set) var complaints: [String] = []

  init(_ output: String) {
    var isFailing = false
    // The statement that is being carried out, and whether it has asserted something.
    var statement: [Substring] = []
    var hasAsserted = false
    for line in output.split(separator: "\n") {
      if let plan = line.wholeMatch(of: /1\.\.([0-9]+)/) {
        planned = Int(plan.1)
      } else if line.hasPrefix("not ok") || line.contains(/^ok .*# (SKIP|TODO)/.ignoresCase()) {
        complaints.append(String(line))
        isFailing = true
        hasAsserted = true
      } else if line.hasPrefix("ok ") {
        passed += 1
        isFailing = false
        hasAsserted = true
      } else if line.contains(/^Time: [0-9.]+ ms/) {
        if !hasAsserted, Self.asserts(statement.joined(separator: "\n")) {
          complaints.append("no row to assert of: \(statement[0])")
        }
        statement = []
        hasAsserted = false
      } else if isFailing, line.hasPrefix("#") {
        complaints.append(String(line))
      } else {
        statement.append(line)
      }
    }
  }

  /// Not one that only writes assertions down, for \gexec: those are echoed in their turn.
  private static func asserts(_ statement: String) -> Bool {
    !statement.hasPrefix("SELECT format(") && !statement.hasPrefix("CREATE ")
      && statement.contains(
        /\bSELECT\s+(tap\.)?(is|isnt|ok|matches|doesnt_match|i?alike|unalike|cmp_ok|throws_\w+|lives_ok|is_empty|isnt_empty|\w+_(eq|ne)|has_\w+|hasnt_\w+|col_\w+)\s*\(/
          .ignoresCase())
  }

  /// Whether every assertion that was planned was made and held, and there was at least one.
  var isGood: Bool { complaints.isEmpty && passed > 0 && planned == passed }
}

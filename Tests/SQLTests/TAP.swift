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
    // The first line of the statement that is being carried out, and whether it has asserted something.
    var statement: Substring?
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
        if let statement, Self.asserts(statement), !hasAsserted {
          complaints.append("no row to assert of: \(statement)")
        }
        statement = nil
        hasAsserted = false
      } else if isFailing, line.hasPrefix("#") {
        complaints.append(String(line))
      } else if statement == nil {
        statement = line
      }
    }
  }

  private static func asserts(_ statement: Substring) -> Bool {
    statement.contains(
      /^SELECT (tap\.)?(is|isnt|ok|matches|doesnt_match|alike|cmp_ok|throws_\w+|lives_ok|is_empty|isnt_empty|\w+_eq|\w+_ne|has_\w+|hasnt_\w+)\(/
    )
  }

  /// Whether every assertion that was planned was made and held, and there was at least one.
  var isGood: Bool { complaints.isEmpty && passed > 0 && planned == passed }
}

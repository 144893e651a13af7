/// What a file of assertions has printed, in the Test Anything Protocol
/// (https://testanything.org/tap-specification.html).
struct TAP {
  private(set) var planned: Int?
  private(set) var passed = 0
  /// Lines that say `not ok`, `SKIP` or `TODO`, with what pgTAP says of them below.
  private(set) var complaints: [String] = []

  init(_ output: String) {
    var isFailing = false
    for line in output.split(separator: "\n") {
      if let plan = line.wholeMatch(of: /1\.\.([0-9]+)/) {
        planned = Int(plan.1)
      } else if line.hasPrefix("not ok") || line.contains(/^ok .*# (SKIP|TODO)/.ignoresCase()) {
        complaints.append(String(line))
        isFailing = true
      } else if line.hasPrefix("ok ") {
        passed += 1
        isFailing = false
      } else if isFailing, line.hasPrefix("#") {
        complaints.append(String(line))
      }
    }
  }

  /// Whether every assertion that was planned was made and held, and there was at least one.
  var isGood: Bool { complaints.isEmpty && passed > 0 && planned == passed }
}

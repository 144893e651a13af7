/// What a pod tells the administrators (`api.report_pod`).
struct ReloadReport: Sendable, Equatable {
  var state: ConfigState = .error
  var epoch: Int64 = 0
  /// The last announcement that is applied.
  var seq: Int64 = 0
  /// Changes applied since the start.
  var reloads: Int64 = 0
  /// From change to memory: by the database's clock and this host's.
  var millisecondsSum = 0.0
  var millisecondsMax = 0.0

  /// Counts a change.
  mutating func count(milliseconds: Double) {
    reloads += 1
    // Clocks differ.
    let milliseconds = max(0, milliseconds)
    millisecondsSum += milliseconds
    millisecondsMax = max(millisecondsMax, milliseconds)
  }
}

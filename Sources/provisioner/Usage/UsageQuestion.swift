/// What Prometheus is to be asked, as `provisioning.usage_due()` says.
struct UsageQuestion: Sendable, Hashable {
  var resource: String
  /// PromQL.
  var query: String
  /// Seconds since 1970.
  var start: Int64
  var end: Int64
  /// Seconds.
  var step: Int64
}

/// What the database made of an answer, as `provisioning.report_samples` tells.
struct UsageCounts: Sendable, Equatable {
  var samples: Int64 = 0
  /// New or changed.
  var written: Int64 = 0
  /// Of namespaces that no organisation had at that time.
  var unknown: Int64 = 0
  var warnings: String?
}

internal import Daemon

/// The part of `provisioner check` that Prometheus answers.
enum PrometheusCheck {
  /// No row if it is not to be asked.
  static func run(_ prometheus: PrometheusClient?) async -> [CheckReport.Row] {
    guard let prometheus else { return [] }
    do {
      try await prometheus.probe()
      return [CheckReport.Row(.ok, "Prometheus", "answers")]
    } catch let error as PrometheusError {
      return [
        CheckReport.Row(
          .failed, "Prometheus", "\(error)", hint: "look at --prometheus-url and its files",
          isConnection: error.isAway)
      ]
    } catch {
      return [CheckReport.Row(.failed, "Prometheus", "\(error)", isConnection: true)]
    }
  }
}

internal import ArgumentParser
internal import Daemon
internal import HTTP

/// Where Prometheus is, which knows what tenants use.
struct PrometheusOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Prometheus, or what answers like it, whose figures become usage samples. Default: not asked.",
      valueName: "url"))
  var prometheusURL: String?

  @Option(
    name: .customLong("prometheus-ca-file"),
    help: ArgumentHelp(
      "Authorities that may have signed its certificate, PEM. Default: the system's.",
      valueName: "file"))
  var prometheusCAFile: String?

  @Option(
    help: ArgumentHelp(
      "A bearer token for it, read anew for every question. Over https only.", valueName: "file"))
  var prometheusTokenFile: String?

  func validate() throws {
    guard let url = prometheusURL else {
      if prometheusCAFile != nil || prometheusTokenFile != nil {
        throw ValidationError(
          "--prometheus-ca-file and --prometheus-token-file need --prometheus-url")
      }
      return
    }
    let scheme = url.prefix { $0 != ":" }
    let rest = url.dropFirst(scheme.count + 3)
    guard ["http", "https"].contains(scheme), url.dropFirst(scheme.count).hasPrefix("://"),
      !rest.isEmpty, !rest.hasPrefix("/")
    else {
      throw ValidationError("--prometheus-url is like https://prometheus.monitoring.svc:9090")
    }
    if rest.contains("@") {
      throw ValidationError(
        "a password in --prometheus-url is for all to read; use --prometheus-token-file")
    }
    if rest.contains(where: { $0 == "?" || $0 == "#" || $0.isWhitespace }) {
      throw ValidationError("--prometheus-url is what stands before /api/v1, without a query")
    }
    if scheme == "http", prometheusTokenFile != nil || prometheusCAFile != nil {
      throw ValidationError(
        "--prometheus-token-file and --prometheus-ca-file need an https URL: over http everybody reads along"
      )
    }
  }

  /// `nil`: it is not to be asked.
  /// - Throws: `StartupError` if a file cannot be used.
  func client() throws -> PrometheusClient? {
    guard let url = prometheusURL else { return nil }
    try Self.check(prometheusCAFile) { HTTPClientConfiguration.Trust.holdsCertificate($0) }
    try Self.check(prometheusTokenFile) { !PrometheusClient.token($0).isEmpty }
    var configuration = HTTPClientConfiguration()
    if let prometheusCAFile { configuration.trust = .authorityFile(prometheusCAFile) }
    return PrometheusClient(
      url: url, tokenFile: prometheusTokenFile, http: HTTPClient(configuration))
  }

  private static func check(
    _ path: String?, isUsable: @escaping @Sendable ([UInt8]) -> Bool
  ) throws {
    guard let path else { return }
    var file = WatchedFile(path: path, isUsable: isUsable)
    do {
      _ = try file.bytes()
    } catch {
      throw StartupError("\(error)", hint: "name another file, or mend this one")
    }
  }
}

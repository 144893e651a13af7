internal import Synchronization

/// The live configuration of platform services: loaded from PostgreSQL, kept current by what the bridge
/// announces on Redis.
///
///     let config = try await HotConfig.connect(
///       HotConfigConfiguration(services: ["ai"], postgres: …, redis: …))
///     let threshold = try config.service("ai").value(orgID: 1, "threshold", as: Double.self)
///     for await change in config.changes(service: "ai", key: "threshold") { … }
public final class HotConfig: Sendable {
  private let services: [String: ServiceConfig]
  private let running: Task<Void, Never>

  /// Loads the configuration, and keeps it current until `close()`. Returns when every service has its
  /// values: from the database, or, where that does not answer in time, from its last known good file;
  /// such a service is `stale`.
  /// - Parameter observe: Told what happens, from any task. Must not block.
  /// - Throws: `HotConfigError.notLoaded` if a service has none; `CancellationError`.
  public static func connect(
    _ configuration: HotConfigConfiguration,
    observe: @escaping @Sendable (HotConfigEvent) -> Void = { _ in }
  ) async throws -> HotConfig {
    let config = HotConfig(configuration, observe: observe)
    do {
      try await config.warmUp(patience: configuration.patience)
      return config
    } catch {
      await config.close()
      throw error
    }
  }

  /// Begins to load, and returns at once: the services have no values yet.
  /// - Parameter observe: Told what happens, from any task. Must not block.
  public init(
    _ configuration: HotConfigConfiguration,
    observe: @escaping @Sendable (HotConfigEvent) -> Void = { _ in }
  ) {
    let services = Dictionary(
      configuration.services.map { ($0, ServiceConfig($0, configuration, observe: observe)) },
      uniquingKeysWith: { first, _ in first })
    self.services = services
    running = Task {
      await withTaskGroup { group in
        for service in services.values { group.addTask { await service.run() } }
      }
    }
  }

  deinit { running.cancel() }

  /// Ends everything, and returns when it has ended. The values stay readable.
  public func close() async {
    running.cancel()
    await running.value
  }

  /// One of the services of the configuration; another one is a mistake of the program.
  public func service(_ name: String) -> ServiceConfig {
    guard let service = services[name] else {
      preconditionFailure("HotConfig was not asked for the service \(name)")
    }
    return service
  }

  /// What changes from now on in a service of the configuration, see `ServiceConfig.changes(key:)`.
  public func changes(service: String, key: String? = nil) -> AsyncStream<ConfigChange> {
    self.service(service).changes(key: key)
  }

  /// The worst state of all services.
  public var state: ConfigState {
    let states = services.values.map(\.state)
    return states.contains(.error) ? .error : states.contains(.stale) ? .stale : .ready
  }

  /// Returns when every service was loaded from the database once, or when the task is cancelled.
  public func ready() async {
    for service in services.values { await service.ready() }
  }

  private func warmUp(patience: Duration) async throws {
    await withTaskGroup { group in
      group.addTask { await self.ready() }
      group.addTask { try? await Task.sleep(for: patience) }
      await group.next()
      group.cancelAll()
    }
    try Task.checkCancellation()
    for service in services.values where service.state == .error {
      let why = service.memory.withLock { $0.failure }
      throw HotConfigError.notLoaded(
        service: service.name, why: why.map { "\($0)" } ?? "no answer in time")
    }
  }
}

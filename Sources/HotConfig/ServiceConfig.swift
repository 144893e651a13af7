internal import AsyncIO
internal import FoundationEssentials
internal import Glibc
internal import Redis
internal import Synchronization

/// The live configuration of one service. Reading never blocks.
public final class ServiceConfig: Sendable {
  /// The service, as in `service_configs.service`.
  public let name: String
  let configuration: HotConfigConfiguration
  let observe: @Sendable (HotConfigEvent) -> Void
  let memory = Mutex(ServiceMemory())
  let flags = Mutex(FlagBook())
  let wake = AsyncSignal()
  private let streams = Mutex(ChangeStreams())
  private let told = Mutex<ConfigState>(.error)

  init(
    _ name: String, _ configuration: HotConfigConfiguration,
    observe: @escaping @Sendable (HotConfigEvent) -> Void
  ) {
    self.name = name
    self.configuration = configuration
    self.observe = observe
  }

  /// How far the values can be relied on now.
  public var state: ConfigState {
    memory.withLock { $0.state(at: .now, grace: configuration.grace) }
  }

  /// The history that the versions in memory belong to; `nil` if nothing was ever loaded.
  public var epoch: Int64? { memory.withLock { $0.store.epoch } }

  /// How long ago the values were last known to be the database's; `nil` if never since the start.
  public var age: Duration? {
    memory.withLock { $0.currentAt }.map { $0.duration(to: .now) }
  }

  /// The value of `key` that holds for an organisation: its own, else the platform's; `nil` if there
  /// is neither.
  public func value(orgID: Int64, _ key: String) -> ConfigValue? {
    memory.withLock { $0.store.effective(orgID: orgID, key) }
  }

  /// The value as a Swift type.
  /// - Throws: `HotConfigError.noValue`, `HotConfigError.wrongType`.
  public func value<Value: ConfigDecodable>(
    orgID: Int64, _ key: String, as type: Value.Type
  ) throws -> Value {
    let text = try text(orgID: orgID, key)
    guard let value = Value(configText: text) else {
      throw HotConfigError.wrongType(service: name, key: key, orgID: orgID, type: "\(type)")
    }
    return value
  }

  /// A value of type json, decoded.
  /// - Throws: `HotConfigError.noValue`, `HotConfigError.wrongType`.
  public func json<Value: Decodable>(
    orgID: Int64, _ key: String, as type: Value.Type
  ) throws -> Value {
    let text = try text(orgID: orgID, key)
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw HotConfigError.wrongType(service: name, key: key, orgID: orgID, type: "\(type)")
    }
  }

  /// Every value in memory, tombstones included, as one consistent picture.
  public var values: [ConfigValue.Key: ConfigValue] { memory.withLock { $0.store.values } }

  /// What changes from now on, in order; ends when the configuration is closed. Nothing is dropped: who
  /// takes long holds what waits for him in memory.
  /// - Parameter key: Of this key alone; `nil`: of every key.
  public func changes(key: String? = nil) -> AsyncStream<ConfigChange> {
    changes { key == nil || key == $0.key.key }
  }

  /// The same, of those changes that are wanted.
  func changes(
    where isWanted: @escaping ChangeStreams.Filter
  ) -> AsyncStream<ConfigChange> {
    AsyncStream { continuation in
      let id = streams.withLock { $0.isOver ? nil : $0.add(continuation, isWanted: isWanted) }
      guard let id else { return continuation.finish() }
      continuation.onTermination = { [weak self] _ in
        self?.streams.withLock { $0.remove(id) }
      }
    }
  }

  /// Returns when the database was loaded once, or when the task is cancelled.
  public func ready() async {
    let warm = AsyncStream<Void> { continuation in
      streams.withLock { streams in
        if streams.isOver || memory.withLock({ $0.currentAt != nil }) {
          continuation.finish()
        } else {
          streams.waiters.append(continuation)
        }
      }
    }
    for await _ in warm {}
  }

  /// Keeps the configuration current until the task is cancelled.
  func run() async {
    await restore()
    await withTaskGroup { group in
      if let redis = configuration.redis {
        group.addTask { await Subscriber(of: self, redis: redis).run() }
      }
      group.addTask { await Reader(of: self).run() }
    }
    let end = streams.withLock { $0.finish() }
    end()
  }

  /// Tells what a load has changed, and who waited for it.
  func tell(_ changes: [ConfigChange]) {
    streams.withLock { $0.tell(changes) }
    tellState()
  }

  /// Tells the state if it is another one than the last time.
  func tellState() {
    let state = state
    let isNew = told.withLock { told in
      defer { told = state }
      return told != state
    }
    if isNew { observe(.state(service: name, state)) }
  }

  /// What was known before the start holds until something better is known.
  private func restore() async {
    guard let folder = configuration.lastKnownGood else { return }
    do {
      let known = try await BlockingThread.run { [name] in
        try LastKnownGood.read(folder: folder, service: name)
      }
      guard let known else { return }
      memory.withLock { $0.store.restore(known) }
      keepFlags(
        known.values.map { ConfigChange(service: name, key: $0.key, old: nil, new: $0.value) })
      tellState()
    } catch {
      observe(.interrupted(error: error, retryAfter: .zero))
    }
  }

  private func text(orgID: Int64, _ key: String) throws -> String {
    guard let text = value(orgID: orgID, key)?.text else {
      throw HotConfigError.noValue(service: name, key: key, orgID: orgID)
    }
    return text
  }
}

internal import Synchronization

/// Keeps the last known good values in their file: soon after they change, and not all the time.
struct Keeper: Sendable {
  private let service: ServiceConfig
  private var kept: LastKnownGood?

  init(_ service: ServiceConfig) {
    self.service = service
  }

  /// Writes the file if the values are other ones than those in it.
  mutating func keepIfDue() async {
    guard let folder = service.configuration.lastKnownGood else { return }
    let known = service.memory.withLock { memory in
      memory.store.epoch.map {
        LastKnownGood(service: service.name, epoch: $0, values: memory.store.values)
      }
    }
    guard let known, known != kept else { return }
    do {
      try await known.write(folder: folder)
    } catch {
      service.observe(.interrupted(error: error, retryAfter: .zero))
    }
    // Tried once for each: a full disk is told once, not at every heartbeat.
    kept = known
  }
}

internal import Daemon
internal import HotConfig
internal import Logging
internal import Postgres
internal import Synchronization

/// Every event of the bridge that matters.
enum BridgeObservation: Sendable {
  case connected
  case leads(incarnation: Int64, epoch: Int64)
  case standsBy(leader: String)
  case lostLead
  /// NOTIFY does not come through, so the bridge polls.
  case deaf
  /// NOTIFY does come through, after all.
  case hears
  case published(FeedMessage, took: Duration)
  case interrupted(error: any Error, retryAfter: Duration)
  case resigned
  /// A Sentinel does not let it be heard that another server becomes the master.
  case unheard(sentinel: String, error: any Error)
}

/// Turns events into log lines, metrics and readiness.
final class BridgeObserver: Sendable {
  private let logger: Logger
  private let metrics: Metrics
  private let readiness: ReadinessState
  private let leader = Mutex<String?>(nil)

  init(logger: Logger, metrics: Metrics, readiness: ReadinessState) {
    self.logger = logger
    self.metrics = metrics
    self.readiness = readiness
    metrics.declare(.gauge, "bridge_leader", help: "1 if this bridge leads, else 0.")
    metrics.declare(
      .gauge, "bridge_deaf", help: "1 if NOTIFY does not come through and the bridge polls, else 0."
    )
    metrics.declare(
      .counter, "bridge_published_total", help: "Announcements that Redis has taken.",
      labelled: true)
    metrics.declare(
      .counter, "bridge_heartbeats_total", help: "Heartbeats that Redis has taken.")
    metrics.declare(
      .histogram, "bridge_publish_seconds", help: "From PUBLISH to Redis's reply.")
    metrics.declare(
      .counter, "bridge_interruptions_total", help: "Lost or refused connections.")
  }

  func observe(_ event: BridgeObservation) {
    switch event {
    case .connected:
      logger.info("connected to PostgreSQL and Redis")
    case .leads(let incarnation, let epoch):
      leader.withLock { $0 = nil }
      logger.info("leads", metadata: ["incarnation": "\(incarnation)", "epoch": "\(epoch)"])
      metrics.set("bridge_leader", 1)
      readiness.report("feed", nil)
    case .standsBy(let leader):
      let isNew = self.leader.withLock { known in
        defer { known = leader }
        return known != leader
      }
      if isNew { logger.info("stands by", metadata: ["leader": "\(leader)"]) }
      metrics.set("bridge_leader", 0)
      readiness.report("feed", nil)
    case .deaf:
      logger.warning(
        "polls: NOTIFY does not come through",
        metadata: [
          "hint": "connect to PostgreSQL directly, not through a pooler in transaction mode"
        ])
      metrics.set("bridge_deaf", 1)
    case .hears:
      logger.info("hears NOTIFY")
      metrics.set("bridge_deaf", 0)
    case .lostLead:
      logger.warning("lost the lead")
      metrics.set("bridge_leader", 0)
    case .published(.heartbeat, let took):
      metrics.add("bridge_heartbeats_total")
      metrics.observe("bridge_publish_seconds", took)
    case .published(.announcement(let service, _, _, _, _), let took):
      metrics.add("bridge_published_total", 1, ["service": service])
      metrics.observe("bridge_publish_seconds", took)
    case .interrupted(let error, let pause):
      logger.warning(
        "interrupted", metadata: ["error": "\(error)", "retry_after": "\(pause)"])
      metrics.add("bridge_interruptions_total")
      metrics.set("bridge_leader", 0)
      readiness.report("feed", "\(error)")
    case .resigned:
      logger.info("resigned")
    case .unheard(let sentinel, let error):
      logger.warning(
        "does not hear of a failover from a Sentinel",
        metadata: [
          "sentinel": "\(sentinel)", "error": "\(error)",
          "hint": "let the Sentinels' user SUBSCRIBE to +switch-master; bridge check tries it",
        ])
    }
  }
}

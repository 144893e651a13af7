internal import Agent
internal import Daemon
internal import Glibc
internal import HotConfig
internal import Logging
internal import Synchronization

/// Turns what happens to an agent into log lines, metrics and readiness.
final class AgentObserver: Sendable {
  private let logger: Logger
  private let metrics: Metrics
  private let readiness: ReadinessState
  /// Services whose file could not be written, and why: told once.
  private let unwritten = Mutex<[String: String]>([:])

  init(logger: Logger, metrics: Metrics, readiness: ReadinessState) {
    self.logger = logger
    self.metrics = metrics
    self.readiness = readiness
    let gauges = [
      ("agent_readers", "Event streams that are open."),
      ("agent_epoch", "The epoch of what is served."),
      ("agent_age_seconds", "Since when the values are not known to be the database's."),
    ]
    for (name, help) in gauges { metrics.declare(.gauge, name, help: help, labelled: true) }
    metrics.declare(
      .gauge, "agent_state", help: "1 for the state that a service is in, else 0.", labelled: true)
    metrics.declare(
      .gauge, "agent_connections", help: "Connections that are open, streams included.")
    let counters = [
      ("agent_events_total", "Events sent, one for each reader."),
      ("agent_events_skipped_total", "Events that slow readers got as part of a later one."),
      ("agent_readers_dropped_total", "Readers cut off because they did not read."),
      ("agent_changes_total", "Changed values given to readers."),
      ("agent_file_writes_total", "Files written."),
      ("agent_interruptions_total", "Lost or refused connections."),
      ("agent_answers_total", "Answers to requests, by status code."),
    ]
    for (name, help) in counters { metrics.declare(.counter, name, help: help, labelled: true) }
    metrics.declare(
      .histogram, "agent_reload_seconds",
      help: "From the change in the database to all readers, by both hosts' clocks.")
    metrics.declare(
      .histogram, "agent_send_seconds", help: "From memory to the sockets of all readers.")
  }

  /// Asks the service for its figures whenever Prometheus asks for them.
  func follow(_ service: AgentService) {
    metrics.beforeExposition { [metrics] in
      for standing in service.standings {
        let figures = standing.figures
        func set(_ name: String, _ value: Int) {
          metrics.set(name, Double(value), ["service": standing.service])
        }
        set("agent_readers", figures.readers.load(ordering: .relaxed))
        set("agent_events_total", figures.events.load(ordering: .relaxed))
        set("agent_events_skipped_total", figures.skipped.load(ordering: .relaxed))
        set("agent_readers_dropped_total", figures.dropped.load(ordering: .relaxed))
        if let epoch = standing.epoch { set("agent_epoch", Int(clamping: epoch)) }
        if let age = standing.age {
          metrics.set(
            "agent_age_seconds", age / .seconds(1), ["service": standing.service])
        }
        for state in [ConfigState.ready, .stale, .error] {
          metrics.set(
            "agent_state", state == standing.state ? 1 : 0,
            ["service": standing.service, "state": state.name])
        }
      }
      metrics.set("agent_connections", Double(service.connections))
      for (code, count) in service.answers {
        metrics.set("agent_answers_total", Double(count), ["code": "\(code)"])
      }
    }
  }

  func observe(_ event: AgentObservation) {
    switch event {
    case .listens(let address, let access):
      logger.info(
        "listens", metadata: ["address": "\(address)", "serves": "\(Self.words(access))"])
    case .tokens(let address, let count, let passedOver):
      logger.info("tokens read", metadata: ["listener": "\(address)", "count": "\(count)"])
      if !passedOver.isEmpty {
        logger.warning(
          "files of tokens passed over",
          metadata: [
            "files": "\(passedOver.joined(separator: ", "))",
            "hint":
              "a file is named after an organisation's id, or all; a token has 32 characters or more",
          ])
      }
    case .tokensUnreadable(let address, let error):
      logger.warning(
        "tokens cannot be read", metadata: ["listener": "\(address)", "error": "\(error)"])
    case .config(let service, let event):
      observe(service, event)
    case .serves(let service, let values, let state):
      logger.info(
        "serves",
        metadata: ["service": "\(service)", "values": "\(values)", "state": "\(state.name)"])
      readiness.report(service, nil)
    case .sent(let service, let changes, let took):
      metrics.add("agent_changes_total", Double(changes.count), ["service": service])
      metrics.observe("agent_send_seconds", took)
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      let now = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
      for case let new? in changes.map(\.new) {
        metrics.observe(
          "agent_reload_seconds", .microseconds(max(0, now - new.changedMicroseconds)))
      }
    case .refused(let service, let values):
      logger.error(
        "the database gives values of organisations that this agent is not bound to",
        metadata: [
          "service": "\(service)", "values": "\(values)",
          "hint": "bind the login to its organisation alone; they are not served",
        ])
    case .wrote(let service):
      metrics.add("agent_file_writes_total", 1, ["service": service])
      unwritten.withLock { $0[service] = nil }
    case .unwritten(let service, let error):
      let isNew = unwritten.withLock { unwritten in
        defer { unwritten[service] = "\(error)" }
        return unwritten[service] != "\(error)"
      }
      if isNew {
        logger.error(
          "the file cannot be written", metadata: ["service": "\(service)", "error": "\(error)"])
      }
    case .stops:
      logger.info("ends the streams")
    }
  }

  private func observe(_ service: String, _ event: HotConfigEvent) {
    let name: Logger.Metadata = ["service": "\(service)"]
    switch event {
    case .subscribed(let pattern):
      logger.info("subscribed", metadata: ["pattern": "\(pattern)"])
    case .loaded, .announced, .changed:
      break
    case .drifted(_, let count):
      logger.warning(
        "values had changed without an announcement",
        metadata: name.merging(["values": "\(count)"]) { $1 })
    case .flag(let key, let trouble):
      logger.warning(
        "something is wrong with a flag",
        metadata: name.merging(["flag": "\(key)", "error": "\(trouble)"]) { $1 })
    case .state(_, .ready):
      logger.info("ready", metadata: name)
    case .state(_, let state):
      logger.warning("not current", metadata: name.merging(["state": "\(state.name)"]) { $1 })
    case .interrupted(let error, let pause):
      metrics.add("agent_interruptions_total", 1, ["service": service])
      logger.warning(
        "interrupted",
        metadata: name.merging(["error": "\(error)", "retry_after": "\(pause)"]) { $1 })
    }
  }

  private static func words(_ access: AgentListener.Access) -> String {
    switch access {
    case .open(let scope): "\(scope)"
    case .tokens: "by token"
    }
  }
}

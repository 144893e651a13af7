internal import Foundation
internal import HotConfig
internal import Postgres
internal import Redis
internal import Synchronization
internal import TestSupport
internal import Testing

/// A scene whose history is recorded, and judged at its end.
final class Trial: Sendable {
  private struct State {
    var pods: [Pod] = []
    var daemons: [DaemonProcess] = []
    var writers: [Writer] = []
    var rules = Judge.Rules()
    /// Of the database that holds now.
    var database: String
    /// Where Redis is, if it is not the scene's.
    var group: RedisGroup?
    var recorders: [Task<Void, Never>] = []
  }

  let scene: Scene
  let history = History()
  private let state: Mutex<State>

  private init(_ scene: Scene) {
    self.scene = scene
    state = Mutex(State(database: "\(scene.database.conninfo(user: "")) "))
  }

  /// Sets the scene, plays, waits until every pod is right, and judges.
  /// - Parameters:
  ///   - ownPostgres: Whether PostgreSQL is one of the trial's own, too.
  ///   - pooled: Whether PgBouncer stands before that one.
  ///   - limit: How long the pods may take to be right after the body.
  static func play(
    ownPostgres: Bool = false, pooled: Bool = false, within limit: Duration = .seconds(60),
    _ body: (Trial) async throws -> Void
  ) async throws {
    try await Scene.play(ownPostgres: ownPostgres, pooled: pooled) { scene in
      let trial = Trial(scene)
      let recorder = try await trial.record()
      do {
        try await trial.prepare()
        try await body(trial)
        try await trial.settle(within: limit)
      } catch {
        for daemon in trial.state.withLock({ $0.daemons }) {
          Issue.record("the log of \(daemon.pid):\n\(daemon.log.suffix(6000))")
        }
        await trial.clear(recorder)
        throw error
      }
      await trial.clear(recorder)
    }
  }

  // MARK: Who takes part

  /// The database that holds, for a login.
  func conninfo(_ login: String) -> String {
    let conninfo = state.withLock { $0.database }
    return conninfo.replacing("user= ", with: "user=\(login) ")
  }

  /// From now on the database is another one, or lies elsewhere.
  /// - Parameter conninfo: With `user= ` where the login belongs.
  func move(to conninfo: String) { state.withLock { $0.database = conninfo } }

  /// From now on bridges and pods find Redis by Sentinels, and so does what records.
  func move(to group: RedisGroup) async throws {
    state.withLock { $0.group = group }
    let recorder = try await record()
    state.withLock { $0.recorders.append(recorder) }
  }

  /// Redis as a user, where it is now.
  private func redis(_ user: String) throws -> RedisConfiguration {
    let group = state.withLock { $0.group }
    var redis = try RedisConfiguration(
      url: group?.url(user) ?? scene.redis.redisURL(user), caFile: scene.redis.redisCAFile,
      passwordFile: scene.redis.redisPasswordFile(user))
    redis.sentinels?.passwordFile = group?.sentinelPasswordFile
    return redis
  }

  /// What changes the judge's expectations.
  func allow(_ change: (inout Judge.Rules) -> Void) { state.withLock { change(&$0.rules) } }

  /// Starts a bridge, and returns when it leads or stands by.
  /// - Parameters:
  ///   - database: How it reaches the database, if not directly.
  ///   - redisPort: Of the Redis that it reaches, if not the scene's.
  @discardableResult
  func bridge(
    _ name: String = "one", database: String? = nil, redisPort: Int? = nil
  ) async throws -> DaemonProcess {
    let daemon = try start(name, database: database, redisPort: redisPort)
    try await eventually("a lead in \(daemon.log)") {
      daemon.log.contains(" leads") || daemon.log.contains("stands by")
    }
    return daemon
  }

  /// Starts a bridge, and returns at once.
  func start(
    _ name: String, database: String? = nil, redisPort: Int? = nil
  ) throws -> DaemonProcess {
    let group = state.withLock { $0.group }
    let url =
      redisPort.map { "rediss://bridge@127.0.0.1:\($0)" } ?? group?.url("bridge")
      ?? scene.redis.redisURL("bridge")
    let daemon = try DaemonProcess(
      Tool.product("bridge"),
      [
        "run", "--instance", name, "--database", database ?? conninfo("bridge"), "--redis", url,
        "--redis-ca-file", scene.redis.redisCAFile, "--redis-password-file",
        scene.redis.redisPasswordFile("bridge"),
      ] + (group.map { ["--redis-sentinel-password-file", $0.sentinelPasswordFile] } ?? []))
    state.withLock { $0.daemons.append(daemon) }
    return daemon
  }

  /// Starts a pod, and returns when it holds the configuration.
  @discardableResult
  func pod(
    _ name: String = "all", _ adapt: (inout Pod.Options) -> Void = { _ in }
  ) async throws -> Pod {
    var options = Pod.Options()
    adapt(&options)
    let login = options.login ?? "pod_\(options.service)"
    var redis = try redis("pod-\(options.service)")
    if let port = options.redisPort { redis.address.port = port }
    var configuration = HotConfigConfiguration(
      services: [options.service],
      postgres: PostgresConfiguration(
        conninfo: options.database.map { "\($0) user=\(login)" } ?? conninfo(login)),
      redis: redis)
    options.tune(&configuration)
    let pod = Pod(name, options, configuration)
    state.withLock { $0.pods.append(pod) }
    await pod.ready()
    return pod
  }

  /// A pod of one organisation; one in a trial.
  @discardableResult
  func pod(
    boundTo orgID: Int64, _ adapt: (inout Pod.Options) -> Void = { _ in }
  ) async throws -> Pod {
    // The login of another service, bound to this one here and now. None is made: logins belong to the
    // cluster, which other tests look at.
    let login = "pod_webhook"
    try await owner { owner in
      try await owner.query(
        "SELECT admin.bind_pod($1, 'ai', $2)", [.text(login), .int(orgID)])
    }
    return try await pod("the pod of \(orgID)") { options in
      options.login = login
      options.orgs = [orgID]
      adapt(&options)
    }
  }

  /// An organisation, and who writes its configuration.
  func writer(setup: String = "") async throws -> Writer {
    let orgID = try await owner {
      try await $0.createOrganization("org\(UUID().uuidString.prefix(8).lowercased())")
    }
    return writer(orgID, setup: setup)
  }

  /// Who writes an organisation's configuration.
  func writer(_ orgID: Int64, setup: String = "") -> Writer {
    let writer = Writer(
      orgID: orgID, history: history, PostgresConfiguration(conninfo: conninfo("app")),
      setup: setup)
    state.withLock { $0.writers.append(writer) }
    return writer
  }

  /// Lends a superuser's connection.
  @discardableResult
  func owner<Value: Sendable>(
    _ body: (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    let owner = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: conninfo("postgres")))
    do {
      let value = try await body(owner)
      await owner.close()
      return value
    } catch {
      await owner.close()
      throw error
    }
  }

  /// Publishes more than the kernel takes for a subscriber of a service that does not read, which is some
  /// megabytes, and then as much as Redis keeps for it. Heartbeats of the past: nobody heeds them. In steps,
  /// each of which the recorder has read before the next comes.
  func fill(_ service: String) async throws {
    let redis = try await scene.operator()
    let filler = "epoch=\(String(repeating: "0", count: 10_000))1 inc=1 seq=1"
    let publish = ["PUBLISH", "config:\(service):_hb", filler]
    do {
      for _ in 0..<12 {
        let before = history.publications.count
        _ = try await redis.pipeline(Array(repeating: publish, count: 50))
        try await eventually(within: .seconds(10), "a recorder that reads") {
          history.publications.count >= before + 50
        }
      }
    } catch {
      await redis.close()
      throw error
    }
    await redis.close()
  }

  // MARK: What is so

  /// Whether an announcement of a version was heard.
  func heard(_ orgID: Int64, _ key: String, version: Int64, of service: String = "ai") -> Int {
    history.publications.count { publication in
      guard
        case .announcement(service, key, version, orgID, _)? = FeedMessage(
          channel: publication.channel, payload: publication.payload)
      else { return false }
      return true
    }
  }

  /// Waits until every pod is right.
  func settle(within limit: Duration = .seconds(60)) async throws {
    var findings: [String] = []
    let end = ContinuousClock.now + limit
    var began: ContinuousClock.Instant
    repeat {
      // What is told at last is how it was at the end, however long judging takes.
      began = .now
      let judge = try? await judge()
      findings = judge?.findings ?? ["the database does not answer"]
      if findings.isEmpty { return }
      if let judge, !judge.broken.isEmpty { break }
      try await Task.sleep(for: .milliseconds(100))
    } while began < end
    let more = findings.count > 12 ? ["and \(findings.count - 12) more"] : []
    throw TestSupportError(
      "within \(limit):\n" + (findings.prefix(12) + more).joined(separator: "\n"))
  }

  /// What is judged and not needed again is forgotten, so that a long trial is judged as fast as a short
  /// one.
  func condense() async throws {
    let epoch = try await owner {
      try await $0.query("SELECT epoch FROM config.feed")[0].decode("epoch", as: Int64.self)
    }
    history.condense(epoch: epoch)
    for pod in state.withLock({ $0.pods }) { pod.condense() }
  }

  /// The judge's view of now.
  func judge() async throws -> Judge {
    let (stored, epoch) = try await owner { owner in
      let rows = try await owner.query(
        "SELECT org_id, service, key, value, version FROM config.service_configs")
      let epoch = try await owner.query("SELECT epoch FROM config.feed")[0]
        .decode("epoch", as: Int64.self)
      let stored = try rows.map { row in
        (
          History.Key(
            orgID: try row.decode("org_id", as: Int64.self),
            service: try row.decode("service", as: String.self),
            key: try row.decode("key", as: String.self)),
          Judge.Value(
            version: try row.decode("version", as: Int64.self),
            value: try row.decode("value", as: String?.self))
        )
      }
      return (Dictionary(uniqueKeysWithValues: stored), epoch)
    }
    let (pods, rules) = state.withLock { ($0.pods, $0.rules) }
    return Judge(
      commits: history.commits, publications: history.publications, pods: pods.map(\.record),
      stored: stored, epoch: epoch, rules: rules)
  }

  // MARK: Before and after

  /// Any key of these services takes any text.
  private func prepare() async throws {
    try await owner { owner in
      try await owner.execute(
        """
        SELECT admin.define_key('ai', '*', 'text', 'Anything.');
        SELECT admin.define_key('email', '*', 'text', 'Anything.');
        """)
    }
  }

  /// Records everything that is published, as an operator sees it; over restarts of Redis, too.
  private func record() async throws -> Task<Void, Never> {
    let configuration = try redis("operator")
    let first = try await RedisSubscription.connect(configuration)
    try await first.psubscribe(["*"])
    let history = history
    history.records()
    return Task {
      var subscription: RedisSubscription? = first
      while !Task.isCancelled {
        if let subscription {
          do {
            // What Sentinels tell each other is their own.
            for try await message in subscription.messages
            where message.channel != "__sentinel__:hello" {
              history.heard(
                History.Publication(channel: message.channel, payload: message.payload))
            }
          } catch {}
          await subscription.close()
        }
        subscription = try? await RedisSubscription.connect(configuration)
        if let subscription, (try? await subscription.psubscribe(["*"])) != nil {
          history.records()
        }
        try? await Task.sleep(for: .milliseconds(20))
      }
    }
  }

  private func clear(_ recorder: Task<Void, Never>) async {
    let (pods, daemons, writers, recorders) = state.withLock {
      ($0.pods, $0.daemons, $0.writers, $0.recorders + [recorder])
    }
    for daemon in daemons { daemon.kill(SIGKILL) }
    for writer in writers { await writer.close() }
    for pod in pods { await pod.stop() }
    for recorder in recorders {
      recorder.cancel()
      await recorder.value
    }
  }
}

internal import HotConfig
internal import Postgres

/// The functions of `config.feed_*`, as the bridge calls them.
struct Feed: Sendable {
  let connection: PostgresConnection

  /// Who leads.
  enum Lead: Sendable, Equatable {
    case ours(incarnation: Int64, epoch: Int64)
    case theirs(leader: String)
  }

  /// What the cursor had not seen.
  struct Batch: Sendable, Equatable {
    var since: String
    var snapshot: String
    var messages: [FeedMessage]
  }

  /// The channel of the wake-up.
  static let channel = "config_feed"
  /// What a bridge that gives up the lead tells the others on it; writers say nothing.
  static let resigned = "resigned"
  /// How long an answer may take that has little to do. A server that has vanished is noticed.
  static let patience = Duration.seconds(5)
  /// How long the lead may take at most. Where a restore has brought many rows of another history, they are
  /// all stamped before anybody leads.
  static let greatestPatience = Duration.seconds(80)

  /// Takes or renews the lead.
  /// - Returns: Who leads, and the last number of each service's feed.
  func lead(
    instance: String, lease: Duration, patience: Duration = Self.patience
  ) async throws -> (Lead, seqs: [String: Int64]) {
    let result = try await connection.query(
      "SELECT l.leads, l.incarnation, l.epoch, l.leader, s.key AS service, s.value AS seq"
        + " FROM config.feed_lead($1, $2) AS l LEFT JOIN jsonb_each_text(l.services) AS s ON true",
      [.text(instance), .text("\(lease.components.seconds) s")], timeout: patience)
    guard let first = result.first else { throw BridgeError.emptyAnswer("config.feed_lead") }
    guard try first.decode("leads", as: Bool.self) else {
      return (.theirs(leader: try first.decode("leader", as: String?.self) ?? "nobody"), [:])
    }
    var seqs: [String: Int64] = [:]
    for row in result {
      guard let service = try row.decode("service", as: String?.self) else { continue }
      seqs[service] = try row.decode("seq", as: Int64.self)
    }
    let incarnation = try first.decode("incarnation", as: Int64.self)
    let epoch = try first.decode("epoch", as: Int64.self)
    return (.ours(incarnation: incarnation, epoch: epoch), seqs)
  }

  /// Gives up the lead.
  func resign(instance: String) async throws {
    try await connection.query(
      "SELECT config.feed_resign($1)", [.text(instance)], timeout: .seconds(2))
  }

  /// Reads what the durable cursor has not seen, numbered.
  func read(incarnation: Int64) async throws -> Batch {
    let result = try await connection.query(
      "SELECT * FROM config.feed_read($1)", [.int(incarnation)], timeout: .seconds(30))
    guard let first = result.first else { throw BridgeError.emptyAnswer("config.feed_read") }
    var batch = Batch(
      since: try first.decode("since", as: String.self),
      snapshot: try first.decode("snapshot", as: String.self), messages: [])
    for row in result {
      guard try row.decode("org_id", as: Int64?.self) != nil else { continue }
      batch.messages.append(try FeedMessage(announcement: row, incarnation: incarnation))
    }
    batch.messages.sort { $0.position.seq < $1.position.seq }
    return batch
  }

  /// Reads what was announced lately, for a Redis that may have lost it.
  func replay(incarnation: Int64) async throws -> [FeedMessage] {
    try await connection.query(
      "SELECT * FROM config.feed_replay($1)", [.int(incarnation)], timeout: .seconds(30)
    ).map { try FeedMessage(announcement: $0, incarnation: incarnation) }
  }

  /// Sends something that this bridge's `Listener` must hear.
  func call(_ call: Listener.Call) async throws {
    try await connection.query(
      "SELECT pg_notify($1, $2)", [.text(Self.channel), .text(call.payload)],
      timeout: Self.patience)
  }

  /// Tells writers that nobody has to wake this bridge.
  func wake(incarnation: Int64) async throws {
    try await connection.query(
      "SELECT config.feed_wake($1)", [.int(incarnation)], timeout: Self.patience)
  }

  /// Asks whether this bridge may wait for NOTIFY.
  /// - Returns: `false` if a transaction that has not notified is still open.
  func sleep(incarnation: Int64) async throws -> Bool {
    let result = try await connection.query(
      "SELECT config.feed_sleep($1) AS sleeps", [.int(incarnation)], timeout: Self.patience)
    guard let first = result.first else { throw BridgeError.emptyAnswer("config.feed_sleep") }
    return try first.decode("sleeps", as: Bool.self)
  }

  /// Moves the durable cursor past a batch that Redis has taken.
  func advance(incarnation: Int64, past batch: Batch, seqs: [String: Int64]) async throws {
    let members = seqs.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
    try await connection.query(
      "SELECT config.feed_advance($1, $2, $3, $4)",
      [.int(incarnation), .text(batch.since), .text(batch.snapshot), .json("{\(members)}")],
      timeout: Self.patience)
  }
}

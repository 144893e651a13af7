internal import Daemon
internal import Postgres

/// An answer of `config.feed_status`.
struct FeedStatus: Sendable {
  var leader: String?
  var leads: Bool
  var leaseSeconds: Double
  var incarnation: Int64
  var epoch: Int64
  var isKnown: Bool
  var behind: Int64
  var lagSeconds: Double
  /// How long ago the cursor moved; `nil`: never.
  var advancedSecondsAgo: Double?
  var isAwake: Bool
  /// The last number of each service's feed.
  var seqs: [(service: String, seq: Int64)]

  /// Asks the database once.
  /// - Throws: `StartupError`.
  static func read(_ configuration: PostgresConfiguration) async throws -> FeedStatus {
    do {
      let connection = try await PostgresConnection.connect(configuration)
      do {
        let result = try await connection.query(
          """
          SELECT f.leader, f.leads, extract(epoch FROM f.lease_for)::float8 AS lease, f.incarnation,
            f.epoch, f.is_known, f.behind, extract(epoch FROM f.lag)::float8 AS lag,
            extract(epoch FROM clock_timestamp() - f.advanced_at)::float8 AS advanced, f.is_awake,
            s.key AS service, s.value AS seq
          FROM config.feed_status() AS f LEFT JOIN jsonb_each_text(f.services) AS s ON true
          ORDER BY s.key
          """, timeout: .seconds(30))
        await connection.close()
        return try FeedStatus(result)
      } catch {
        await connection.close()
        throw error
      }
    } catch let error as PostgresError {
      throw StartupError(
        error.description,
        hint: error.hint ?? "give the login the group ark_bridge or ark_dba, and run migrate up",
        isConnection: error.sqlState != "42501")
    }
  }

  private init(_ result: PostgresResult) throws {
    guard let first = result.first else { throw BridgeError.emptyAnswer("config.feed_status") }
    leader = try first.decode("leader", as: String?.self)
    leads = try first.decode("leads", as: Bool.self)
    leaseSeconds = try first.decode("lease", as: Double?.self) ?? 0
    incarnation = try first.decode("incarnation", as: Int64.self)
    epoch = try first.decode("epoch", as: Int64.self)
    isKnown = try first.decode("is_known", as: Bool.self)
    behind = try first.decode("behind", as: Int64.self)
    lagSeconds = try first.decode("lag", as: Double.self)
    advancedSecondsAgo = try first.decode("advanced", as: Double?.self)
    isAwake = try first.decode("is_awake", as: Bool.self)
    seqs = try result.compactMap { row in
      guard let service = try row.decode("service", as: String?.self) else { return nil }
      return (service, try row.decode("seq", as: Int64.self))
    }
  }

  /// What is wrong, if something is.
  var trouble: String? {
    if !leads { return "no bridge leads; is one running?" }
    if lagSeconds > 5 {
      return "changes have waited for \(seconds(lagSeconds)); look at the leader's log"
    }
    return nil
  }

  /// For people: a name and what it is.
  var rows: [(String, String)] {
    let who = leader.map { name in
      leads
        ? "\(name), for \(seconds(leaseSeconds)) unless it renews"
        : "\(name), whose lease has ended"
    }
    return [
      ("leader", who ?? "none"),
      ("incarnation", "\(incarnation)"),
      (
        "epoch",
        isKnown ? "\(epoch)" : "\(epoch), and a new one when a bridge leads: another database"
      ),
      (
        "behind",
        behind == 0 ? "nothing" : "\(behind) changes, the oldest for \(seconds(lagSeconds))"
      ),
      ("published", advancedSecondsAgo.map { "\(seconds($0)) ago" } ?? "never"),
      ("reads", isAwake ? "every few milliseconds" : "when it is notified"),
    ] + seqs.map { ("seq", "\($0.service) \($0.seq)") }
  }

  private func seconds(_ value: Double) -> String {
    "\((value * 10).rounded() / 10) s"
  }
}

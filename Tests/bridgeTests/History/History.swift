internal import HotConfig
internal import Synchronization

/// Everything that is known of a run: what writers have committed, what was published, and what each
/// pod has applied. Told from any task; judged at the end by `Judge`.
final class History: Sendable {
  /// Names a value in the database.
  struct Key: Sendable, Hashable, CustomStringConvertible {
    var orgID: Int64
    var service: String
    var key: String

    var description: String { "\(orgID)/\(service)/\(key)" }
  }

  /// A write, as its writer saw it end.
  struct Commit: Sendable, Equatable {
    enum Certainty: Sendable {
      /// COMMIT was acknowledged.
      case committed
      /// The connection was lost before the answer, or the history that it belongs to is given up.
      case unknown
    }

    var key: Key
    /// Not known where the answer is missing.
    var version: Int64?
    /// `nil` is a tombstone.
    var value: String?
    var certainty: Certainty
  }

  /// A message on Redis.
  struct Publication: Sendable, Equatable {
    var channel: String
    var payload: String
  }

  /// A value that a pod has swapped in.
  struct Application: Sendable, Equatable {
    /// The epoch of the load that it came with.
    var epoch: Int64
    var key: Key
    /// `nil`: the key is gone.
    var version: Int64?
    var value: String?
  }

  private struct State {
    var commits: [Commit] = []
    var publications: [Publication] = []
    /// Whose commits were taken back, each time; `nil` is everybody's.
    var pardons: [Int64?] = []
    var recordings = 0
  }

  private let state = Mutex(State())

  var commits: [Commit] { state.withLock { $0.commits } }
  var publications: [Publication] { state.withLock { $0.publications } }

  /// Where the commits end now, for `forgive(from:)`.
  var mark: Int { state.withLock { $0.commits.count } }

  /// How often commits were taken back so far: what a writer notes before it writes.
  var pardons: Int { state.withLock { $0.pardons.count } }

  /// How often the recorder of what is published has begun to hear: once, and after each loss.
  var recordings: Int { state.withLock { $0.recordings } }

  func records() { state.withLock { $0.recordings += 1 } }

  /// - Parameter pardons: As they were before. What was acknowledged before a failure, and is told after it,
  ///   may be lost, too.
  func wrote(_ commits: [Commit], since pardons: Int? = nil) {
    state.withLock { state in
      let meanwhile = state.pardons.dropFirst(pardons ?? state.pardons.count)
      state.commits += commits.map { commit in
        var commit = commit
        if meanwhile.contains(where: { $0 == nil || $0 == commit.key.orgID }) {
          commit.certainty = .unknown
        }
        return commit
      }
    }
  }

  func heard(_ publication: Publication) { state.withLock { $0.publications.append(publication) } }

  /// A failure has rightly taken back what was committed since `mark`: it may be lost, and may be there.
  /// - Parameter orgID: Only of this organisation; `nil`: of all.
  func forgive(from mark: Int, of orgID: Int64? = nil) {
    state.withLock { state in
      state.pardons.append(orgID)
      for index in mark..<state.commits.count
      where orgID == nil || state.commits[index].key.orgID == orgID {
        state.commits[index].certainty = .unknown
      }
    }
  }

  /// What was published so far has been judged; it is not needed again.
  func forgetPublications() { state.withLock { $0.publications = [] } }

  /// What was published so far has been judged. What is needed again is kept: the newest announcement of
  /// each key, of the epoch that holds.
  func condense(epoch: Int64) {
    state.withLock { state in
      var newest: [String: (version: Int64, publication: Publication)] = [:]
      for publication in state.publications {
        guard
          case .announcement(let service, let key, let version, let orgID, let position)? =
            FeedMessage(channel: publication.channel, payload: publication.payload),
          position.epoch == epoch
        else { continue }
        let name = "\(orgID)/\(service)/\(key)"
        if version >= newest[name]?.version ?? 0 { newest[name] = (version, publication) }
      }
      state.publications = newest.values.map(\.publication)
    }
  }
}

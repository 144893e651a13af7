internal import HotConfig

/// What the bridge does next. Takes what happened, returns what is to be done; knows no clock, no
/// socket and no task.
///
/// Order that nothing may change: read → publish, every reply checked → advance the durable cursor.
/// A bridge that dies in between leaves the cursor where it was, and the next one publishes again.
struct BridgeLoop: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// How often the lead is renewed and heartbeats are published.
  static let beat = Duration.seconds(1)
  /// How long the lead lasts without renewal: three missed beats, then another bridge takes over.
  static let lease = Duration.seconds(4)

  enum Action: Sendable, Equatable {
    /// Take or renew the lead.
    case lead
    /// Publish these and check every reply.
    case publish([FeedMessage])
    /// Read the feed.
    case read(incarnation: Int64)
    /// Move the cursor past the batch.
    case advance(incarnation: Int64, Feed.Batch, seqs: [String: Int64])
    /// Wait for a NOTIFY, at most until then.
    case wait(until: Instant)
  }

  enum Event: Sendable {
    case answered(Feed.Lead, seqs: [String: Int64])
    case published
    case wasRead(Feed.Batch)
    case advanced
    case notified
    case timedOut
    /// The cursor is another incarnation's (AR410).
    case leadLost
  }

  private enum Phase: Sendable {
    case standby
    case leading(incarnation: Int64, epoch: Int64)
  }

  private enum Pending: Sendable {
    case nothing
    case heartbeat
    case read
    case publishing(Feed.Batch)
    case advancing(Feed.Batch, [String: Int64])
  }

  private var phase = Phase.standby
  private var pending = Pending.nothing
  private var leadAt: Instant?
  private(set) var seqs: [String: Int64] = [:]

  /// Whether this bridge leads, as far as it knows.
  var leads: Bool {
    if case .leading = phase { true } else { false }
  }

  /// What is to be done now.
  func next(at now: Instant) -> Action {
    guard let leadAt, now < leadAt else { return .lead }
    guard case .leading(let incarnation, let epoch) = phase else { return .wait(until: leadAt) }
    switch pending {
    case .nothing:
      return .wait(until: leadAt)
    case .heartbeat:
      return .publish(heartbeats(incarnation: incarnation, epoch: epoch))
    case .read:
      return .read(incarnation: incarnation)
    case .publishing(let batch):
      return .publish(batch.messages)
    case .advancing(let batch, let seqs):
      return .advance(incarnation: incarnation, batch, seqs: seqs)
    }
  }

  /// Takes what came of the last action.
  mutating func handle(_ event: Event, at now: Instant) {
    switch event {
    case .answered(.theirs, _):
      phase = .standby
      pending = .nothing
      leadAt = now + Self.beat
    case .answered(.ours(let incarnation, let epoch), let seqs):
      phase = .leading(incarnation: incarnation, epoch: epoch)
      self.seqs = seqs
      leadAt = now + Self.beat
      // A batch in hand is read again: its numbers may be another epoch's by now.
      pending = .heartbeat
    case .published:
      switch pending {
      case .publishing(let batch):
        let last = batch.messages.reduce(into: [String: Int64]()) { last, message in
          if case .announcement(let service, _, _, _, let position) = message {
            last[service] = max(last[service] ?? 0, position.seq)
          }
        }
        pending = .advancing(batch, last)
      case .heartbeat:
        // The poll: whatever NOTIFY was lost, it is found within a beat.
        pending = .read
      case .nothing, .read, .advancing:
        break
      }
    case .wasRead(let batch):
      pending = batch.messages.isEmpty ? .nothing : .publishing(batch)
    case .advanced:
      if case .advancing(_, let last) = pending {
        seqs.merge(last) { _, new in new }
      }
      // Read until nothing is new: more may have been committed meanwhile.
      pending = .read
    case .notified:
      if leads { pending = .read }
    case .timedOut:
      break
    case .leadLost:
      phase = .standby
      pending = .nothing
      leadAt = nil
    }
  }

  /// Every connection is new: take the lead again, and with it the durable cursor.
  mutating func restart() {
    phase = .standby
    pending = .nothing
    leadAt = nil
  }

  private func heartbeats(incarnation: Int64, epoch: Int64) -> [FeedMessage] {
    seqs.sorted { $0.key < $1.key }.map { service, seq in
      .heartbeat(
        service: service,
        FeedMessage.Position(epoch: epoch, incarnation: incarnation, seq: seq))
    }
  }
}

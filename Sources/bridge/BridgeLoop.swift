internal import HotConfig

/// What the bridge does next. Takes what happened, returns what is to be done; knows no clock, no
/// socket and no task.
///
/// Order that nothing may change: read → publish, every reply checked → advance the durable cursor.
/// A bridge that dies in between leaves the cursor where it was, and the next one publishes again.
///
/// After a change it is awake: it reads every few milliseconds, and no writer wakes it. When nothing
/// comes for a while, it asks whether it may sleep, reads once more, and waits for a NOTIFY.
struct BridgeLoop: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// How often the lead is renewed and heartbeats are published.
  static let beat = Duration.seconds(1)
  /// How long the lead lasts without renewal: after three missed beats another bridge takes over,
  /// which asks once a beat.
  static let lease = Duration.seconds(3)
  /// How often it reads while awake.
  static let poll = Duration.milliseconds(4)
  /// How long it stays awake without anything new.
  static let vigil = Duration.milliseconds(100)

  enum Action: Sendable, Equatable {
    /// Take or renew the lead.
    case lead
    /// Publish these and check every reply.
    case publish([FeedMessage])
    /// Read the feed.
    case read(incarnation: Int64)
    /// Move the cursor past the batch.
    case advance(incarnation: Int64, Feed.Batch, seqs: [String: Int64])
    /// Tell writers that nobody has to wake it.
    case wake(incarnation: Int64)
    /// Ask whether it may sleep.
    case sleep(incarnation: Int64)
    /// Wait for a NOTIFY, at most until then.
    case wait(until: Instant)
  }

  enum Event: Sendable {
    case answered(Feed.Lead, seqs: [String: Int64])
    case published
    case wasRead(Feed.Batch)
    case advanced
    case awake
    /// Whether writers will wake it from now on.
    case slept(Bool)
    case notified
    /// The bridge that led has given up the lead.
    case resigned
    case timedOut
    /// The cursor is another incarnation's (AR410).
    case leadLost
  }

  /// Whether writers wake it.
  private enum Attention: Sendable {
    /// Another bridge may have left it either way.
    case unknown
    case asleep
    /// Reads every few milliseconds, until then at least.
    case awake(until: Instant)
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
    case waking
  }

  private var phase = Phase.standby
  private var attention = Attention.unknown
  private var readAt: Instant?
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
      switch attention {
      case .asleep:
        return .wait(until: leadAt)
      case .awake(let until) where now < until:
        let pollAt = (readAt ?? now) + Self.poll
        return pollAt <= now ? .read(incarnation: incarnation) : .wait(until: min(leadAt, pollAt))
      case .awake, .unknown:
        return .sleep(incarnation: incarnation)
      }
    case .waking:
      return .wake(incarnation: incarnation)
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
      if !leads { attention = .unknown }
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
      case .nothing, .read, .advancing, .waking:
        break
      }
    case .wasRead(let batch):
      readAt = now
      pending = batch.messages.isEmpty ? .nothing : .publishing(batch)
    case .advanced:
      if case .advancing(_, let last) = pending {
        seqs.merge(last) { _, new in new }
      }
      // More may have been committed meanwhile, and more will be: it stays awake.
      if case .awake = attention { pending = .read } else { pending = .waking }
      attention = .awake(until: now + Self.vigil)
    case .awake:
      pending = .read
    case .slept(true):
      attention = .asleep
      pending = .read
    case .slept(false):
      attention = .awake(until: now + Self.vigil)
    case .notified:
      if leads { pending = .read }
    case .resigned:
      if !leads { leadAt = nil }
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

internal import HotConfig

/// What the bridge does next. Takes what happened, returns what is to be done; knows no clock, no
/// socket and no task.
///
/// Order that nothing may change: read → publish, every reply checked → advance the durable cursor.
/// A bridge that dies in between leaves the cursor where it was, and the next one publishes again.
///
/// After a change it is awake: it reads every few milliseconds, and no writer wakes it. When nothing
/// comes for a while, it asks whether it may sleep, reads once more, and waits for a NOTIFY. It never
/// sleeps where it would not hear one.
struct BridgeLoop: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// How often the lead is renewed and heartbeats are published.
  static let beat = Duration.seconds(1)
  /// How long the lead lasts without renewal: after three missed beats another bridge takes over,
  /// which asks once a beat.
  static let lease = Duration.seconds(3)
  /// How often it reads while awake.
  static let poll = Duration.milliseconds(2)
  /// How long it stays awake without anything new. Changes that come further apart are heard of by NOTIFY,
  /// sooner than by the next read; what that costs writers shows only where they are many.
  static let vigil = Duration.milliseconds(10)
  /// How much is published at once: the lead is renewed in between, however much there is.
  static let portion = 1000
  /// How often it reads when nothing comes and it cannot be woken.
  static let deafPoll = Duration.milliseconds(50)

  enum Action: Sendable, Equatable {
    /// Take or renew the lead.
    case lead
    /// Send a NOTIFY that the listener must hear.
    case call(Int)
    /// Give every connection up: the listener's is dead.
    case reconnect
    /// Read what was announced lately.
    case replay(incarnation: Int64)
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
    /// Wait for a sound, at most until then.
    case wait(until: Instant)
  }

  enum Event: Sendable {
    case answered(Feed.Lead, seqs: [String: Int64])
    case called
    case wasReplayed([FeedMessage])
    /// - Parameter reached: How many subscribers each message had.
    case published(reached: [Int64])
    case wasRead(Feed.Batch)
    case advanced
    case awake
    /// Whether writers will wake it from now on.
    case slept(Bool)
    case heard(Listener.Sound)
    case waited
    /// The cursor is another incarnation's (AR410).
    case leadLost
  }

  /// Whether writers wake it.
  private enum Attention: Sendable {
    /// Another bridge may have left it either way.
    case unknown
    case asleep
    /// Reads every few milliseconds until then, and on if it may not sleep.
    case awake(until: Instant)
  }

  private enum Phase: Sendable {
    case standby
    case leading(incarnation: Int64, epoch: Int64)
  }

  private enum Pending: Sendable {
    case nothing
    case replay
    /// Those are left.
    case republishing(ArraySlice<FeedMessage>)
    case read
    case publishing(Feed.Batch, rest: ArraySlice<FeedMessage>)
    case advancing(Feed.Batch, [String: Int64])
    case waking
  }

  private var phase = Phase.standby
  private var attention = Attention.unknown
  private var hearing = Hearing()
  private var hasReplayed = false
  private var readAt: Instant?
  private var pending = Pending.nothing
  /// Heartbeats come before what is pending, which they do not disturb.
  private var isBeatDue = false
  private var leadAt: Instant?
  private(set) var seqs: [String: Int64] = [:]
  /// How many the last heartbeat of each service has reached.
  private var subscribers: [String: Int64] = [:]

  /// Whether this bridge leads, as far as it knows.
  var leads: Bool {
    if case .leading = phase { true } else { false }
  }

  /// Whether NOTIFY does not reach this bridge, so that it polls.
  func isDeaf(at now: Instant) -> Bool { hearing.isDeaf(at: now) }

  /// What is to be done now.
  func next(at now: Instant) -> Action {
    if hearing.isLost(at: now) { return .reconnect }
    guard let leadAt, now < leadAt else { return .lead }
    if case .leading(let incarnation, let epoch) = phase {
      if isBeatDue { return .publish(heartbeats(incarnation: incarnation, epoch: epoch)) }
      switch pending {
      case .nothing: break
      case .replay: return .replay(incarnation: incarnation)
      case .republishing(let rest), .publishing(_, let rest):
        return .publish(Array(rest.prefix(Self.portion)))
      case .read: return .read(incarnation: incarnation)
      case .advancing(let batch, let seqs):
        return .advance(incarnation: incarnation, batch, seqs: seqs)
      case .waking: return .wake(incarnation: incarnation)
      }
    }
    let callAt = hearing.callDue(at: now)
    if callAt <= now { return .call(hearing.nextCall) }
    let beatAt = min(leadAt, callAt)
    guard case .leading(let incarnation, _) = phase else { return .wait(until: beatAt) }
    return idle(at: now, until: beatAt, incarnation: incarnation)
  }

  /// What is to be done while nothing is in hand.
  private func idle(at now: Instant, until beatAt: Instant, incarnation: Int64) -> Action {
    let period: Duration
    switch attention {
    case .asleep: return .wait(until: beatAt)
    case .awake(let until) where now < until: period = Self.poll
    case .awake, .unknown:
      if hearing.isProven { return .sleep(incarnation: incarnation) }
      if case .unknown = attention { return .wake(incarnation: incarnation) }
      period = Self.deafPoll
    }
    let pollAt = (readAt ?? now) + period
    return pollAt <= now ? .read(incarnation: incarnation) : .wait(until: min(beatAt, pollAt))
  }

  /// Takes what came of the last action.
  mutating func handle(_ event: Event, at now: Instant) {
    switch event {
    case .answered(.theirs, _):
      standBy()
      leadAt = now + Self.beat
    case .answered(.ours(let incarnation, let epoch), let seqs):
      if case .leading(incarnation, epoch) = phase {
        // A batch in hand is still right. Dropped, it would be read and published again, and, if that takes
        // longer than a beat, for ever.
      } else {
        attention = .unknown
        hasReplayed = false
        pending = .nothing
      }
      phase = .leading(incarnation: incarnation, epoch: epoch)
      self.seqs = seqs
      leadAt = now + Self.beat
      isBeatDue = true
    case .called:
      hearing.called(at: now)
    case .wasReplayed(let messages):
      hasReplayed = true
      pending = messages.isEmpty ? .read : .republishing(messages[...])
    case .published(let reached):
      published(reached)
    case .wasRead(let batch):
      readAt = now
      pending = batch.messages.isEmpty ? .nothing : .publishing(batch, rest: batch.messages[...])
    case .advanced:
      if case .advancing(_, let last) = pending {
        seqs.merge(last) { _, new in new }
      }
      // More may have been committed meanwhile, and more will be: it stays awake.
      if case .awake = attention { pending = .read } else { pending = .waking }
      attention = .awake(until: now + Self.vigil)
    case .awake:
      if case .unknown = attention { attention = .awake(until: now) }
      pending = .read
    case .slept(true):
      attention = .asleep
      pending = .read
    case .slept(false):
      attention = .awake(until: now + Self.vigil)
    case .heard(let sound):
      heard(sound)
    case .waited:
      break
    case .leadLost:
      standBy()
      leadAt = nil
    }
  }

  private mutating func standBy() {
    phase = .standby
    pending = .nothing
    isBeatDue = false
  }

  private mutating func published(_ reached: [Int64]) {
    if isBeatDue {
      isBeatDue = false
      subscribers = Dictionary(
        zip(seqs.keys.sorted(), reached), uniquingKeysWith: { _, new in new })
      // The poll: whatever NOTIFY was lost, it is found within a beat.
      if case .nothing = pending { pending = hasReplayed ? .read : .replay }
      return
    }
    switch pending {
    case .publishing(let batch, let rest):
      let rest = rest.dropFirst(Self.portion)
      guard rest.isEmpty else {
        pending = .publishing(batch, rest: rest)
        return
      }
      let last = batch.messages.reduce(into: [String: Int64]()) { last, message in
        if case .announcement(let service, _, _, _, let position) = message {
          last[service] = max(last[service] ?? 0, position.seq)
        }
      }
      pending = .advancing(batch, last)
    case .republishing(let rest):
      let rest = rest.dropFirst(Self.portion)
      pending = rest.isEmpty ? .read : .republishing(rest)
    case .nothing, .replay, .read, .advancing, .waking:
      break
    }
  }

  private mutating func heard(_ sound: Listener.Sound) {
    switch sound {
    case .change:
      // What is in hand comes first; after it the feed is read again anyway.
      if leads, !isBeatDue, case .nothing = pending { pending = .read }
    case .resignation:
      if !leads { leadAt = nil }
    case .call(let number):
      hearing.heard(number)
    }
  }

  private func heartbeats(incarnation: Int64, epoch: Int64) -> [FeedMessage] {
    seqs.sorted { $0.key < $1.key }.map { service, seq in
      .heartbeat(
        service: service,
        FeedMessage.Position(epoch: epoch, incarnation: incarnation, seq: seq),
        subscribers: subscribers[service])
    }
  }
}

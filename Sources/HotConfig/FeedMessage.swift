/// What the bridge publishes: an announcement that a key has a new version, or a heartbeat.
///
/// Neither carries a value. The payload is words of the form `name=number`, the first of which is
/// `version` in an announcement; unknown words are passed over, so that later versions may add some.
public enum FeedMessage: Sendable, Equatable {
  /// `config:ai:threshold` → `version=5 org_id=123 epoch=1 inc=7 seq=42`
  case announcement(service: String, key: String, version: Int64, orgID: Int64, Position)
  /// `config:ai:_hb` → `epoch=1 inc=7 seq=42 subs=1000`
  /// - Parameter subscribers: How many the last heartbeat has reached; `nil` before the first.
  case heartbeat(service: String, Position, subscribers: Int64? = nil)

  /// Where in its service's feed a message stands.
  public struct Position: Sendable, Equatable {
    /// Rises when the database is not the one the feed knew; versions compare within an epoch.
    public var epoch: Int64
    /// Rises with every bridge that takes the lead.
    public var incarnation: Int64
    /// Number of the last announcement of this service.
    public var seq: Int64

    /// A position as the bridge tells it.
    public init(epoch: Int64, incarnation: Int64, seq: Int64) {
      self.epoch = epoch
      self.incarnation = incarnation
      self.seq = seq
    }
  }

  /// The key that no configuration can have, kept for the heartbeat.
  public static let heartbeatKey = "_hb"

  /// A channel that no subscriber's pattern covers, on which a bridge tries its right to publish.
  public static let checkChannel = "config:_check"

  /// The pattern that covers every message of a service; a pod's Redis user may subscribe to it alone.
  public static func pattern(service: String) -> String { "config:\(service):*" }

  /// The position in the feed.
  public var position: Position {
    switch self {
    case .announcement(_, _, _, _, let position), .heartbeat(_, let position, _): position
    }
  }

  /// The Redis channel.
  public var channel: String {
    switch self {
    case .announcement(let service, let key, _, _, _): "config:\(service):\(key)"
    case .heartbeat(let service, _, _): "config:\(service):\(Self.heartbeatKey)"
    }
  }

  /// The message's text.
  public var payload: String {
    let tail = "epoch=\(position.epoch) inc=\(position.incarnation) seq=\(position.seq)"
    return switch self {
    case .announcement(_, _, let version, let orgID, _):
      "version=\(version) org_id=\(orgID) \(tail)"
    case .heartbeat(_, _, let subscribers): subscribers.map { "\(tail) subs=\($0)" } ?? tail
    }
  }

  /// Reads a message from Redis; `nil` if it is not one of the bridge's.
  public init?(channel: String, payload: String) {
    let parts = channel.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "config", !parts[1].isEmpty, !parts[2].isEmpty else {
      return nil
    }
    var numbers: [Substring: Int64] = [:]
    for word in payload.split(separator: " ") {
      let pair = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else { continue }
      numbers[pair[0]] = Int64(pair[1])
    }
    guard let epoch = numbers["epoch"], let incarnation = numbers["inc"], let seq = numbers["seq"]
    else { return nil }
    let position = Position(epoch: epoch, incarnation: incarnation, seq: seq)
    if parts[2] == Self.heartbeatKey {
      self = .heartbeat(service: String(parts[1]), position, subscribers: numbers["subs"])
    } else if let version = numbers["version"], let orgID = numbers["org_id"] {
      self = .announcement(
        service: String(parts[1]), key: String(parts[2]), version: version, orgID: orgID, position)
    } else {
      return nil
    }
  }
}

/// What the bridge cannot go on with.
enum BridgeError: Error, CustomStringConvertible {
  /// A function that always returns a row returned none.
  case emptyAnswer(String)
  /// Redis refused a PUBLISH or answered something else than a number.
  case publishRefused(channel: String, reply: String)
  /// Redis took it, but is no master, so nobody else has heard of it.
  case publishedOnReplica(role: String)
  /// Redis does not say whether it is a master.
  case roleRefused(reply: String)
  /// The database has not said in time who leads; it is given more time the next time.
  case leadTakesLong(Duration)
  /// The listener's connection does not hear NOTIFY any more.
  case listenerIsLost

  var description: String {
    switch self {
    case .emptyAnswer(let function): "\(function) returned no row"
    case .publishRefused(let channel, let reply): "Redis refused PUBLISH \(channel): \(reply)"
    case .publishedOnReplica(let role): "Redis is no master any more but a \(role)"
    case .roleRefused(let reply): "Redis does not answer ROLE: \(reply)"
    case .leadTakesLong(let time): "config.feed_lead did not answer within \(time)"
    case .listenerIsLost: "NOTIFY no longer comes back; the connection that listens is lost"
    }
  }
}

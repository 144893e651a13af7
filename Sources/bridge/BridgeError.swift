/// What the bridge cannot go on with.
enum BridgeError: Error, CustomStringConvertible {
  /// A function that always returns a row returned none.
  case emptyAnswer(String)
  /// Redis refused a PUBLISH or answered something else than a number.
  case publishRefused(channel: String, reply: String)

  var description: String {
    switch self {
    case .emptyAnswer(let function): "\(function) returned no row"
    case .publishRefused(let channel, let reply): "Redis refused PUBLISH \(channel): \(reply)"
    }
  }
}

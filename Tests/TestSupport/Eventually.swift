/// Asks again and again until something is so. Fails, by throwing, when it does not come about.
public func eventually(
  within limit: Duration = .seconds(20), _ what: @autoclosure () -> String = "it",
  _ condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + limit
  while true {
    if try await condition() { return }
    guard ContinuousClock.now < end else {
      throw TestSupportError("did not come about within \(limit): \(what())")
    }
    try await Task.sleep(for: .milliseconds(20))
  }
}

/// Asks again and again until something is so. Fails, by throwing, when it does not come about: the
/// limit is what a machine that is busy with several suites never needs, and costs only a test that
/// fails.
public func eventually(
  within limit: Duration = .seconds(60), _ what: @autoclosure () -> String = "it",
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

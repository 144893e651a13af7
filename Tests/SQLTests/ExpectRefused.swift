internal import TestSupport
internal import Testing

/// Expects that `body` is refused with an SQLSTATE.
func expectRefused(
  _ state: String, _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws -> Void
) async {
  let actual = await sqlState(body)
  #expect(actual == state, "\(comment)", sourceLocation: sourceLocation)
}

internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import bridge

/// The handshake by which writers know whether the bridge has to be woken, step by step.
@Suite(.timeLimit(.minutes(2))) struct WakeUpTests {
  /// What takes part: the bridge's session, and two of applications, one of which is in a transaction.
  private struct Cast {
    let feed: Feed
    let incarnation: Int64
    let app: PostgresConnection
    let other: PostgresConnection
    let database: TestDatabase

    /// Whether a NOTIFY has come since the last question.
    func wasNotified() async throws -> Bool {
      var found = false
      while try await feed.connection.nextNotification(timeout: .milliseconds(found ? 0 : 50))
        != nil
      {
        found = true
      }
      return found
    }

    func set(_ value: String, by connection: PostgresConnection? = nil) async throws {
      try await (connection ?? app).query(
        "SELECT api.set_config('features', 'flag', $1, 'test')", [.text(value)])
    }

    /// How many rows the cursor has not seen.
    func unread() async throws -> Int {
      try await feed.read(incarnation: incarnation).messages.count
    }
  }

  private func play(_ body: (Cast) async throws -> Void) async throws {
    let database = try await TestDatabase.create(.migrated)
    let owner = try await database.connect()
    let org = try await owner.createOrganization("acme")
    await owner.close()
    let feed = Feed(connection: try await database.connect(as: "bridge"))
    try await feed.connection.query("LISTEN \(Feed.channel)")
    guard
      case .ours(let incarnation, _) = try await feed.lead(instance: "one", lease: .seconds(60)).0
    else {
      Issue.record("no lead")
      return
    }
    let app = try await database.connect(as: "app")
    let other = try await database.connect(as: "app")
    for connection in [app, other] {
      try await connection.execute("SET app.current_org = \(org)")
    }
    let cast = Cast(
      feed: feed, incarnation: incarnation, app: app, other: other, database: database)
    // The first lead of a database stamps every row anew, which notifies, too.
    #expect(try await cast.wasNotified())
    try await body(cast)
    for connection in [feed.connection, app, other] { await connection.close() }
    try await database.drop()
  }

  @Test func aSleepingBridgeIsWokenAndAnAwakeOneIsNot() async throws {
    try await play { cast in
      try await cast.set("true")
      #expect(try await cast.wasNotified(), "nobody has said that he is awake")
      try await cast.feed.wake(incarnation: cast.incarnation)
      try await cast.set("false")
      #expect(try await !cast.wasNotified())
      #expect(try await cast.feed.sleep(incarnation: cast.incarnation))
      try await cast.set("true")
      #expect(try await cast.wasNotified())
    }
  }

  @Test func itStaysAwakeWhileAWriterThatHasNotNotifiedIsOpen() async throws {
    try await play { cast in
      try await cast.feed.wake(incarnation: cast.incarnation)
      try await cast.other.execute("BEGIN")
      try await cast.set("true", by: cast.other)
      let before = try await cast.unread()
      #expect(try await !cast.feed.sleep(incarnation: cast.incarnation))
      // It is awake all the same, and is not woken.
      try await cast.other.execute("SAVEPOINT s")
      try await cast.set("false", by: cast.other)
      try await cast.other.execute("ROLLBACK TO s")
      #expect(try await !cast.feed.sleep(incarnation: cast.incarnation))
      try await cast.other.execute("COMMIT")
      #expect(try await cast.feed.sleep(incarnation: cast.incarnation))
      #expect(try await !cast.wasNotified())
      #expect(try await cast.unread() == before + 1)
    }
  }

  @Test func aWriterThatCannotTakeTheLockNotifies() async throws {
    try await play { cast in
      try await cast.feed.wake(incarnation: cast.incarnation)
      // As the bridge does for an instant, between the flag and its answer.
      let owner = try await cast.database.connect()
      try await owner.query("SELECT pg_advisory_lock(config.feed_lock())")
      try await cast.set("true")
      #expect(try await cast.wasNotified())
      await owner.close()
    }
  }

  @Test func theFlagIsThatOfNowInAnOldSnapshotToo() async throws {
    try await play { cast in
      try await cast.feed.wake(incarnation: cast.incarnation)
      try await cast.other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT now()")
      #expect(try await cast.feed.sleep(incarnation: cast.incarnation))
      try await cast.set("true", by: cast.other)
      try await cast.other.execute("COMMIT")
      #expect(try await cast.wasNotified())
    }
  }

  @Test func anotherIncarnationChangesNothing() async throws {
    try await play { cast in
      try await cast.feed.wake(incarnation: cast.incarnation)
      for change in [cast.feed.wake, { _ = try await cast.feed.sleep(incarnation: $0) }] {
        await #expect { try await change(cast.incarnation - 1) } throws: {
          ($0 as? PostgresError)?.sqlState == "AR410"
        }
      }
      try await cast.set("true")
      #expect(try await !cast.wasNotified())
      // Who resigns leaves nobody awake, and says so.
      try await cast.feed.resign(instance: "one")
      let notification = try await cast.feed.connection.nextNotification(timeout: .seconds(5))
      #expect(notification?.payload == Feed.resigned)
      try await cast.set("false")
      #expect(try await cast.wasNotified())
    }
  }
}

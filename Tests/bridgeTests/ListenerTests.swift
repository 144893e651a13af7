internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import bridge

/// What the bridge's ear makes of NOTIFY. That nothing else shows: a bridge that heard no change would
/// find it within a second all the same.
@Suite(.timeLimit(.minutes(2))) struct ListenerTests {
  @Test func itHearsChangesCallsOfItsOwnAndResignations() async throws {
    try await TestDatabase.with(.migrated) { database in
      let listener = try await Listener.connect(
        PostgresConfiguration(conninfo: database.conninfo(user: "bridge")), instance: "one of two")
      func heard(_ sound: Listener.Sound) async throws {
        var sounds: [Listener.Sound] = []
        try await eventually("\(sound)") {
          sounds += try listener.takeSounds()
          return sounds.contains(sound)
        }
        #expect(sounds == [sound])
      }
      let bridge = try await database.connect(as: "bridge")
      let feed = Feed(connection: bridge)
      _ = try await feed.lead(instance: "two", lease: .seconds(60))
      // The first lead of a database stamps every row anew.
      try await heard(.change)
      let app = try await database.connect(as: "app")
      let org = try await app.createOrganization("acme")
      try await app.execute("SET app.current_org = \(org)")
      try await heard(.change)
      try await app.query(
        "INSERT INTO service_configs (service, key, value) VALUES ('features', 'flag', 'true')")
      try await heard(.change)
      // Another one's call is none of its business.
      try await feed.call(Listener.Call(instance: "two", number: 3))
      try await feed.call(Listener.Call(instance: "one of two", number: 4))
      try await heard(.call(4))
      try await feed.resign(instance: "two")
      try await heard(.resignation)
      await listener.close()
      for connection in [bridge, app] { await connection.close() }
    }
  }
}

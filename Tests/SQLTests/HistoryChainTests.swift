internal import Postgres
internal import TestSupport
internal import Testing

/// Sealing the history while others write, and partitions made while others write. What a chain proves
/// is tested in Tests/SQL/history.sql.
extension HistoryTests {
  @Suite struct HistoryChainTests {
    private func tenant(
      _ database: TestDatabase, _ org: Int64, as user: String = "app"
    ) async throws -> PostgresConnection {
      let connection = try await database.connect(as: user)
      try await connection.execute("SET app.current_org = \(org)")
      return connection
    }

    private func seal(_ connection: PostgresConnection, _ limit: Int = 10_000) async throws -> Int {
      try #require(
        try await connection.value("SELECT config.seal_history(\(limit))").flatMap { Int($0) })
    }

    private func sealAll(_ connection: PostgresConnection) async throws {
      while try await seal(connection) > 0 {}
    }

    private func findings(_ connection: PostgresConnection) async throws -> [String] {
      try await connection.query("SELECT format('%s', v) AS finding FROM admin.verify_chain() AS v")
        .map { $0["finding"] ?? "" }
    }

    /// The reasons in an organisation's chain, in its order.
    private func reasons(_ connection: PostgresConnection, _ org: Int64) async throws -> [String] {
      try await connection.query(
        """
        SELECT h.reason FROM config.history_chain AS c
        JOIN config.config_history AS h ON h.org_id = c.org_id AND h.history_id = c.history_id
        WHERE c.org_id = \(org) AND h.service <> 'quota' ORDER BY c.position
        """
      ).map { $0["reason"] ?? "" }
    }

    @Test(arguments: ["open", "prepared", "elsewhere"])
    func nothingIsSealedBehindAnOlderTransaction(_ older: String) async throws {
      try await HistoryTests.withDatabase { database in
        let owner = try await database.connect()
        let org = try await owner.createOrganization("acme")
        try await sealAll(owner)
        let first = try await tenant(database, org)
        let second = try await tenant(database, org)
        let dba = try await database.connect(as: "dba")

        try await first.execute("BEGIN; SET LOCAL app.wake_up = off")
        if older == "elsewhere" {
          // Any writing transaction of the cluster, for all the sealer knows.
          try await first.query("SELECT pg_current_xact_id()")
        } else {
          try await first.query("SELECT api.set_config('ai', 'threshold', '0.1', 'older')")
        }
        try await second.query("SELECT api.set_config('email', 'max_retries', '9', 'younger')")
        if older == "prepared" {
          try await first.execute("PREPARE TRANSACTION '\(database.name)'")
        }

        // What was left of the organisation's creation may be sealed.
        _ = try await seal(dba)
        #expect(try await findings(dba) == [])
        #expect(try await reasons(owner, org) == [])

        try await first.execute(
          older == "prepared" ? "COMMIT PREPARED '\(database.name)'" : "COMMIT")
        // Another database of the cluster may hold the horizon for a moment.
        try await eventually(within: .seconds(150)) {
          _ = try await seal(dba)
          return try await reasons(owner, org)
            == (older == "elsewhere" ? ["younger"] : ["older", "younger"])
        }
        #expect(try await findings(dba) == [])
        for connection in [owner, first, second, dba] { await connection.close() }
      }
    }

    @Test func sealersErasersAndWritersAtOnce() async throws {
      try await HistoryTests.withDatabase { database in
        let owner = try await database.connect()
        var orgs: [Int64] = []
        for number in 0..<4 { orgs.append(try await owner.createOrganization("org\(number)")) }
        let before = try await owner.value("SELECT count(*) FROM config.config_history")

        try await withThrowingTaskGroup { group in
          for writer in 0..<6 {
            let org = orgs[writer % orgs.count]
            group.addTask {
              let app = try await tenant(database, org)
              for round in 0..<40 {
                // A transaction of two, some of which end in nothing.
                try await app.execute("BEGIN")
                for key in ["a", "b"] {
                  try await app.query(
                    "SELECT api.set_config('features', $1, $2, $3)",
                    [
                      .text("\(key)\(writer)"), .text(round % 2 == 0 ? "true" : "false"),
                      .text("round \(round) by writer-\(writer)"),
                    ])
                }
                try await app.execute(round % 8 == 7 ? "ROLLBACK" : "COMMIT")
              }
              await app.close()
            }
          }
          for sealer in 0..<4 {
            group.addTask {
              let dba = try await database.connect(as: "dba")
              for _ in 0..<40 { _ = try await seal(dba, 1 + sealer * 13) }
              await dba.close()
            }
          }
          group.addTask {
            let dba = try await database.connect(as: "dba")
            for writer in 0..<6 {
              try await dba.query(
                "SELECT admin.erase_personal_data($1, 'request')", [.text("writer-\(writer)")])
            }
            await dba.close()
          }
          try await group.waitForAll()
        }
        try await eventually(within: .seconds(150)) {
          try await sealAll(owner)
          return try await owner.value("SELECT unsealed FROM admin.history_health()") == "0"
        }

        #expect(try await findings(owner) == [])
        let sealed = try await owner.query(
          """
          SELECT count(*) AS sealed,
            (SELECT count(*) FROM config.config_history) + (SELECT count(*) FROM config.history_erasures) AS rows
          FROM config.history_chain
          """)[0]
        #expect(sealed["sealed"] == sealed["rows"])
        // Of 40 rounds 5 were rolled back, and in a round that repeats a value nothing changes.
        let written = try await owner.value(
          "SELECT count(*) - \(before ?? "0") FROM config.config_history")
        #expect(written.flatMap { Int($0) } ?? 0 >= 6 * 2 * 30)
        let misplaced = try await owner.value(
          """
          SELECT count(*) FROM (
            SELECT h.xid, h.history_id, lag(h.xid) OVER w AS previous_xid, lag(h.history_id) OVER w AS previous_id
            FROM config.history_chain AS c
            JOIN config.config_history AS h ON h.org_id = c.org_id AND h.history_id = c.history_id
            WINDOW w AS (PARTITION BY c.org_id ORDER BY c.position)) AS s
          WHERE (s.xid, s.history_id) <= (s.previous_xid, s.previous_id)
          """)
        #expect(misplaced == "0", "the chain is in feed order")
        let jumps = try await owner.value(
          """
          SELECT count(*) FROM (
            SELECT h.version - lag(h.version, 1, 0::bigint) OVER w AS step
            FROM config.history_chain AS c
            JOIN config.config_history AS h ON h.org_id = c.org_id AND h.history_id = c.history_id
            WINDOW w AS (PARTITION BY h.org_id, h.config_id ORDER BY c.position)) AS s
          WHERE s.step <> 1
          """)
        #expect(jumps == "0", "in the chain, versions rise by one")
        await owner.close()
      }
    }

    @Test func anOrganisationThatIsBeingSealedKeepsNobodyWaiting() async throws {
      try await HistoryTests.withDatabase { database in
        let owner = try await database.connect()
        let held = try await owner.createOrganization("held")
        let free = try await owner.createOrganization("free")
        // Both have a head, which can be held, once something of theirs is sealed.
        try await eventually(within: .seconds(150)) {
          try await sealAll(owner)
          return try await owner.value("SELECT unsealed FROM admin.history_health()") == "0"
        }
        for org in [held, free] {
          let app = try await tenant(database, org)
          try await app.query("SELECT api.set_config('ai', 'threshold', '0.2', 'test')")
          await app.close()
        }
        let other = try await database.connect()
        // What another sealer or eraser holds; it has written nothing that sealing would wait for.
        try await other.execute(
          "BEGIN; SELECT FROM config.history_heads WHERE org_id = \(held) FOR UPDATE")
        // Its transaction has an id by now, below which everything is sealed.
        try await eventually(within: .seconds(150)) {
          _ = try await seal(owner)
          return try await reasons(owner, free) == ["test"]
        }
        #expect(try await reasons(owner, held) == [])
        #expect(try await findings(owner) == [])
        try await other.execute("COMMIT")
        try await eventually(within: .seconds(150)) {
          _ = try await seal(owner)
          return try await reasons(owner, held) == ["test"]
        }
        #expect(try await findings(owner) == [])
        for connection in [owner, other] { await connection.close() }
      }
    }

    @Test func sealerAndEraserKeepOutOfEachOthersWay() async throws {
      try await HistoryTests.withDatabase { database in
        let owner = try await database.connect()
        let org = try await owner.createOrganization("acme")
        // Something is sealed already: the chain has a head.
        try await eventually(within: .seconds(150)) {
          try await sealAll(owner)
          return try await owner.value("SELECT unsealed FROM admin.history_health()") == "0"
        }
        let app = try await tenant(database, org)
        try await app.query("SELECT api.set_config('ai', 'threshold', '0.1', 'asked by ann@acme')")
        let sealer = try await database.connect()
        // Sealed, but not committed.
        try await eventually(within: .seconds(150)) {
          try await sealer.execute("BEGIN")
          _ = try await seal(sealer)
          if try await reasons(sealer, org) == ["asked by ann@acme"] { return true }
          try await sealer.execute("COMMIT")
          return false
        }
        let eraser = try await database.connect(as: "dba")
        async let erased = eraser.value(
          "SELECT fields FROM admin.erase_personal_data('ann@acme', 'request')")
        try await eventually(within: .seconds(150)) {
          try await owner.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'dba' AND (wait_event_type = 'Lock' OR state = 'idle' AND query LIKE '%erase_personal_data%')"
          ) == "1"
        }
        try await sealer.execute("COMMIT")
        #expect(try await erased == "{reason}")
        #expect(try await reasons(owner, org) == ["[erased]"])
        #expect(try await findings(owner) == [])

        // And the other way round: erased, but not committed, a row is not sealed.
        try await app.query("SELECT api.set_config('ai', 'threshold', '0.2', 'asked by bob@acme')")
        try await eraser.execute("BEGIN")
        _ = try await eraser.query("SELECT admin.erase_personal_data('bob@acme', 'request')")
        for _ in 0..<3 { _ = try await seal(sealer) }
        #expect(try await reasons(sealer, org) == ["[erased]"])
        try await eraser.execute("COMMIT")
        try await eventually(within: .seconds(150)) {
          _ = try await seal(sealer)
          return try await reasons(owner, org) == ["[erased]", "[erased]"]
        }
        #expect(try await findings(owner) == [])
        for connection in [owner, app, sealer, eraser] { await connection.close() }
      }
    }

    @Test func onlyUnderReadCommitted() async throws {
      try await HistoryTests.withDatabase { database in
        let dba = try await database.connect(as: "dba")
        for statement in [
          "SELECT config.seal_history()",
          "SELECT admin.erase_personal_data('postgres', 'request')",
          "SELECT admin.erase_personal_data('default of', 'request')",
        ] {
          for level in ["REPEATABLE READ", "SERIALIZABLE"] {
            try await dba.execute("BEGIN ISOLATION LEVEL \(level)")
            await expectRefused("55000", "\(statement) \(level)") { try await dba.query(statement) }
            try await dba.execute("ROLLBACK")
          }
        }
        await dba.close()
      }
    }

    /// After a restore into another cluster, transaction ids of the history lie ahead of the cluster's own.
    @Test func aRestoredHistoryIsSealed() async throws {
      try await HistoryTests.withDatabase { database in
        let owner = try await database.connect()
        let org = try await owner.createOrganization("acme")
        let app = try await tenant(database, org)
        try await app.query("SELECT api.set_config('ai', 'threshold', '0.1', 'sealed before')")
        try await eventually(within: .seconds(150)) {
          _ = try await seal(owner)
          return try await reasons(owner, org) == ["sealed before"]
        }
        try await app.query("SELECT api.set_config('ai', 'threshold', '0.2', 'restored')")
        // What a restore would bring: a row that nobody has sealed, from far ahead, and a cursor from there.
        try await owner.execute(
          """
          BEGIN;
          ALTER TABLE config.config_history DISABLE TRIGGER ALL;
          UPDATE config.config_history SET xid = '5000000000000' WHERE reason = 'restored';
          ALTER TABLE config.config_history ENABLE ALWAYS TRIGGER erasure;
          ALTER TABLE config.config_history ENABLE ALWAYS TRIGGER append_only;
          ALTER TABLE config.config_history ENABLE ALWAYS TRIGGER once;
          UPDATE config.history_cursor SET sealed_before = '4000000000000', system = 1;
          COMMIT
          """)
        try await app.query("SELECT api.set_config('ai', 'threshold', '0.3', 'written here')")
        #expect(try await findings(owner) == [])
        try await eventually(within: .seconds(150)) {
          try await sealAll(owner)
          return try await reasons(owner, org).count == 3
        }
        #expect(
          Set(try await reasons(owner, org)) == ["sealed before", "restored", "written here"])
        #expect(try await findings(owner) == [])
        let cursor = try await owner.value(
          "SELECT sealed_before < pg_current_xact_id() FROM config.history_cursor")
        #expect(cursor == "t")
        for connection in [owner, app] { await connection.close() }
      }
    }

    @Test func partitionsAreMadeWhileOthersWriteAndRead() async throws {
      try await HistoryTests.withDatabase { database in
        let owner = try await database.connect()
        let org = try await owner.createOrganization("acme")
        try await withThrowingTaskGroup { group in
          for writer in 0..<4 {
            group.addTask {
              let app = try await tenant(database, org)
              for round in 0..<20 {
                // Reads history, then writes: locks in the order that could end in a deadlock.
                try await app.execute("BEGIN")
                try await app.query("SELECT count(*) FROM config_history")
                try await app.query(
                  "SELECT api.set_config('features', $1, $2, 'test')",
                  [.text("w\(writer)"), .text(round % 2 == 0 ? "true" : "false")])
                try await app.execute("COMMIT")
              }
              await app.close()
            }
          }
          group.addTask {
            let dba = try await database.connect(as: "dba")
            for months in 7..<11 {
              while let state = await sqlState({
                try await dba.query("SELECT admin.make_partitions(\(months))")
              }) {
                #expect(state == "55P03")
              }
            }
            await dba.close()
          }
          try await group.waitForAll()
        }
        let written = try await owner.value(
          "SELECT count(*) FROM config.config_history WHERE org_id = \(org) AND service = 'features'"
        )
        #expect(written == "80")
        let partitions = try await owner.value(
          "SELECT count(*) FROM pg_inherits WHERE inhparent = 'config.config_history'::regclass")
        #expect(partitions == "12", "eleven months and the default")
        await owner.close()
      }
    }
  }
}

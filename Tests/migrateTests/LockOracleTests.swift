internal import Foundation
internal import Postgres
internal import SQLScript
internal import TestSupport
internal import Testing

@testable internal import migrate

/// What `migrate plan` says of locks, held to what PostgreSQL takes (pg_locks).
@Suite(.timeLimit(.minutes(3))) struct LockOracleTests {
  private static let fixture = """
    CREATE SCHEMA s;
    CREATE TABLE a (n int PRIMARY KEY, m int, t text, CONSTRAINT m_is_positive CHECK (m > 0) NOT VALID);
    CREATE INDEX a_m ON a (m);
    CREATE TABLE b (n int PRIMARY KEY, m int);
    CREATE TABLE "A b" (n int);
    CREATE TABLE s.c (n int PRIMARY KEY);
    CREATE TABLE ruled (n int);
    CREATE RULE r AS ON UPDATE TO ruled DO ALSO SELECT 1;
    CREATE TABLE range (n int) PARTITION BY RANGE (n);
    CREATE TABLE range_1 PARTITION OF range FOR VALUES FROM (0) TO (10);
    CREATE TABLE range_rest PARTITION OF range DEFAULT;
    CREATE TABLE bare (n int) PARTITION BY RANGE (n);
    CREATE TABLE bare_1 PARTITION OF bare FOR VALUES FROM (0) TO (10);
    CREATE TABLE loose (n int);
    CREATE TABLE parent (n int, m int);
    CREATE TABLE child () INHERITS (parent);
    CREATE TABLE orphan (n int, m int);
    CREATE TABLE pointing (n int CONSTRAINT points REFERENCES b);
    CREATE VIEW v AS SELECT 1 AS n;
    CREATE MATERIALIZED VIEW mv AS SELECT 1 AS n;
    CREATE UNIQUE INDEX mv_n ON mv (n);
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f();
    CREATE POLICY p ON a;
    CREATE PUBLICATION pub;
    """

  /// Each in a transaction of its own, which is rolled back.
  private static let statements = [
    // Queries.
    "INSERT INTO s.c VALUES (1)", "INSERT INTO b VALUES (1, 1) ON CONFLICT (n) DO UPDATE SET m = 1",
    "UPDATE ONLY a SET m = 1", #"DELETE FROM "A b""#, "SELECT * FROM a", "VALUES (1)",
    "MERGE INTO b USING a ON a.n = b.n WHEN MATCHED THEN DELETE",
    "MERGE INTO ONLY orphan AS o USING (SELECT * FROM b FOR UPDATE) x ON o.n = x.n WHEN NOT MATCHED THEN INSERT VALUES (1, 1)",
    "WITH x AS (UPDATE a SET m = 1 RETURNING n) INSERT INTO b (n) SELECT n FROM x",
    "WITH x AS (DELETE FROM a RETURNING n), y (n) AS NOT MATERIALIZED (SELECT 1) SELECT * FROM x, y, b",
    "WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x WHERE n < 3) SEARCH DEPTH FIRST BY n SET o UPDATE a SET m = 1 FROM x",
    "INSERT INTO b (n) WITH x AS (SELECT * FROM a FOR UPDATE) SELECT n FROM x",
    "WITH a AS (SELECT * FROM a LIMIT 1 FOR UPDATE SKIP LOCKED) UPDATE b SET m = 1 FROM a WHERE a.n = b.n",
    "SELECT * FROM a FOR UPDATE",
    "SELECT * FROM a AS x JOIN b AS y ON x.n = y.n, s.c FOR NO KEY UPDATE OF y, c SKIP LOCKED",
    "SELECT * FROM a JOIN b USING (n, m), s.c FOR SHARE OF a FOR UPDATE OF c",
    "SELECT * FROM (SELECT n FROM a WHERE EXISTS (SELECT FROM parent)) AS x JOIN b USING (n) FOR KEY SHARE",
    "SELECT a IS DISTINCT FROM a, (SELECT extract(year FROM now())) FROM a FOR SHARE NOWAIT",
    "UPDATE a SET m = 1 WHERE n IN (SELECT n FROM b LIMIT 1 FOR UPDATE SKIP LOCKED)",
    "WITH x AS (SELECT * FROM a FOR UPDATE) SELECT * FROM x",
    "WITH x AS (SELECT 1 AS n) SELECT * FROM x JOIN b USING (n) FOR UPDATE",
    "SELECT * FROM (a CROSS JOIN b) FOR SHARE", "SELECT * FROM ONLY (orphan) FOR SHARE",
    "SELECT * FROM orphan, LATERAL (SELECT * FROM b) AS l, generate_series(1, 2) AS g FOR UPDATE",
    "INSERT INTO b SELECT 9, 1 FROM a FOR UPDATE",
    "EXPLAIN (ANALYZE, COSTS off) UPDATE a SET m = 1", "EXPLAIN ANALYZE VERBOSE DELETE FROM a",
    "PREPARE q (int) AS UPDATE a SET m = $1", "DECLARE c CURSOR FOR SELECT * FROM a FOR UPDATE",
    "CREATE TABLE new AS WITH x AS (DELETE FROM a RETURNING n) SELECT * FROM x",
    "CREATE TABLE new AS SELECT * FROM a FOR UPDATE",
    "CREATE VIEW new AS SELECT * FROM a FOR UPDATE",
    "CREATE FUNCTION g() RETURNS void LANGUAGE sql BEGIN ATOMIC UPDATE a SET m = 1; DELETE FROM b; END",
    "COPY b (n) FROM PROGRAM 'true'", "COPY a TO PROGRAM 'cat >/dev/null'",
    "COPY (DELETE FROM a RETURNING n) TO PROGRAM 'cat >/dev/null'",
    // ALTER TABLE.
    "ALTER TABLE IF EXISTS ONLY a ADD x int", "ALTER TABLE a VALIDATE CONSTRAINT m_is_positive",
    "ALTER TABLE a ALTER m SET STATISTICS 9", "ALTER TABLE a ALTER m SET STATISTICS 9, ADD x int",
    "ALTER TABLE a ALTER m SET STATISTICS 9, VALIDATE CONSTRAINT m_is_positive",
    "ALTER TABLE a DISABLE TRIGGER t", "ALTER TABLE a ENABLE ALWAYS TRIGGER t",
    "ALTER TABLE a ENABLE REPLICA TRIGGER t",
    "ALTER TABLE a DISABLE TRIGGER USER, ALTER m SET STATISTICS 9",
    "ALTER TABLE ruled DISABLE RULE r", "ALTER TABLE a SET (fillfactor = 90)",
    "ALTER TABLE a SET (fillfactor = 90, user_catalog_table = true)",
    "ALTER TABLE a RESET (autovacuum_enabled)",
    "ALTER TABLE a SET (toast.autovacuum_enabled = false)",
    "ALTER TABLE a ALTER COLUMN m SET (n_distinct = 5)",
    "ALTER TABLE a ALTER t SET STORAGE external",
    "ALTER TABLE a ALTER t SET COMPRESSION pglz", "ALTER TABLE a ALTER m SET DEFAULT 1",
    "ALTER TABLE a CLUSTER ON a_m", "ALTER TABLE a SET WITHOUT CLUSTER",
    "ALTER TABLE a RENAME m TO x", "ALTER TABLE a RENAME CONSTRAINT m_is_positive TO x",
    "ALTER TABLE a RENAME TO x", "ALTER TABLE a SET SCHEMA s",
    "ALTER TABLE a OWNER TO CURRENT_USER",
    "ALTER TABLE a ENABLE ROW LEVEL SECURITY", "ALTER TABLE a FORCE ROW LEVEL SECURITY",
    "ALTER TABLE a REPLICA IDENTITY FULL", "ALTER TABLE a SET UNLOGGED",
    "ALTER TABLE a ADD CONSTRAINT x CHECK (m > 0) NOT VALID", "ALTER TABLE a ADD UNIQUE (m)",
    "ALTER TABLE a DROP CONSTRAINT m_is_positive",
    "ALTER TABLE a ADD CONSTRAINT x FOREIGN KEY (m) REFERENCES s.c",
    "ALTER TABLE a ADD CONSTRAINT x FOREIGN KEY (m) REFERENCES b (n) ON DELETE CASCADE NOT VALID, VALIDATE CONSTRAINT m_is_positive",
    "ALTER TABLE a ADD FOREIGN KEY (m) REFERENCES b", "ALTER TABLE a ADD x int REFERENCES b",
    "ALTER TABLE pointing ALTER CONSTRAINT points DEFERRABLE",
    "ALTER TABLE range ATTACH PARTITION loose FOR VALUES FROM (20) TO (30)",
    "ALTER TABLE bare ATTACH PARTITION loose FOR VALUES FROM (20) TO (30)",
    "ALTER TABLE range DETACH PARTITION range_1", "ALTER TABLE bare DETACH PARTITION bare_1",
    "ALTER TABLE orphan INHERIT parent", "ALTER TABLE child NO INHERIT parent",
    "ALTER MATERIALIZED VIEW mv SET (fillfactor = 90)",
    "ALTER MATERIALIZED VIEW mv CLUSTER ON mv_n",
    "ALTER MATERIALIZED VIEW mv RENAME n TO x", "ALTER VIEW v SET (security_barrier = true)",
    "ALTER VIEW v ALTER n SET DEFAULT 1", "ALTER INDEX a_m RENAME TO x",
    // What hangs on a table.
    "CREATE POLICY x ON a FOR SELECT TO PUBLIC USING (true)", "ALTER POLICY p ON a USING (true)",
    "ALTER POLICY p ON a RENAME TO x", "DROP POLICY IF EXISTS p ON a",
    "CREATE TRIGGER x AFTER UPDATE OF n ON a FOR EACH ROW EXECUTE FUNCTION f()",
    "CREATE OR REPLACE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()",
    "CREATE CONSTRAINT TRIGGER x AFTER INSERT ON a FROM b FOR EACH ROW EXECUTE FUNCTION f()",
    "ALTER TRIGGER t ON a RENAME TO x", "ALTER TRIGGER t ON a DEPENDS ON EXTENSION plpgsql",
    "DROP TRIGGER t ON a", "CREATE RULE x AS ON DELETE TO b DO INSTEAD NOTHING",
    "CREATE RULE x AS ON INSERT TO a DO ALSO INSERT INTO b VALUES (NEW.n, 1)",
    "CREATE RULE x AS ON INSERT TO a DO INSTEAD (DELETE FROM b; UPDATE orphan SET n = 1)",
    "ALTER RULE r ON ruled RENAME TO x", "DROP RULE r ON ruled",
    "CREATE STATISTICS x ON n, (m + 1) FROM a", "CREATE PUBLICATION x FOR TABLE a (n), s.c",
    "ALTER PUBLICATION pub ADD TABLE a", "GRANT SELECT ON a TO PUBLIC",
    "CREATE SEQUENCE x OWNED BY a.n",
    "COMMENT ON TABLE a IS 'x'", "COMMENT ON COLUMN s.c.n IS 'x'", "COMMENT ON VIEW v IS 'x'",
    "COMMENT ON MATERIALIZED VIEW mv IS 'x'", "COMMENT ON INDEX a_m IS 'x'",
    "COMMENT ON TRIGGER t ON a IS 'x'", "COMMENT ON CONSTRAINT m_is_positive ON a IS 'x'",
    // Tables and indexes.
    "CREATE TABLE new (n int REFERENCES b, m int REFERENCES s.c (n))",
    "CREATE TABLE new (n int PRIMARY KEY, m int REFERENCES new)",
    "CREATE TABLE new (LIKE a INCLUDING ALL)",
    "CREATE TABLE new PARTITION OF range FOR VALUES FROM (20) TO (30)",
    "CREATE TABLE new PARTITION OF bare (CHECK (n > 0)) FOR VALUES FROM (20) TO (30)",
    "CREATE TABLE IF NOT EXISTS new PARTITION OF bare DEFAULT",
    "CREATE UNLOGGED TABLE new (x int) INHERITS (parent, s.c)",
    "CREATE OR REPLACE VIEW v AS SELECT 1 AS n", "CREATE OR REPLACE VIEW new AS SELECT 1 AS n",
    "CREATE UNIQUE INDEX x ON ONLY a (n)", "CREATE INDEX ON a (n)", "DROP INDEX IF EXISTS a_m",
    "REINDEX TABLE a", "REINDEX INDEX a_m", "CLUSTER a USING a_m", "CLUSTER (VERBOSE) a USING a_m",
    "ANALYZE (VERBOSE) a", "ANALYZE a (n), b", "DROP TABLE IF EXISTS orphan, s.c CASCADE",
    "DROP MATERIALIZED VIEW mv", "DROP VIEW v",
    "TRUNCATE orphan, s.c", "TRUNCATE TABLE ONLY orphan, ONLY a RESTART IDENTITY",
    "REFRESH MATERIALIZED VIEW mv", "REFRESH MATERIALIZED VIEW CONCURRENTLY mv",
    "LOCK a", "LOCK TABLE a IN SHARE ROW EXCLUSIVE MODE",
    "LOCK TABLE a, ONLY b IN ROW SHARE MODE NOWAIT", "LOCK TABLE a IN ACCESS SHARE MODE",
  ]

  /// What the transaction holds of tables that were there before; the strongest of each, but for ACCESS SHARE.
  private static let held = """
    SELECT coalesce(string_agg(r.name || ' ' || l.mode, ', ' ORDER BY r.name), '')
    FROM relations AS r CROSS JOIN LATERAL (
        SELECT m.mode FROM pg_locks AS l
        JOIN unnest(ARRAY['RowShare', 'RowExclusive', 'ShareUpdateExclusive', 'Share', 'ShareRowExclusive',
                'Exclusive', 'AccessExclusive'],
            ARRAY['ROW SHARE', 'ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE', 'SHARE', 'SHARE ROW EXCLUSIVE',
                'EXCLUSIVE', 'ACCESS EXCLUSIVE']) WITH ORDINALITY AS m (lock, mode, strength)
            ON m.lock || 'Lock' = l.mode
        WHERE l.pid = pg_backend_pid() AND l.relation = r.oid
        ORDER BY m.strength DESC LIMIT 1) AS l
    """

  private func planned(
    _ statement: String, _ connection: PostgresConnection
  ) async throws -> String {
    let named = try Script(statement + ";").steps.flatMap(\.statement.tableLocks)
    let locks = try await PlannedLocks.read(named, connection)
    return locks.filter { $0.bytes != nil }.map { "\($0.table) \($0.mode)" }
      .joined(separator: ", ")
  }

  private func withFixture(
    _ body: (TestDatabase, PostgresConnection) async throws -> Void
  ) async throws {
    try await TestDatabase.with(.empty) { database in
      let connection = try await database.connect()
      try await connection.execute("SET client_min_messages = error")
      try await connection.execute(Self.fixture)
      // By the names that they had.
      try await connection.execute(
        """
        CREATE TEMPORARY TABLE relations AS SELECT oid, oid::regclass::text AS name FROM pg_class
        WHERE oid >= 16384 AND relkind IN ('r', 'p', 'm', 'v') AND relnamespace::regnamespace::text IN ('public', 's')
        """)
      try await body(database, connection)
      await connection.close()
    }
  }

  @Test func thePlanSaysWhatPostgreSQLLocks() async throws {
    try await withFixture { (database, connection) async throws in
      for statement in Self.statements {
        let expected = try await planned(statement, connection)
        try await connection.query("BEGIN")
        do {
          try await connection.query(statement)
          #expect(try await connection.value(Self.held) == expected, "\(statement)")
        } catch {
          Issue.record(error, "\(statement)")
        }
        try await connection.query("ROLLBACK")
      }
    }
  }

  /// What cannot run in a transaction, or commits in its middle, is seen in the queue behind a lock that
  /// another session holds.
  @Test(arguments: [
    ("CREATE INDEX CONCURRENTLY x ON a (n)", "a", "SHARE"),
    ("REINDEX TABLE CONCURRENTLY a", "a", "SHARE"),
    ("REINDEX INDEX CONCURRENTLY a_m", "a", "SHARE"),
    ("REINDEX (CONCURRENTLY) TABLE a", "a", "SHARE"),
    ("DROP INDEX CONCURRENTLY a_m", "a", "SHARE"), ("VACUUM a", "a", "SHARE"),
    ("VACUUM (FULL false, ANALYZE) b, a (n)", "a", "SHARE"), ("VACUUM FULL a", "a", "ACCESS SHARE"),
    ("VACUUM (VERBOSE, FULL) a", "a", "ACCESS SHARE"),
    ("ALTER TABLE bare DETACH PARTITION bare_1 CONCURRENTLY", "bare", "SHARE"),
    ("ALTER TABLE bare DETACH PARTITION bare_1 CONCURRENTLY", "bare_1", "ACCESS SHARE"),
  ])
  func alsoOutsideOfTransactions(statement: String, table: String, held: String) async throws {
    try await withFixture { (database, connection) async throws in
      let expected = try await planned(statement, connection)
      let holder = try await database.connect()
      try await holder.execute("BEGIN; LOCK TABLE \(table) IN \(held) MODE")
      let pid = await connection.backendPID
      async let end: Void = { _ = try await connection.query(statement) }()
      var queue: String?
      try await eventually("\(statement) waits for \(table)") {
        queue = try await holder.value(
          "SELECT mode FROM pg_locks WHERE pid = \(pid) AND relation = '\(table)'::regclass AND NOT granted"
        )
        return queue != nil
      }
      try await holder.query("COMMIT")
      try await end
      let mode = expected.split(separator: ", ").first { $0.hasPrefix("\(table) ") }
      let words = mode?.dropFirst(table.count + 1).capitalized
      #expect(queue == words.map { $0.replacing(" ", with: "") + "Lock" }, "\(statement)")
      await holder.close()
    }
  }

  /// One that was interrupted between its two transactions.
  @Test func aDetachmentThatIsFinished() async throws {
    try await withFixture { (database, connection) async throws in
      let reader = try await database.connect()
      try await reader.execute("BEGIN; LOCK TABLE bare IN ACCESS SHARE MODE")
      let pid = await connection.backendPID
      async let end: Void = {
        _ = try? await connection.query("ALTER TABLE bare DETACH PARTITION bare_1 CONCURRENTLY")
      }()
      try await eventually("the detachment waits") {
        try await reader.value(
          "SELECT 1 FROM pg_locks WHERE pid = \(pid) AND NOT granted AND locktype = 'virtualxid'")
          != nil
      }
      try await reader.query("SELECT pg_cancel_backend(\(pid))")
      await end
      await reader.close()
      let statement = "ALTER TABLE bare DETACH PARTITION bare_1 FINALIZE"
      let expected = try await planned(statement, connection)
      try await connection.query("BEGIN")
      try await connection.query(statement)
      #expect(try await connection.value(Self.held) == expected)
      #expect(expected.contains("bare_1 ACCESS EXCLUSIVE"))
      try await connection.query("ROLLBACK")
    }
  }
}

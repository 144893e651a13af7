extension CrashTests {
  enum Kind: String, CaseIterable {
    case transactional, stepwise, repeatable
    /// Repeatable files that change what they made before, and drop what has gone (`up --prune`); and the
    /// project's checks behind them.
    case changed
    /// A file without a transaction that an earlier run has left (`resume`).
    case resumed

    var command: [String] {
      switch self {
      case .transactional, .stepwise, .repeatable: ["up"]
      case .changed: ["up", "--prune"]
      case .resumed: ["resume"]
      }
    }

    /// What was applied before, as far as it went.
    var earlier: [String: String]? {
      switch self {
      case .transactional, .stepwise, .repeatable: nil
      case .changed:
        [
          "v/f.sql": "CREATE OR REPLACE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT 1';",
          "v/gone.sql": "CREATE VIEW gone_view AS SELECT f(1) AS f;", "MANIFEST": "v",
        ]
      case .resumed:
        [
          "migrations/0001_index_a.sql":
            "-- migrate: no-transaction\nCREATE TABLE a AS VALUES (1), (1);\nCREATE UNIQUE INDEX CONCURRENTLY a_n ON a (column1);\n"
        ]
      }
    }

    var files: [String: String] {
      switch self {
      case .changed:
        [
          "v/f.sql": "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';",
          "v/v.sql": "CREATE OR REPLACE VIEW v AS SELECT f() AS f;", "MANIFEST": "v",
          "checks.sql":
            "SELECT 'warning' AS severity, 'c' AS check, 'o' AS object, 'f' AS fix FROM v",
        ]
      case .resumed:
        [
          "migrations/0001_index_a.sql": """
          -- migrate: no-transaction
          CREATE TABLE a AS VALUES (1), (1);
          CREATE INDEX CONCURRENTLY a_n ON a (column1);
          INSERT INTO a VALUES (2);

          """
        ]
      case .transactional:
        [
          "migrations/0001_create_a.sql":
            "-- migrate: lock_timeout=1min\nCREATE TABLE a (n int);\nCOPY a FROM stdin;\n1\n\\.\nALTER TABLE a ADD m int;\n"
        ]
      case .stepwise:
        [
          "migrations/0001_index_a.sql": """
          -- migrate: no-transaction
          CREATE TABLE a (n int);
          INSERT INTO a VALUES (1);
          COPY a FROM stdin;
          3
          \\.
          CREATE UNIQUE INDEX CONCURRENTLY a_n ON a (n);
          CALL fill();
          DROP INDEX CONCURRENTLY old;
          SET search_path = s;
          INSERT INTO a VALUES (2);

          """
        ]
      case .repeatable:
        [
          "v/f.sql": "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
          "v/v.sql": "CREATE OR REPLACE VIEW v AS SELECT f() AS f;", "MANIFEST": "v",
        ]
      }
    }

    /// What the runner sends, message by message, from where the kinds differ up to its end; without most of
    /// what only asks.
    var landmarks: [String] {
      let row = "INSERT INTO migrate.ledger"
      func recorded(_ statement: String..., begin: [String] = ["BEGIN; "]) -> [String] {
        begin + statement + ["SET CONSTRAINTS ALL IMMEDIATE", row, "COMMIT"]
      }
      let end = "X\0\0\0\u{4}"
      let begin = ["CREATE SCHEMA migrate"]
      let repeatable = ["BEGIN; ", "FUNCTION f()", row, "VIEW v", row, "migrate.objects", "COMMIT"]
      switch self {
      case .transactional:
        return begin + ["BEGIN; ", "SET LOCAL lock_timeout", "CREATE TABLE a", "COPY a"]
          + ["d\0\0\0\u{6}1\n", "c\0\0\0\u{4}", "ALTER TABLE a", row, "COMMIT", end]
      case .stepwise:
        return begin + [row] + recorded("CREATE TABLE a") + recorded("INSERT INTO a VALUES (1)")
          + recorded("COPY a", "d\0\0\0\u{6}3\n", "c\0\0\0\u{4}")
          + ["SET lock_timeout = '0'", "CREATE UNIQUE INDEX CONCURRENTLY a_n", row]
          + ["SET lock_timeout = '3s'", "CALL fill()", row]
          + ["SET lock_timeout = '0'", "DROP INDEX CONCURRENTLY old", row]
          + recorded("SET search_path")
          + recorded("INSERT INTO a VALUES (2)", begin: ["SET search_path", "BEGIN\0"]) + [
            row, end,
          ]
      case .repeatable: return begin + repeatable + [end]
      case .changed:
        return repeatable
          + ["BEGIN; ", "DROP view public.gone_view", "DROP function public.f(integer)", row, row]
          + ["COMMIT", "BEGIN", "READ ONLY", "SELECT 'warning'", "COMMIT", end]
      case .resumed:
        return [row, "DROP INDEX CONCURRENTLY", "CREATE INDEX CONCURRENTLY a_n", row]
          + recorded("INSERT INTO a VALUES (2)") + [row, end]
      }
    }
  }
}

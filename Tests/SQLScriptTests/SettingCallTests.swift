import Testing

@testable import SQLScript

/// Whether a query that calls set_config can be carried out once more.
@Suite struct SettingCallTests {
  @Test(arguments: [
    ("SELECT pg_catalog.set_config('search_path', '', false);", SettingCall.constant),
    ("select SET_CONFIG('a.b', E'x', False) as c, set_config('a.c', NULL, false)", .constant),
    ("SELECT set_config('a.b', nextval('s')::text, false)", .computed),
    ("SELECT f(), set_config('a.b', 'x', false)", .computed),
    ("SELECT set_config('a.b', 'x', false), f()", .computed),
    ("SELECT set_config('a.b', 'x', false) FROM f()", .computed),
    ("SELECT \"set_config\"('a.b', current_user, false)", .computed),
    ("WITH a AS (SELECT 1) SELECT set_config('a.b', 'x', false) FROM a", .computed),
    ("(SELECT set_config('a.b', 'x', false))", .computed),
    ("INSERT INTO a SELECT set_config('a.b', 'x', n > 1) FROM b", .computed),
    ("SELECT set_config('a.b', f(), true)", .none),
    ("SELECT set_config('a.b', 'x', true)", .none),
    ("SELECT set_config FROM a", .none), ("SELECT 'set_config(1)'", .none),
    ("CREATE FUNCTION f() RETURNS text RETURN set_config('a.b', 'x', false)", .none),
  ])
  func callsAreTold(text: String, call: SettingCall) throws {
    let statement = try #require(try Script(text).steps.first).statement
    #expect(statement.settingCall == call)
    #expect(statement.isSetting == (call == .constant))
  }
}

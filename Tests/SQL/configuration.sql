-- Typed keys, defaults, versions, several at once, and back again.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS
SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id::text AS acme,
       (api.create_organization(gen_random_uuid(), 'Beta', 'b@beta.example')).id::text AS beta;

-- The document's examples.
SELECT is(try_as('app', acme, format('SELECT (api.set_config(%L, %L, %L, ''r'')).value', service, key, value)), outcome, format('%s.%s = %s', service, key, left(value, 40)))
FROM org, (VALUES
    ('ai', 'threshold', '0.9', '0.9'), ('ai', 'threshold', '1', '1'), ('ai', 'threshold', '1.01', '22023'), ('ai', 'threshold', '-0.1', '22023'),
    ('ai', 'threshold', 'high', '22023'), ('ai', 'threshold', '1e-1', '22023'), ('ai', 'threshold', '', '22023'), ('ai', 'threshold', 'NaN', '22023'),
    ('ai', 'model', 'small', 'small'), ('ai', 'model', 'huge', '22023'),
    ('email', 'max_retries', '5', '5'), ('email', 'max_retries', '5.5', '22023'), ('email', 'max_retries', '101', '22023'),
    ('email', 'from_name', 'Käthe & Söhne', 'Käthe & Söhne'), ('email', 'from_name', E'a\nb', '22023'),
    ('webhook', 'url', 'https://hooks.example/in', 'https://hooks.example/in'), ('webhook', 'url', 'ftp://x', '22023'),
    ('features', 'anything', 'true', 'true'), ('features', 'anything', 'yes', '22023'),
    ('api', 'rate_limit', '600', '600'), ('api', 'rate_limit', '0', '22023'),
    ('api', 'limits', '{"/v1": 10}', '{"/v1": 10}'), ('api', 'limits', '{', '22023'),
    ('api', 'limits', '[' || repeat('1,', 40000) || '1]', '22023'), ('nobody', 'key', 'x', '22023'), ('ai', 'unknown', 'x', '22023'), ('quota', 'cpu', '1000', '42501')
) AS v (service, key, value, outcome);
SELECT is(try_as('app', acme, $$UPDATE service_configs SET value = '1000' WHERE service = 'quota' AND key = 'cpu'$$), '42501', 'a mirror is not painted') FROM org;

-- Defaults of the platform, overridden per organisation.
SELECT is(try_as('app', acme, $$SELECT value || is_default FROM api.get_configs('ai') WHERE key = 'threshold'$$), '0.75true', 'a default') FROM org;
SELECT is(do_as('dba', NULL, $$SELECT (admin.set_default('ai', 'threshold', '0.8', 'tuned')).version$$), '2', 'a default has versions');
SELECT is(try_as('app', acme, $$SELECT value || is_default FROM api.get_configs('ai') WHERE key = 'threshold'$$), '0.8true', 'and holds at once') FROM org;
SELECT is(do_as('app', acme, $$SELECT (api.set_config('ai', 'threshold', '0.9', 'r')).version$$), '1', 'an override') FROM org;
SELECT is(try_as('app', acme, $$SELECT value || is_default FROM api.get_configs('ai') WHERE key = 'threshold'$$), '0.9false', 'wins') FROM org;
SELECT is(try_as('app', beta, $$SELECT value || is_default FROM api.get_configs('ai') WHERE key = 'threshold'$$), '0.8true', 'for its own organisation only') FROM org;
SELECT is(do_as('app', acme, $$SELECT (api.set_config('ai', 'threshold', NULL, 'r')).version$$), '2', 'deleted') FROM org;
SELECT is(try_as('app', acme, $$SELECT value || is_default || version FROM api.get_configs('ai') WHERE key = 'threshold'$$), '0.8true2', 'the default holds again') FROM org;
SELECT is(try_as('pod_ai', NULL, $$SELECT value FROM api.pod_configs('ai') WHERE org_id = 0 AND key = 'threshold'$$), '0.8', 'pods get the defaults');

-- What a login may load, and what an administrator gives and takes.
SELECT is(try_as('pod_ai', NULL, $$SELECT coalesce(o::text, 'all') FROM api.pod_organizations('ai') AS o$$), 'all', 'bound to all');
SELECT is(try_as('pod_ai', NULL, $$SELECT o FROM api.pod_organizations('email') AS o$$), '', 'and to no other service');
SELECT is(try_as(login, NULL, $$SELECT o FROM api.pod_organizations('ai') AS o$$), '42501', login || ' is no pod')
FROM unnest(ARRAY['app', 'bridge', 'dba']) AS login;
SELECT is(do_as('dba', NULL, format('SELECT admin.unbind_pod(%L, %L)', 'pod_email', 'email')), '', 'taken back') FROM org;
SELECT is(try_as('pod_email', NULL, $$SELECT 1 FROM api.pod_configs('email')$$), '42501', 'is gone');
SELECT is(do_as('dba', NULL, format('SELECT admin.bind_pod(%L, %L, %s)', 'pod_email', 'email', acme)), '', 'given for one') FROM org;
SELECT is(try_as('pod_email', NULL, $$SELECT o FROM api.pod_organizations('email') AS o$$), acme::text, 'says so') FROM org;
SELECT is(do_as('app', o, $$SELECT (api.set_config('email', 'max_retries', '7', 'r')).version$$), '1', 'both have a value') FROM org, unnest(ARRAY[acme, beta]) AS o;
SELECT is(try_as('pod_email', NULL, $$SELECT string_agg(DISTINCT org_id::text, ',' ORDER BY org_id::text) FROM api.pod_configs('email') WHERE key = 'max_retries'$$), '0,' || acme, 'and shows one') FROM org;
SELECT is(try_as('dba', NULL, $$SELECT admin.unbind_pod('pod_email', 'email')$$), 'P0002', 'it is not bound to all');
SELECT is(do_as('dba', NULL, $$SELECT admin.bind_pod('pod_email', 'email')$$), '', 'as before');
SELECT is(try_as(login, NULL, $$SELECT admin.unbind_pod('pod_ai', 'ai')$$), '42501', login || ' takes nothing')
FROM unnest(ARRAY['app', 'pod_ai', 'monitor', 'gateway']) AS login;

SELECT is(try_as('app', '0', 'SELECT 1 FROM service_configs'), '22023', 'nobody works as the platform');
SELECT is(try_as('app', '0', $$SELECT api.set_config('ai', 'threshold', '0', 'r')$$), '22023', 'nor changes its values so');
SELECT is(try_as('app', NULL, 'SELECT key FROM api.get_configs()'), '', 'nobody gets nothing');
SELECT is(try_as(login, acme, $$SELECT admin.set_default('ai', 'threshold', '0', 'r')$$), '42501', login || ' sets no default')
FROM org, unnest(ARRAY['app', 'app_strict', 'app_ro', 'pod_ai', 'auditor', 'monitor', 'gateway']) AS login;
SELECT is(try_as('dba', NULL, format('SELECT admin.set_default(%s)', a)), outcome, a)
FROM (VALUES ($$'ai', 'threshold', '2', 'r'$$, '22023'), ($$'ai', 'threshold', '0.5', ''$$, '22023'), ($$'quota', 'cpu', '5', 'r'$$, '42501')) AS v (a, outcome);

-- Keys of one's own.
SELECT is(do_as('dba', NULL, $$SELECT (admin.define_key('ai', 'timeout_ms', 'integer', 'How long an answer may take.', p_default => '500', p_minimum => 1)).owner$$), 'ai', 'a key is defined');
SELECT is(try_as('app', acme, $$SELECT value FROM api.get_configs('ai') WHERE key = 'timeout_ms'$$), '500', 'its default holds') FROM org;
SELECT is(do_as('app', acme, $$SELECT (api.set_config('ai', 'timeout_ms', '900', 'r')).value$$), '900', 'and is overridden') FROM org;
SELECT is(try_as('dba', NULL, format('SELECT admin.define_key(%s)', a)), outcome, a)
FROM (VALUES
    ($$'ai', 'timeout_ms', 'integer', 'd', p_maximum => 600$$, '22023'), ($$'ai', 'timeout_ms', 'boolean', 'd'$$, '22023'),
    ($$'ai', 'x', 'text', 'd', p_pattern => '('$$, '2201B'), ($$'ai', 'x', 'colour', 'd'$$, '23514'), ($$'AI', 'x', 'text', 'd'$$, '23514'),
    ($$'ai', 'x', 'integer', 'd', p_default => 'y'$$, '22023'), ($$'quota', 'cpu', 'text', 'd'$$, '42501')) AS v (a, outcome);
SELECT is(try_as('app', acme, $$SELECT admin.define_key('ai', 'x', 'text', 'd')$$), '42501', 'applications define none') FROM org;

-- Expected versions.
SELECT is(try_as('app', acme, format($$SELECT (api.set_config('api', 'rate_limit', '100', 'r', %s)).version$$, expected)), outcome, 'a new key, expecting ' || expected)
FROM org, (VALUES ('0', '1'), ('NULL', '1'), ('1', 'AR409')) AS v (expected, outcome);
SELECT is(do_as('app', acme, $$SELECT (api.set_config('api', 'rate_limit', '100', 'first')).version$$), '1', 'version 1') FROM org;
SELECT is(do_as('app', acme, $$SELECT (api.set_config('api', 'rate_limit', '200', 'second', 1)).version$$), '2', 'version 2') FROM org;
SELECT is(try_as('app', acme, format($$SELECT (api.set_config('api', 'rate_limit', '300', 'r', %s)).version$$, expected)), outcome, 'version 2, expecting ' || expected)
FROM org, (VALUES ('0', 'AR409'), ('1', 'AR409'), ('2', '3'), ('3', 'AR409')) AS v (expected, outcome);

-- Back to a version.
SELECT is(do_as('app', acme, $$SELECT (api.rollback_config('api', 'rate_limit', 1, 'was better')).value$$), '100', 'back to version 1') FROM org;
SELECT is(try_as('app', acme, $$SELECT concat_ws(' ', version, old_value, new_value, reason) FROM config_history WHERE key = 'rate_limit' ORDER BY version DESC LIMIT 1$$),
    '3 200 100 was better', 'as a new version') FROM org;
SELECT is(try_as('app', acme, $$SELECT api.rollback_config('api', 'rate_limit', 9, 'r')$$), 'P0002', 'not to what never was') FROM org;
SELECT is(try_as('app', beta, $$SELECT api.rollback_config('api', 'rate_limit', 1, 'r')$$), 'P0002', 'nor to another one''s') FROM org;
SELECT is(try_as('app', acme, $$SELECT api.rollback_config('api', 'rate_limit', 1, 'r', 2)$$), 'AR409', 'nor past somebody else''s change') FROM org;

-- Several at once.
SELECT is(do_as('app', acme, $$SELECT string_agg(key || '=' || value, ' ') FROM api.set_configs(
    '[{"service": "features", "key": "b", "value": true}, {"service": "features", "key": "a", "value": "false"}, {"service": "api", "key": "rate_limit", "value": 50, "expected_version": 3}]', 'release')$$),
    'rate_limit=50 a=false b=true', 'several keys at once') FROM org;
SELECT is((SELECT count(DISTINCT xid) FROM config.config_history WHERE reason = 'release'), 1::bigint, 'in one transaction');
SELECT is(try_as('app', acme, format('SELECT count(*) FROM api.set_configs(%L, %L)', changes, reason)), outcome, format('%s', changes))
FROM org, (VALUES
    ('[{"service": "features", "key": "c", "value": "true"}, {"service": "features", "key": "d", "value": "perhaps"}]', 'r', '22023'),
    ('[{"service": "features", "key": "c", "value": "true"}, {"service": "features", "key": "c", "value": "false"}]', 'r', '22023'),
    ('[{"service": "features", "key": "c", "value": "true"}, {"service": "api", "key": "rate_limit", "value": "1", "expected_version": 1}]', 'r', 'AR409'),
    ('{"service": "features"}', 'r', '22023'), ('[{"key": "c"}]', 'r', '22023'), ('[]', 'r', '0'),
    ('[{"service": "features", "key": "c", "value": "true"}]', '', '22023')) AS v (changes, reason, outcome);
SELECT is(try_as('app', acme, $$SELECT count(*) FROM service_configs WHERE key IN ('c', 'd')$$), '0', 'all or none') FROM org;

-- A plain UPDATE takes its reason from app.reason.
SELECT is(do_as('app', acme, $$WITH r AS (SELECT set_config('app.reason', 'by hand', true)) UPDATE service_configs SET value = '70' FROM r WHERE key = 'rate_limit' RETURNING version$$), '5', 'a plain UPDATE') FROM org;
SELECT is(try_as('app', acme, $$SELECT reason FROM config_history WHERE key = 'rate_limit' ORDER BY version DESC LIMIT 1$$), 'by hand', 'with its reason') FROM org;
SELECT set_config('app.reason', '', false);
SELECT is(do_as('app', acme, $$UPDATE service_configs SET value = '71' WHERE key = 'rate_limit'$$), '1 row', 'and one without') FROM org;
SELECT is(try_as('app', acme, $$SELECT reason FROM config_history WHERE key = 'rate_limit' ORDER BY version DESC LIMIT 1$$), 'no reason given', 'is recorded as such') FROM org;

-- What is no reason.
SELECT is(try_as('app', acme::text, format($$SELECT api.set_config('ai', 'threshold', '0.5', %L)$$, reason)), outcome, 'reason: ' || left(reason, 20))
FROM org, (VALUES (E'\t\n', '22023'), (chr(160), '22023'), (chr(8203), '22023'), (repeat('x', 1001), '22023'), ('[erased]', '22023'),
    ('db password=hunter2secret', 'AR422'), ('see AKIAIOSFODNN7EXAMPLE', 'AR422')) AS v (reason, outcome);
SELECT is(do_as('app', acme::text, $$SELECT count(*) FROM api.set_config('ai', 'threshold', '0.5', 'there is one')$$), '1', 'a value') FROM org;
CREATE FUNCTION tap.updated(p_org text, p_reason text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tap.become('app', p_org);
    PERFORM set_config('app.reason', p_reason, true);
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = tap.outcome($u$UPDATE service_configs SET value = '0.123' WHERE service = 'ai' AND key = 'threshold'$u$);
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;
SELECT is(tap.updated(acme::text, reason), outcome, 'app.reason: ' || left(reason, 20))
FROM org, (VALUES (repeat('x', 1001), '22023'), ('[erased]', '22023'), ('db password=hunter2secret', 'AR422'), ('fewer false positives', '1 row')) AS v (reason, outcome);
SELECT is(try_as('app', acme::text, $$SELECT api.set_config('email', 'from_name', '[erased]', 'r')$$), '22023', 'the marker of an erasure is no value') FROM org;
SELECT is(do_as('app', acme::text, $$SELECT count(*) FROM api.set_config('ai', 'threshold', '0.51', 'r', p_actor => '[erased]')$$), '1', 'somebody who calls himself so') FROM org;
SELECT is(try_as('app', acme::text, $$SELECT changed_by FROM config_history WHERE new_value = '0.51'$$), 'app', 'is not called so') FROM org;
-- What set_configs takes for a change.
SELECT is(try_as('app', acme::text, format('SELECT count(*) FROM api.set_configs(%L, ''r'')', changes)), '22023', changes)
FROM org, unnest(ARRAY['[{"service": "ai", "key": "threshold", "vlaue": "0.6"}]', '[{"service": "ai", "key": "threshold"}]',
    '[{"service": "ai", "key": "threshold", "value": "0.6", "versoin": 3}]', '[5]', '[null]',
    '[{"service": "ai", "key": "threshold", "value": "0.6", "expected_version": "abc"}]',
    '[{"service": "ai", "key": "threshold", "value": "0.6", "expected_version": 1.5}]',
    '[{"service": "ai", "key": "threshold", "value": "0.6", "expected_version": 1e30}]']) AS changes;
SELECT is(try_as('app', acme::text, format('SELECT api.set_config(%s)', arguments)), '22023', arguments)
FROM org, unnest(ARRAY[$$NULL, 'k', 'v', 'r'$$, $$'ai', NULL, 'v', 'r'$$]) AS arguments;

SELECT is(try_as('app', acme::text, format('SELECT api.set_config(%s)', arguments)), '22023', left(arguments, 40))
FROM org, unnest(ARRAY[$$'features', 'Bad Key', 'true', 'r'$$, $$'features', '', 'true', 'r'$$,
    format($$'api', 'limits', %L, 'r'$$, repeat('[', 60000)), $$'api', 'limits', '1e1000000', 'r'$$]) AS arguments;

-- What a statement says of version, time and transaction is ignored; what names the row does not change.
SELECT is(do_as('postgres', NULL, format($$UPDATE config.service_configs SET %s WHERE org_id = %s AND service = 'ai' AND key = 'threshold'$$, change, acme)), outcome, change)
FROM org, (VALUES ('org_id = ' || (SELECT beta FROM org), '55000'), ('config_id = config_id + 1000', '428C9'), ('service = ''email''', '55000'), ('key = ''model''', '55000'),
    ('version = 99', '1 row'), ('version = 99, changed_at = ''2020-01-01'', xid = ''3'', value = ''0.77''', '1 row')) AS v (change, outcome);
SELECT is((SELECT concat_ws(' ', value, version - h.latest, changed_at > now() - interval '1 hour', c.xid = h.xid) FROM config.service_configs AS c,
           LATERAL (SELECT max(x.version) AS latest, (array_agg(x.xid ORDER BY x.version DESC))[1] AS xid FROM config.config_history AS x WHERE x.org_id = c.org_id AND x.service = c.service AND x.key = c.key) AS h
           WHERE c.org_id = acme::bigint AND c.service = 'ai' AND c.key = 'threshold'), '0.77 0 t t', 'the row has what the trigger says') FROM org;
SELECT is(do_as('postgres', NULL, statement), '55000', statement)
FROM unnest(ARRAY['DELETE FROM config.service_configs WHERE false', 'DELETE FROM config.service_configs', 'TRUNCATE config.service_configs CASCADE']) AS statement;

-- A crash takes nothing back that pods have seen, whatever the session says.
SELECT is(try_as('app', acme, format($$WITH off AS MATERIALIZED (SELECT set_config('synchronous_commit', %L, true) AS s),
    change AS MATERIALIZED (SELECT c.version FROM off, LATERAL api.set_config('ai', 'threshold', '0.1' || left(s, 0), 'r') AS c) SELECT current_setting('synchronous_commit') FROM change$$, setting)), outcome, 'synchronous_commit = ' || setting)
FROM org, (VALUES ('off', 'on'), ('local', 'local'), ('remote_apply', 'remote_apply')) AS v (setting, outcome);

-- Every cell of the table for spreadsheets that somebody has written is no formula.
SELECT is(do_as('app', acme, format($$SELECT (api.set_config('email', 'from_name', %L, %L, p_actor => %L)).value$$, value, reason, actor)), value, 'formulas everywhere')
FROM org, (VALUES ('=1+1', '@first', '+ann'), ('-x', '=second', E'＝bob')) AS v (value, reason, actor);
SELECT is(try_as('app', acme, format($$SELECT %I FROM api.config_history_csv('-infinity', 'infinity', 'email') WHERE key = 'from_name' ORDER BY version DESC LIMIT 1$$, field)), outcome, field)
FROM org, (VALUES ('old_value', '''=1+1'), ('new_value', '''-x'), ('reason', '''=second'), ('changed_by', '''＝bob')) AS v (field, outcome);
SELECT is(config.csv_cell(E'\tx'), E'''\tx', 'a tab is one, too');

-- Who has forgotten his organisation is told so.
SELECT is(try_as('app', NULL, statement), '55000', statement)
FROM unnest(ARRAY[$$INSERT INTO service_configs (service, key, value) VALUES ('ai', 'threshold', '0.5')$$, $$INSERT INTO projects (name) VALUES ('x')$$,
    $$INSERT INTO notes (project_id, content) VALUES (1, 'x')$$, $$INSERT INTO documents (file_path) VALUES ('x')$$]) AS statement;

BEGIN;
CREATE ROLE "=ann" LOGIN IN ROLE ark_app;
SELECT is(do_as('=ann', acme, $$SELECT (api.set_config('features', 'y', 'true', 'r')).value$$), 'true', 'a login like a formula') FROM org;
SELECT is(try_as('app', acme, $$SELECT login FROM api.config_history_csv('-infinity', 'infinity', 'features') WHERE key = 'y'$$), '''=ann', 'is none in the table') FROM org;
ROLLBACK;
BEGIN;
SET LOCAL TimeZone = 'UTC';
INSERT INTO config.config_history (org_id, history_id, config_id, service, key, version, changed_by, login, changed_at, reason, xid) OVERRIDING SYSTEM VALUE
SELECT h.org_id, h.history_id + 100000, h.config_id, 'clock', h.key, h.version + 100, 'x', 'x', '2031-01-02 15:04:05Z', 'x', h.xid FROM config.config_history AS h, org WHERE h.org_id = acme::bigint LIMIT 1;
SELECT is(try_as('app', acme, $$SELECT changed_at FROM api.config_history_csv('-infinity', 'infinity', 'clock')$$), '2031-01-02 15:04:05', 'a time as spreadsheets read it') FROM org;
ROLLBACK;
SELECT is(try_as('app', acme, $$WITH own AS MATERIALIZED (SELECT set_config('app.actor', 'me', true) AS a),
    change AS MATERIALIZED (SELECT c.version FROM own, LATERAL api.set_config('ai', 'threshold', '0.21', 'r' || left(own.a, 0), p_actor => 'ann') AS c)
    SELECT current_setting('app.actor') FROM change$$), 'me', 'the transaction keeps its own actor') FROM org;
SELECT is(do_as('app', acme, $$SELECT count(*) FROM api.set_configs('[{"service": "features", "key": "z", "value": true}]', 'r', 'ann')$$), '1', 'set by somebody') FROM org;
SELECT is((SELECT changed_by FROM config.config_history WHERE key = 'z'), 'ann', 'who is recorded');
SELECT is(do_as('app', acme, $$SELECT (api.set_config('features', 'z', NULL, 'r')).version$$), '2', 'deleted') FROM org;
SELECT is(do_as('app', acme, $$SELECT (api.rollback_config('features', 'z', 1, 'r', p_actor => 'bob')).value$$), 'true', 'back') FROM org;
SELECT is((SELECT changed_by FROM config.config_history WHERE key = 'z' AND version = 3), 'bob', 'by whom is recorded');
SELECT is(do_as('app', acme, $$SELECT coalesce(r.value, 'tombstone') || r.version FROM api.rollback_config('features', 'z', 2, 'r') AS r$$), 'tombstone4', 'back to a deletion') FROM org;
SELECT is(do_as('app', acme, $$SELECT (api.set_config('features', 'z', 'false', 'r')).version$$), '5', 'a feature') FROM org;
SELECT is(try_as('app', acme, $$SELECT type FROM api.get_configs('features') WHERE key = 'z'$$), 'boolean', 'the type of every other key of the service') FROM org;
SELECT is(try_as('dba', NULL, $$SELECT admin.define_key('numbers', '*', 'integer', 'd', p_default => 'x')$$), '22023', 'a default of any key fits, too');

SELECT * FROM finish();

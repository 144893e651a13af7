-- Feature flags: definitions that are configuration, what is refused and how it is said, who may what, the
-- kill switch, choices of organisations, evaluations that pods report. How they are evaluated: flag_vectors.sql.
SELECT * FROM no_plan();

CREATE TEMP TABLE org AS SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example', 'acme')).id AS id,
    (api.create_organization(gen_random_uuid(), 'Beta', 'b@beta.example', 'beta')).id AS beta;
GRANT SELECT ON org TO PUBLIC;
-- What defining a flag comes to: its version, or what is said against it. It stays.
CREATE FUNCTION tap.define(p_key text, p_definition text, p_reason text DEFAULT 'r') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_self text := session_user;
    v_row  record;
BEGIN
    PERFORM tap.become('dba', NULL);
    v_row := admin.define_flag(p_key, p_definition::jsonb, p_reason);
    PERFORM tap.become(v_self, NULL);
    RETURN v_row.version;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
CREATE FUNCTION tap.flag(p_key text, p_subject text DEFAULT NULL, p_attributes text DEFAULT '{}', p_org text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT tap.try_as('app', coalesce(p_org, (SELECT id::text FROM org)), format('SELECT concat_ws('' '', variant, value, reason, rule) FROM api.flag(%L, %L, %L)', p_key, p_subject, p_attributes))
$$;

-- MARK: A definition is configuration

SELECT is(tap.define('checkout', '{"rollout": {"shares": [{"variant": "on", "weight": 100000}]}}', 'pilot'), '1', 'a flag');
SELECT is(tap.define('checkout', '{"default": "off", "rules": [{"priority": 1, "name": "pro", "when": [{"attribute": "plan", "operator": "in", "values": ["pro"]}], "variant": "on"}]}', 'paying first'), '2', 'changed');
SELECT is((SELECT array_agg(format('%s %s %s', version, changed_by, reason) ORDER BY version) FROM config.config_history WHERE org_id = 0 AND key = 'checkout'),
    '{"1 dba pilot","2 dba paying first"}', 'who and why is in the history');
SELECT is(do_as('dba', NULL, $$SELECT string_agg(concat_ws(' ', what, changed_by, reason), ', ' ORDER BY what) FROM admin.changes('ark-platform') WHERE what LIKE 'features.checkout %'$$),
    'features.checkout v1 dba pilot, features.checkout v2 dba paying first', 'which administrators read');
SELECT is(try_as('pod_features', NULL, $$SELECT type || ' ' || (value::jsonb ->> 'default') || ' ' || version FROM api.pod_configs('features') WHERE org_id = 0 AND key = 'checkout'$$), 'json off 2', 'pods get it with everything else');
SELECT is(tap.define('checkout', '{"default": "off", "rules": [{"priority": 1, "name": "pro", "when": [{"attribute": "plan", "operator": "in", "values": ["pro"]}], "variant": "on"}]}', 'same'), '2', 'the same again is no change');
SELECT is(tap.flag('checkout', 'ann', '{"plan": "pro"}'), 'on true rule pro', 'it is evaluated');
SELECT is(tap.flag('checkout', 'ann'), 'off false default', 'for others it is off');
SELECT is(tap.flag('none'), 'unknown', 'an unknown flag');
SELECT is(tap.flag(NULL), 'unknown', 'no flag');
SELECT is(tap.flag('checkout', p_attributes => '[]'), '22023', 'attributes are an object');
SELECT is(tap.flag('checkout', p_org => ''), '55000', 'and an organisation is chosen');
SELECT is(try_as('app_strict', NULL, $$SELECT * FROM api.flag('checkout')$$), '28000', 'strict logins need a session');
SELECT is(try_as('app_ro', id::text, $$SELECT reason FROM api.flag('checkout')$$), 'default', 'readers evaluate') FROM org;
SELECT is(try_as(login, NULL, call), '42501', format('%s: %s', login, call))
FROM unnest(ARRAY['app', 'app_strict', 'app_ro', 'gateway', 'pod_features', 'monitor', 'auditor', 'bridge', 'provisioner']) AS login,
    unnest(ARRAY['SELECT admin.define_flag(''x'', ''{}'', ''r'')', 'SELECT admin.kill_flag(''checkout'', ''r'')', 'SELECT admin.remove_flag(''checkout'', ''r'')', 'SELECT * FROM config.flag_evaluations']) AS call;
SELECT is(try_as(login, NULL, 'SELECT api.report_evaluations(''{}'')'), '42501', login || ' reports nothing') FROM unnest(ARRAY['app_strict', 'app_ro', 'dba', 'gateway', 'pod_ai']) AS login;
SELECT is(try_as(login, (SELECT id::text FROM org), 'SELECT * FROM api.flag(''checkout'')'), '42501', login || ' asks no flag') FROM unnest(ARRAY['pod_features', 'bridge', 'gateway', 'monitor']) AS login;

-- MARK: Plain switches go on

SELECT is((SELECT (admin.set_default('features', 'plain', 'true', 'r')).version), 1::bigint, 'a plain switch of the platform');
SELECT is(tap.flag('plain'), 'on true default', 'is a flag that is on');
SELECT is(do_as('app', id::text, $$SELECT version FROM api.set_config('features', 'own', 'true', 'r')$$), '1', 'one that only the organisation has') FROM org;
SELECT is(tap.flag('own'), 'on true organisation', 'is on for it');
SELECT is(tap.flag('own', p_org => (SELECT beta::text FROM org)), 'unknown', 'and not there for others');
SELECT is(try_as('app', id::text, $$SELECT api.set_config('features', 'plain', '{"variant": "on"}', 'r')$$), '22023', 'a plain switch has no variants to choose from') FROM org;

-- MARK: An organisation chooses

SELECT is(tap.define('colour', '{"variants": {"red": "#f00", "blue": "#00f"}, "off": "red", "default": "red"}'), '1', 'a flag with variants');
SELECT is(do_as('app', id::text, $$SELECT value FROM api.set_flag('colour', '{"variant": "blue"}', 'likes it')$$), '{"variant": "blue"}', 'a choice') FROM org;
SELECT is((tap.flag('colour'), tap.flag('colour', p_org => (SELECT beta::text FROM org)))::text, '("blue ""#00f"" organisation","red ""#f00"" default")', 'holds for it alone');
SELECT is(try_as('app', id::text, format('SELECT version FROM api.set_flag(%s)', arguments)), outcome, 'choice: ' || arguments)
FROM org, (VALUES ($$'colour', '{"variant": "green"}', 'r'$$, 'AR422'), ($$'colour', 'true', 'r'$$, 'AR422'), ($$'colour', 'false', 'r'$$, '2'), ($$'colour', NULL, 'r'$$, '2'), ($$'colour', '"blue"', 'r'$$, 'AR422'),
    ($$'colour', '{"variant": "red", "killed": false}', 'r'$$, 'AR422'), ($$'colour', '{"variant": 1}', 'r'$$, 'AR422'), ($$'colour', '{}', 'r'$$, 'AR422'), ($$'colour', '{"variant": "red"}', ''$$, '22023'),
    ($$'colour', '{"variant": "red"}', 'r', 7$$, 'AR409'), ($$'colour', '{"variant": "red"}', 'r', 1$$, '2'), ($$'checkout', 'true', 'r'$$, '1'), ($$'checkout', '{"default": "on"}', 'r'$$, 'AR422')) AS v (arguments, outcome);
SELECT throws_ok(format($$INSERT INTO config.service_configs (org_id, service, key, value) VALUES (%s, 'features', 'colour', '{"variant": "green"}')$$, beta), 'AR422', 'flag colour: variant is none of blue, red', 'whoever writes it, and however') FROM org;
-- In strict mode whoever has a session of the organisation asks, by its handle.
CREATE FUNCTION tap.ask_as(p_org bigint, p_role text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_handle text := tap.do_as('gateway', NULL, format('SELECT api.open_session(%s, %s)', p_org, (core.add_member(p_org, p_role || '@asks.example', p_role, p_role)).user_id));
BEGIN
    PERFORM tap.become('app_strict', (SELECT id FROM org)::text);
    EXECUTE 'SELECT api.begin_request($1)' USING v_handle;
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = tap.outcome($s$SELECT concat_ws(' ', variant, value, reason) FROM api.flag('colour', 'ann')$s$);
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;
SELECT is(tap.ask_as(id, 'viewer'), 'blue "#00f" organisation', 'a session''s user is told the choice of its organisation') FROM org;
SELECT is(tap.ask_as(beta, 'member'), 'red "#f00" default', 'and no other''s, whatever is set') FROM org;
-- In strict mode by the role of the session's user.
CREATE FUNCTION tap.choose_as(p_role text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_org    bigint := (SELECT id FROM org);
    v_handle text := tap.do_as('gateway', NULL, format('SELECT api.open_session(%s, %s)', v_org, (core.add_member(v_org, p_role || '@acme.example', p_role, p_role)).user_id));
BEGIN
    PERFORM tap.become('app_strict', NULL);
    EXECUTE 'SELECT api.begin_request($1)' USING v_handle;
    RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = tap.outcome($s$SELECT value FROM api.set_flag('colour', '{"variant": "red"}', 'r')$s$);
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    RETURN SQLERRM;
WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;
SELECT is(tap.choose_as(role), outcome, role || ' chooses') FROM (VALUES ('admin', '{"variant": "red"}'), ('member', '42501'), ('viewer', '42501')) AS v (role, outcome);
SELECT is(try_as(login, chosen, $$SELECT version FROM api.set_flag('colour', '{"variant": "red"}', 'r')$$), state, format('%s chooses for %s', login, coalesce(chosen, 'nobody')))
FROM org, LATERAL (VALUES ('app', NULL, '55000'), ('app_strict', id::text, '28000'), ('app_ro', id::text, '42501'), ('pod_features', id::text, '42501'), ('gateway', id::text, '42501')) AS v (login, chosen, state);
SELECT is(tap.define('colour', '{"variants": {"red": "#f00"}, "off": "red", "default": "red"}'), '2', 'a variant goes');
SELECT is(tap.flag('colour'), 'red "#f00" default', 'and with it the choice of it');

-- MARK: The kill switch

SELECT is(do_as('app', id::text, $$SELECT version FROM api.set_flag('checkout', 'true', 'wanted')$$), '1', 'an organisation has chosen') FROM org;
SELECT is(do_as('dba', NULL, $$SELECT (admin.kill_flag('checkout', 'incident 4711')).version$$), '3', 'the kill switch');
SELECT is(tap.flag('checkout', 'ann', '{"plan": "pro"}'), 'off false killed', 'is off for everybody');
SELECT is(tap.define('checkout', '{"default": "on", "killed": false}'), '4', 'a new definition');
SELECT is(tap.flag('checkout'), 'off false killed', 'does not turn it back by the way');
SELECT is(do_as('dba', NULL, $$SELECT (admin.kill_flag('checkout', 'mended', false)).value$$), '{"default": "on"}', 'that is done by its own hand');
SELECT is(tap.flag('checkout'), 'on true organisation', 'and what was chosen holds again');
SELECT is(tap.define('fresh', '{"killed": true}'), '1', 'nor does a definition pull it');
SELECT is(tap.flag('fresh'), 'on true default', 'a flag is not born killed');
SELECT is(try_as('dba', NULL, call), state, call)
FROM (VALUES ('SELECT admin.kill_flag(''none'', ''r'')', 'P0002'), ('SELECT admin.kill_flag(''plain'', ''r'')', 'P0002'), ('SELECT admin.kill_flag(''colour'', '''')', '22023'), ('SELECT admin.remove_flag(''none'', ''r'')', 'P0002'),
    ('SELECT admin.define_flag(''x'', ''{}'', '''')', '22023'), ('SELECT admin.define_flag(''X'', ''{}'', ''r'')', '23514'), ('SELECT admin.define_flag(NULL, ''{}'', ''r'')', '22023'), ('SELECT admin.kill_flag(''colour'', ''r'', NULL)', '22023'), ('SELECT admin.kill_flag(NULL, ''r'')', 'P0002'),
    ('SELECT admin.define_flag(''x'', ''true'', ''r'')', 'AR422'), ('SELECT admin.define_flag(''x'', NULL, ''r'')', 'AR422')) AS v (call, state);

-- A flag that was removed is nobody's: least of all is it on again for who had chosen it before it was killed.
SELECT is(tap.define('gone', '{}'), '1', 'a flag');
SELECT is(do_as('app', id::text, $$SELECT value FROM api.set_flag('gone', 'true', 'wanted')$$), 'true', 'that an organisation has chosen') FROM org;
SELECT is(do_as('dba', NULL, $$SELECT version FROM admin.kill_flag('gone', 'incident')$$), '2', 'is killed');
SELECT is(do_as('dba', NULL, $$SELECT value IS NULL FROM admin.remove_flag('gone', 'the code is gone')$$), 'true', 'and removed');
SELECT is(tap.flag('gone'), 'unknown', 'and is not on again');
SELECT is(tap.define('gone', '{"enabled": false}'), '4', 'defined anew');
SELECT is(tap.flag('gone'), 'on true organisation', 'it finds what was chosen');
SELECT is(do_as('dba', NULL, $$SELECT value FROM admin.set_default('features', 'was', 'true', 'r')$$), 'true', 'a plain switch of the platform');
SELECT is(do_as('app', id::text, $$SELECT value FROM api.set_config('features', 'was', 'true', 'r')$$), 'true', 'that an organisation has, too') FROM org;
SELECT is(do_as('dba', NULL, $$SELECT value IS NULL FROM admin.set_default('features', 'was', NULL, 'r')$$), 'true', 'is the platform''s no more');
SELECT is((tap.flag('was'), tap.flag('was', p_org => (SELECT beta::text FROM org)))::text, '("on true organisation",unknown)', 'and still the organisation''s');

-- MARK: Back to a version

SELECT is(tap.define('back', '{"salt": "one"}'), '1', 'a definition');
SELECT is(tap.define('back', '{"salt": "two"}'), '2', 'another');
SELECT is(do_as('dba', NULL, $$SELECT version || ' ' || value FROM admin.rollback_flag('back', 1, 'too many errors')$$), '3 {"salt": "one"}', 'the first one again, as a new version');
SELECT is((SELECT changed_by || ' ' || reason FROM config.config_history WHERE org_id = 0 AND key = 'back' AND version = 3), 'dba too many errors', 'with who and why');
SELECT is(do_as('dba', NULL, $$SELECT version FROM admin.kill_flag('back', 'incident')$$), '4', 'killed');
SELECT is(do_as('dba', NULL, $$SELECT value::jsonb - 'salt' FROM admin.rollback_flag('back', 2, 'r')$$), '{"killed": true}', 'a version from before the kill switch does not turn it back');
SELECT is(do_as('dba', NULL, $$SELECT value IS NULL FROM admin.remove_flag('back', 'r')$$), 'true', 'removed');
SELECT is(do_as('dba', NULL, $$SELECT value FROM admin.rollback_flag('back', 1, 'still needed')$$), '{"salt": "one"}', 'and back');
SELECT is(do_as('dba', NULL, $$SELECT value FROM admin.rollback_flag('plain', 1, 'r')$$), '{}', 'of a plain switch');
SELECT is(tap.flag('plain'), 'on true default', 'it comes to the same');
SELECT is(try_as('dba', NULL, format('SELECT admin.rollback_flag(%s)', arguments)), state, 'back: ' || arguments)
FROM (VALUES ($$'back', 99, 'r'$$, 'P0002'), ($$'back', NULL, 'r'$$, 'P0002'), ($$'none', 1, 'r'$$, 'P0002'), ($$NULL, 1, 'r'$$, 'P0002'), ($$'back', 6, 'r'$$, '55000')) AS v (arguments, state);
SELECT is(try_as(login, NULL, $$SELECT admin.rollback_flag('back', 1, 'r')$$), '42501', login || ' takes no flag back') FROM unnest(ARRAY['app', 'gateway', 'pod_features', 'monitor', 'auditor']) AS login;
SELECT is(do_as('dba', NULL, $$SELECT value FROM admin.set_default('features', 'plain', 'true', 'r')$$), 'true', 'a plain switch again');

-- MARK: What is refused, word by word

SELECT is(tap.define('w', definition), 'AR422 flag w: ' || complaint, complaint)
FROM (VALUES
    ('[]', 'it is no object'),
    ('{"enable": true}', 'it has the unknown member enable'),
    ('{"enabled": "yes"}', 'enabled is neither true nor false'),
    ('{"salt": "a.b"}', 'salt is no text of at most 63 letters, digits, hyphens and underscores'),
    ('{"salt": null}', 'salt is no text of at most 63 letters, digits, hyphens and underscores'),
    ('{"from": "2026-12-01"}', 'from is no time like 2026-12-01T08:00:00Z'),
    ('{"until": "2026-12-01T08:00:00+01:00"}', 'until is no time like 2026-12-01T08:00:00Z'),
    ('{"from": "2026-12-01T08:00:00Z", "until": "2026-12-01T08:00:00Z"}', 'until is not after from'),
    ('{"variants": {}}', 'variants is no object of 1 to 20 variants'),
    ('{"variants": ["on"]}', 'variants is no object of 1 to 20 variants'),
    ('{"variants": {"On": 1}}', 'variants has ''On'', which is no name of a variant'),
    ('{"variants": {"a": 1}, "off": "a"}', 'default is none of the variants'),
    ('{"variants": {"a": 1}, "default": "a"}', 'off is none of the variants'),
    ('{"off": "none"}', 'off is none of the variants'),
    ('{"default": "none"}', 'default is none of the variants'),
    ('{"default": 1}', 'default is none of the variants'),
    ('{"default": "on", "rollout": {"shares": [{"variant": "on", "weight": 100000}]}}', 'it has both default and rollout'),
    ('{"rollout": {}}', 'rollout has no shares'),
    ('{"rollout": []}', 'rollout is no object'),
    ('{"rollout": {"shares": []}}', 'rollout.shares is no list of 1 to 20 shares'),
    ('{"rollout": {"shares": [{"variant": "on", "weight": 50000}]}}', 'rollout.shares add up to 50000, not to 100000'),
    ('{"rollout": {"shares": [{"variant": "on", "weight": 50000}, {"variant": "blue", "weight": 50000}]}}', 'rollout.shares[1].variant is none of the variants'),
    ('{"rollout": {"shares": [{"variant": "on", "weight": 0.5}]}}', 'rollout.shares[0].weight is no whole number from 0 to 100000'),
    ('{"rollout": {"shares": [{"variant": "on", "weight": -1}]}}', 'rollout.shares[0].weight is no whole number from 0 to 100000'),
    ('{"rollout": {"shares": [{"variant": "on", "weight": "100000"}]}}', 'rollout.shares[0].weight is no whole number from 0 to 100000'),
    ('{"rollout": {"shares": [{"variant": "on"}]}}', 'rollout.shares[0] has no weight'),
    ('{"rollout": {"by": "a b", "shares": [{"variant": "on", "weight": 100000}]}}', 'rollout.by is no name of an attribute'),
    ('{"rules": {}}', 'rules is no list of at most 100 rules'),
    ('{"rules": [{"when": [], "variant": "on"}]}', 'rules[0] has no priority'),
    ('{"rules": [{"priority": 1.5, "when": [], "variant": "on"}]}', 'rules[0].priority is no whole number from 0 to 999999'),
    ('{"rules": [{"priority": 2, "when": [], "variant": "on"}, {"priority": 2, "when": [], "variant": "on"}]}', 'rules[1].priority is not above that of the rule before, 2'),
    ('{"rules": [{"priority": 1, "when": []}]}', 'rules[0] has not exactly one of variant and rollout'),
    ('{"rules": [{"priority": 1, "when": [], "variant": "on", "rollout": {}}]}', 'rules[0] has not exactly one of variant and rollout'),
    ('{"rules": [{"priority": 1, "when": [], "variant": "blue"}]}', 'rules[0].variant is none of the variants'),
    ('{"rules": [{"priority": 1, "when": [], "rollout": {"shares": 1}}]}', 'rules[0].rollout.shares is no list of 1 to 20 shares'),
    ('{"rules": [{"priority": 1, "name": "", "when": [], "variant": "on"}]}', 'rules[0].name is no text of 1 to 100 characters'),
    ('{"rules": [{"priority": 1, "when": {}, "variant": "on"}]}', 'rules[0].when is no list of at most 20 conditions'),
    ('{"rules": [{"priority": 1, "when": [{"operator": "in", "values": ["a"]}], "variant": "on"}]}', 'rules[0].when[0] has no attribute'),
    ('{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "exists"}, {"attribute": "a", "operator": "is"}], "variant": "on"}]}',
        'rules[0].when[1].operator is none of in, not_in, starts_with, ends_with, contains, less, at_most, more, at_least, before, after, version_below, version_at_least, exists, not_exists'),
    ('{"rules": [{"priority": 1, "when": [{"attribute": "", "operator": "exists"}], "variant": "on"}]}', 'rules[0].when[0].attribute is no name of an attribute'),
    ('{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "exists", "values": []}], "variant": "on"}]}', 'rules[0].when[0] has values, which exists does not take'),
    ('{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "in", "values": []}], "variant": "on"}]}', 'rules[0].when[0].values is no list of 1 to 1000 values'),
    ('{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "in"}], "variant": "on"}]}', 'rules[0].when[0].values is no list of 1 to 1000 values'),
    ('{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "less", "values": [1, 2]}], "variant": "on"}]}', 'rules[0].when[0].values has more than one value, and less compares with one'),
    ('{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "less", "values": ["1"]}], "variant": "on"}]}', 'rules[0].when[0].values has a value of the type string, which less does not take'),
    ('{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "in", "values": [null]}], "variant": "on"}]}', 'rules[0].when[0].values has a value of the type null, which in does not take'),
    ('{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "in", "values": [1e400]}], "variant": "on"}]}', 'rules[0].when[0].values has a number that a double does not hold'),
    ('{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "before", "values": ["tomorrow"]}], "variant": "on"}]}', 'rules[0].when[0].values has no time like 2026-12-01T08:00:00Z'),
    ('{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "version_below", "values": ["2.0"]}], "variant": "on"}]}', 'rules[0].when[0].values has no version like 2.10.0'),
    ('{"rules": [{"priority": 1, "when": [{"attribute": "a", "operator": "contains", "values": [""]}], "variant": "on"}]}', 'rules[0].when[0].values has an empty text, which everything contains'),
    ('{"prerequisites": {}}', 'prerequisites is no list of at most 10 flags'),
    ('{"prerequisites": [{"flag": "colour"}]}', 'prerequisites[0] has no variant'),
    ('{"prerequisites": [{"flag": 1, "variant": "on"}]}', 'prerequisites[0] has a flag or variant that is no text'),
    ('{"prerequisites": [{"flag": "none", "variant": "on"}]}', 'prerequisites[0].flag is no flag: ''none'''),
    ('{"prerequisites": [{"flag": "colour", "variant": "on"}]}', 'prerequisites[0].variant is no variant of colour: ''on'''),
    ('{"prerequisites": [{"flag": "w", "variant": "on"}]}', 'prerequisites go round in a circle, or deeper than ten: w needs w')) AS v (definition, complaint);
SELECT is((SELECT count(*) FROM config.service_configs WHERE key = 'w'), 0::bigint, 'nothing of it stayed');
SELECT matches(tap.define('w', '{"variants": {"on": {"password": "hunter2hunter2"}, "off": false}}'), '^AR422 the value of features.w looks like a secret', 'secrets are refused here, too');
SELECT is(try_as('dba', NULL, format($$SELECT admin.set_default('features', 'checkout', %L, 'r')$$, definition)), 'AR422', 'whatever writes a definition is held to it: ' || definition)
FROM unnest(ARRAY['{"enable": true}', '{"killed": 1}', '"on"', '[]', '1']) AS definition;

-- Ids of subjects, as many issue them: chance has made them, and they open nothing. (ULID, KSUID, Firebase, Clerk, SHA-256, UUID.)
CREATE TEMP TABLE id (n integer, id text);
INSERT INTO id VALUES (1, '01ARZ3NDEKTSV4RRFFQ69G5FAV'), (2, '0ujtsYcgvSTl8PAuAdqWYSMnLOv'), (3, 'Zq3rT8xWkLmN5vB2cHj9pYs7dF41'), (4, 'user_2bXkR9mQ7vLs4TnW8pZc3HdYfGj'),
    (5, '973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b'), (6, 'f47ac10b-58cc-4372-a567-0e02b2c3d479');
CREATE FUNCTION tap.of_subjects(p_values jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT jsonb_build_object('default', 'off', 'rules', jsonb_build_array(jsonb_build_object('priority', 1, 'name', 'pilot', 'variant', 'on', 'when',
        jsonb_build_array(jsonb_build_object('attribute', 'subject', 'operator', 'in', 'values', p_values)))))::text
$$;
SELECT is(tap.define('ids-' || n, tap.of_subjects(jsonb_build_array(id))), '1', 'a flag for ' || id) FROM id;
SELECT is(tap.flag('ids-' || n, id), 'on true rule pilot', 'is on for ' || id) FROM id;
SELECT is(do_as('dba', NULL, format('SELECT version FROM admin.kill_flag(%L, ''r'')', 'ids-' || n)), '2', 'and can be killed: ' || id) FROM id;
-- What has the shape of a secret is one wherever it stands; what looks like chance, anywhere else.
SELECT matches(tap.define('id', definition), '^AR422 the value of features.id looks like a secret', 'refused: ' || definition)
FROM id, LATERAL (VALUES (tap.of_subjects('["AKIAIOSFODNN7EXAMPLE"]')), (tap.of_subjects('["x", "Bearer abcdefghijklmnopqrstuvwxyz"]')),
    (format('{"variants": {"on": %s, "off": ""}}', to_json(id))), (format('{"variants": {"on": {"values": [%s]}, "off": ""}}', to_json(id))), (replace(tap.of_subjects('[]'), 'pilot', id))) AS v (definition) WHERE n = 3;
SELECT is(try_as('dba', NULL, format('SELECT admin.set_default(''features'', ''id'', %L, ''r'')', definition)), 'AR422', 'written so that nobody sees it: ' || definition)
FROM id, LATERAL (VALUES (format('{"rules": [{"name": %s}], "rules": []}', to_json(id))), (replace(tap.of_subjects('["AKIAIOSFODNN7EXAMPLE"]'), 'AKIA', '\u0041KIA'))) AS v (definition) WHERE n = 3;
BEGIN;
ALTER TABLE config.service_configs DISABLE TRIGGER stamp;
SELECT throws_ok(format('UPDATE config.service_configs SET value = %L WHERE org_id = 0 AND service = ''features'' AND key = ''ids-1''', format('{"variants": {"on": %s, "off": ""}}', to_json(id))), '23514', NULL, 'also past the trigger') FROM id WHERE n = 3;
ROLLBACK;
-- A flag is a key like every other: it is not called after a secret.
SELECT matches(tap.define('rotate-api-keys', '{}'), '^AR422 the value of features.rotate-api-keys looks like a secret', 'not by its name');
SELECT is(tap.define('api-key-rotation', '{}'), '1', 'which can be another one');
SELECT is(tap.define('large', format('{"variants": {"on": %s, "off": ""}}', to_json(repeat('large ', 11000)))), '22023 the value of features.large is longer than 65536 bytes', 'a definition has an end');

-- As many as there may be of each, and one more.
CREATE FUNCTION tap.many(p_n integer, p_format text) RETURNS text LANGUAGE sql AS 'SELECT string_agg(format(p_format, n), '', '' ORDER BY n) FROM generate_series(1, p_n) AS n';
SELECT is(tap.define('many', replace(definition, 'MANY', tap.many(most, each))), version::text, format('%s: %s', most, complaint))
FROM (VALUES
    (1, 20, '{"variants": {MANY}, "off": "v1", "default": "v1"}', '"v%s": 1', 'variants is no object of 1 to 20 variants'),
    (2, 20, '{"rollout": {"shares": [{"variant": "on", "weight": 100000}, MANY]}}', '{"variant": "off", "weight": 0}', 'rollout.shares is no list of 1 to 20 shares'),
    (3, 100, '{"rules": [MANY]}', '{"priority": %s, "when": [], "variant": "on"}', 'rules is no list of at most 100 rules'),
    (4, 20, '{"rules": [{"priority": 1, "variant": "on", "when": [MANY]}]}', '{"attribute": "a%s", "operator": "exists"}', 'rules[0].when is no list of at most 20 conditions'),
    (5, 1000, '{"rules": [{"priority": 1, "variant": "on", "when": [{"attribute": "a", "operator": "in", "values": [MANY]}]}]}', '"v%s"', 'rules[0].when[0].values is no list of 1 to 1000 values'),
    (6, 10, '{"prerequisites": [MANY]}', '{"flag": "checkout", "variant": "on"}', 'prerequisites is no list of at most 10 flags')) AS v (version, above, definition, each, complaint),
    LATERAL (SELECT above - (definition LIKE '%100000%')::integer AS most) AS m
ORDER BY version;
SELECT is(tap.define('many', replace(definition, 'MANY', tap.many(most + 1, each))), 'AR422 flag many: ' || complaint, format('%s are one too many: %s', most + 1, complaint))
FROM (VALUES
    (20, '{"variants": {MANY}, "off": "v1", "default": "v1"}', '"v%s": 1', 'variants is no object of 1 to 20 variants'),
    (19, '{"rollout": {"shares": [{"variant": "on", "weight": 100000}, MANY]}}', '{"variant": "off", "weight": 0}', 'rollout.shares is no list of 1 to 20 shares'),
    (100, '{"rules": [MANY]}', '{"priority": %s, "when": [], "variant": "on"}', 'rules is no list of at most 100 rules'),
    (20, '{"rules": [{"priority": 1, "variant": "on", "when": [MANY]}]}', '{"attribute": "a%s", "operator": "exists"}', 'rules[0].when is no list of at most 20 conditions'),
    (1000, '{"rules": [{"priority": 1, "variant": "on", "when": [{"attribute": "a", "operator": "in", "values": [MANY]}]}]}', '"v%s"', 'rules[0].when[0].values is no list of 1 to 1000 values'),
    (10, '{"prerequisites": [MANY]}', '{"flag": "checkout", "variant": "on"}', 'prerequisites is no list of at most 10 flags')) AS v (most, definition, each, complaint);

-- MARK: Prerequisites

SELECT is(tap.define('base', '{}'), '1', 'a flag');
SELECT is(tap.define('middle', '{"prerequisites": [{"flag": "base", "variant": "on"}]}'), '1', 'that another needs');
SELECT is(tap.define('top', '{"prerequisites": [{"flag": "middle", "variant": "on"}, {"flag": "plain", "variant": "on"}]}'), '1', 'and another that one');
SELECT is(tap.define('base', '{"prerequisites": [{"flag": "top", "variant": "on"}]}'), 'AR422 flag base: prerequisites go round in a circle, or deeper than ten: base needs top needs middle needs base', 'a circle is refused');
SELECT is(tap.define('base', '{"variants": {"a": 1}, "off": "a", "default": "a"}'), 'AR422 flag base: variants lacks on, which is a prerequisite of middle', 'so is a change that takes away what another needs');
SELECT is(try_as('dba', NULL, $$SELECT admin.remove_flag('base', 'r')$$), 'AR422', 'and to remove it');
SELECT is(try_as('dba', NULL, $$SELECT admin.set_default('features', 'plain', NULL, 'r')$$), 'AR422', 'in whatever way');
SELECT is(tap.flag('top'), 'on true default', 'all are met');
SELECT is(do_as('dba', NULL, $$SELECT (admin.kill_flag('base', 'incident')).version$$), '2', 'the lowest is killed');
SELECT is((tap.flag('top'), tap.flag('middle'))::text, '("off false prerequisite middle","off false prerequisite base")', 'and with it those that need it');
SELECT is(do_as('dba', NULL, $$SELECT (admin.remove_flag('top', 'done')).value$$), 'NULL', 'from the top they can be removed');
SELECT is(tap.flag('top'), 'unknown', 'and are gone');
SELECT is(do_as('dba', NULL, $$SELECT (admin.remove_flag('middle', 'done')).value$$), 'NULL', 'the next');
SELECT is(try_as('pod_features', NULL, $$SELECT string_agg(key, ',' ORDER BY key) FROM api.pod_configs('features') WHERE org_id = 0 AND value IS NULL$$), 'middle,top,was', 'pods hear of it by tombstones');
SELECT is(tap.define('top', '{}'), '3', 'a flag that comes back goes on counting');
SELECT is((SELECT string_agg(tap.define('deep' || n, CASE n WHEN 0 THEN '{}' ELSE format('{"prerequisites": [{"flag": "deep%s", "variant": "on"}]}', n - 1) END), ' ' ORDER BY n) FROM generate_series(0, 10) AS n),
    '1 1 1 1 1 1 1 1 1 1 1', 'ten deep');
SELECT matches(tap.define('deep11', '{"prerequisites": [{"flag": "deep10", "variant": "on"}]}'), '^AR422 flag deep11: prerequisites go round in a circle, or deeper than ten: deep11 needs deep10', 'and no deeper');

-- A definition that begins with a blank needs what it says, too.
SELECT is(tap.define('blank', '{}'), '1', 'a flag');
SELECT is(do_as('dba', NULL, $$SELECT version FROM admin.set_default('features', 'blank', ' {"prerequisites": [{"flag": "fresh", "variant": "on"}]}', 'r')$$), '2', 'a definition behind a blank');
SELECT is(try_as('dba', NULL, $$SELECT admin.remove_flag('fresh', 'r')$$), 'AR422', 'keeps what it needs');
SELECT matches(tap.define('fresh', '{"prerequisites": [{"flag": "blank", "variant": "on"}]}'), '^AR422 flag fresh: prerequisites go round in a circle', 'and closes no circle');
-- What flags need of each other is changed under one level of isolation, a kill switch under each.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT is(try_as('dba', NULL, call), '55000', 'not with an old snapshot: ' || call)
FROM unnest(ARRAY['SELECT admin.define_flag(''fresh'', ''{}'', ''r'')', 'SELECT admin.remove_flag(''deep10'', ''r'')', 'SELECT admin.set_default(''features'', ''fresh'', ''{}'', ''r'')', 'SELECT admin.rollback_flag(''back'', 1, ''r'')']) AS call;
SELECT is(try_as('dba', NULL, $$SELECT value FROM admin.kill_flag('fresh', 'incident')$$), '{"killed": true}', 'a kill switch needs nobody');
ROLLBACK;

-- MARK: The time, through api.flag

-- Fourteen hours ahead of UTC: whoever takes the session's time for it is wrong by as much.
SET TimeZone = 'Pacific/Kiritimati';
CREATE FUNCTION tap.hours(p_hours integer) RETURNS text LANGUAGE sql AS $$SELECT to_char(now() AT TIME ZONE 'UTC' + make_interval(hours => p_hours), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')$$;
SELECT is(tap.define('time-' || name, format('{"%s": "%s"}', member, tap.hours(hours))), '1', 'a flag: ' || name)
FROM (VALUES ('gone', 'until', -1), ('going', 'until', 1), ('coming', 'from', 1), ('here', 'from', -1)) AS v (name, member, hours);
SELECT is(tap.define('time-never', '{"enabled": false}'), '1', 'a flag: never');
SELECT is(tap.flag('time-' || name), outcome, name) FROM (VALUES ('gone', 'off false schedule'), ('going', 'on true default'), ('coming', 'off false schedule'), ('here', 'on true default'), ('never', 'off false disabled')) AS v (name, outcome);
SELECT is(do_as('dba', NULL, $$SELECT string_agg(substr(key, 6) || ' ' || state, ', ' ORDER BY key) FROM admin.flags() WHERE key LIKE 'time-%'$$), 'coming to come, going on, gone over, here on, never disabled', 'and the list says so');
RESET TimeZone;

-- MARK: Shares

SELECT is(tap.define('share', '{"rollout": {"shares": [{"variant": "on", "weight": 10000}, {"variant": "off", "weight": 90000}]}}'), '1', 'a tenth');
CREATE TEMP TABLE share AS SELECT n, tap.flag('share', 'user-' || n) LIKE 'on %' AS before FROM generate_series(1, 2000) AS n;
SELECT ok(count(*) FILTER (WHERE before) BETWEEN 150 AND 250, format('%s of 2000 are about a tenth', count(*) FILTER (WHERE before))) FROM share;
SELECT is(tap.define('share', '{"rollout": {"shares": [{"variant": "on", "weight": 30000}, {"variant": "off", "weight": 70000}]}}'), '2', 'then three');
SELECT is(count(*) FILTER (WHERE before AND tap.flag('share', 'user-' || n) NOT LIKE 'on %'), 0::bigint, 'nobody who was in is out') FROM share;
SELECT ok(corr(config.flag_bucket('a', '', 'u' || n), config.flag_bucket('b', '', 'u' || n)) BETWEEN -0.05 AND 0.05, 'two flags have shares of their own') FROM generate_series(1, 5000) AS n;
-- Chi-squared with 99 degrees of freedom: beyond 160 once in ten thousand, and the hash is always the same.
SELECT ok(sum((c - 1000) ^ 2 / 1000) < 160, 'the hundred thousand places are used alike')
FROM (SELECT count(*)::numeric AS c FROM generate_series(1, 100000) AS n GROUP BY config.flag_bucket('k', '', 'user-' || n) / 1000) AS b;

-- MARK: Evaluations, and flags that nobody needs

SELECT is(do_as('pod_features', NULL, $$SELECT api.report_evaluations('{"checkout": {"on": 120, "off": 3}, "colour": {"red": 5, "green": 9}, "none": {"on": 1}, "plain": {"on": 2, "off": 0}}')$$), '', 'a pod reports');
SELECT is(do_as('pod_features', NULL, $$SELECT api.report_evaluations('{"checkout": {"on": 30}}')$$), '', 'and again');
SELECT is((SELECT string_agg(format('%s.%s %s', key, variant, evaluations), ', ' ORDER BY key, variant) FROM config.flag_evaluations), 'checkout.off 3, checkout.on 150, colour.red 5, plain.on 2', 'it is added up; what is no flag or no variant is passed over');
BEGIN;
UPDATE config.flag_evaluations SET evaluations = 1000000000000000 WHERE key = 'checkout';
SELECT is(do_as('app', NULL, $$SELECT api.report_evaluations('{"checkout": {"on": 999999999999}}')$$), '', 'nonsense');
SELECT is(do_as('dba', NULL, $$SELECT evaluations FROM admin.flags() WHERE key = 'checkout'$$), '2000000000000000', 'comes to an end, before numbers do');
ROLLBACK;
SELECT is(try_as('pod_features', NULL, format('SELECT api.report_evaluations(%L)', counts)), '22023', 'no report: ' || quote_nullable(counts))
FROM unnest(ARRAY[NULL, '[]', '1', '{"checkout": 1}', '{"checkout": {"on": -1}}', '{"checkout": {"on": "x"}}', '{"checkout": {"on": 1.5}}', '{"checkout": {"on": 1234567890123}}']) AS counts;
SELECT is(try_as('dba', NULL, $$SELECT string_agg(key, ',') FROM admin.stale_flags(1)$$), 'time-gone', 'nothing is stale today but what is over');
ALTER TABLE config.service_configs DISABLE TRIGGER stamp;
UPDATE config.service_configs SET changed_at = changed_at - interval '40 days' WHERE org_id = 0 AND service = 'features' AND key IN ('checkout', 'colour', 'base');
ALTER TABLE config.service_configs ENABLE ALWAYS TRIGGER stamp;
UPDATE config.flag_evaluations SET last_at = last_at - interval '35 days' WHERE key = 'colour';
UPDATE config.flag_evaluations SET last_at = last_at - interval '35 days' WHERE key = 'plain';
SELECT is(tap.define('over', '{"until": "2020-01-01T00:00:00Z"}'), '1', 'a flag whose time is over');
SELECT is(tap.flag('over'), 'off false schedule', 'is off');
SELECT is(do_as(login, NULL, $$SELECT string_agg(format('%s: %s', key, why), '; ' ORDER BY key) FROM admin.stale_flags(30) WHERE key IN ('base', 'checkout', 'colour', 'over', 'plain')$$),
    'base: no evaluation reported, not changed; checkout: not changed; colour: no evaluation reported, not changed; over: over; plain: no evaluation reported', login || ' sees what is stale')
FROM unnest(ARRAY['dba', 'monitor', 'auditor']) AS login;
UPDATE config.flag_evaluations SET last_at = last_at - interval '35 days' WHERE key = 'checkout' AND variant = 'off';
SELECT is(do_as('dba', NULL, $$SELECT why FROM admin.stale_flags(30) WHERE key = 'checkout'$$), 'not changed, always on', 'one that has come to the same for as long');
SELECT is(do_as('dba', NULL, $$SELECT string_agg(key, ',' ORDER BY key) FROM admin.stale_flags(38)$$), 'base,checkout,colour,over,time-gone', 'other days, other flags');
SELECT is(try_as('dba', NULL, format('SELECT admin.stale_flags(%s)', days)), '22023', 'no days: ' || days) FROM unnest(ARRAY['-1', 'NULL', '100001', '2147483647']) AS days;
SELECT is(do_as('dba', NULL, $$SELECT string_agg(format('%s %s %s %s', key, state, rules, organisations), '; ' ORDER BY key) FROM admin.flags() WHERE key IN ('base', 'checkout', 'over', 'plain')$$),
    'base killed 0 0; checkout on 0 1; over over 0 0; plain on 0 0', 'the list');
-- One that nobody has ever evaluated is not young because it was changed: it is as old as it is there.
BEGIN;
SELECT is(tap.define('never', '{}'), '1', 'a flag that nobody evaluates');
ALTER TABLE config.config_history DISABLE TRIGGER USER;
UPDATE config.config_history SET changed_at = changed_at - interval '40 days' WHERE org_id = 0 AND service = 'features' AND key = 'never';
SELECT is(do_as('dba', NULL, $$SELECT version FROM admin.kill_flag('never', 'incident')$$), '2', 'is killed today');
SELECT is(do_as('dba', NULL, format($$SELECT coalesce(string_agg(why, ','), 'nothing') FROM admin.stale_flags(%s) WHERE key = 'never'$$, days)), why, format('after %s days: %s', days, why)) FROM (VALUES (39, 'no evaluation reported'), (41, 'nothing')) AS v (days, why);
SELECT is(do_as('dba', NULL, $$SELECT value IS NULL FROM admin.remove_flag('never', 'r')$$), 'true', 'is removed');
SELECT is(tap.define('never', '{}'), '4', 'and defined anew');
SELECT is(do_as('dba', NULL, $$SELECT count(*) FROM admin.stale_flags(39) WHERE key = 'never'$$), '0', 'then it is young');
ROLLBACK;
-- An application that asks api.flag: it is in use, and nobody says that it is not, nor that it can go.
SELECT is(tap.flag('base'), 'off false killed', 'asked in the database');
SELECT is(do_as('dba', NULL, $$SELECT why FROM admin.stale_flags(30) WHERE key = 'base'$$), 'no evaluation reported, not changed', 'is not called unused');
SELECT matches(obj_description('admin.stale_flags(integer)'::regprocedure, 'pg_proc'), 'a flag that is asked by it alone is in use without a report', 'as the manual says');
SELECT is(do_as('app', NULL, $$SELECT api.report_evaluations('{"base": {"off": 4}}')$$), '', 'an application reports, too');
SELECT is(do_as('dba', NULL, $$SELECT why FROM admin.stale_flags(30) WHERE key = 'base'$$), 'not changed, always off', 'and then it is known');
-- Evaluations go with their flag.
SELECT is(do_as('dba', NULL, $$SELECT evaluations FROM admin.flags() WHERE key = 'checkout'$$), '153', 'a flag that was evaluated');
SELECT is(try_as('dba', NULL, $$SELECT admin.remove_flag('checkout', 'r')$$), 'AR422', 'is still needed');
SELECT is(tap.define('many', '{}'), '7', 'and then is not');
SELECT is(do_as('dba', NULL, $$SELECT value IS NULL FROM admin.remove_flag('checkout', 'r')$$), 'true', 'it goes');
SELECT is((SELECT count(*) FROM config.flag_evaluations WHERE key = 'checkout'), 0::bigint, 'with what was counted');
SELECT is((SELECT sum(evaluations) FROM config.flag_evaluations WHERE key = 'base'), 4::numeric, 'of others nothing');
-- A report that was under way when it went.
INSERT INTO config.flag_evaluations (key, variant, evaluations) VALUES ('checkout', 'on', 5);
SELECT matches(tap.define('checkout', '{}'), '^[0-9]+$', 'another flag of that name');
SELECT is(do_as('dba', NULL, $$SELECT concat_ws(' ', evaluations, last_evaluated_at) FROM admin.flags() WHERE key = 'checkout'$$), '0', 'begins with nothing');

SELECT * FROM finish();

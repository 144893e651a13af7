-- No secret gets in, by whatever way; harmless values do. Everything in corpus/ is invented.
SELECT * FROM no_plan();

CREATE TEMP TABLE secret (kind text, key text, value text);
CREATE TEMP TABLE harmless (key text, value text);
\copy secret FROM corpus/secrets.tsv
\copy harmless FROM corpus/harmless.tsv
GRANT SELECT ON secret, harmless TO PUBLIC;

SELECT cmp_ok(count(*), '>=', 200::bigint, 'at least 200 secrets') FROM secret;
SELECT cmp_ok(count(*), '>=', 1000::bigint, 'at least 1,000 harmless values') FROM harmless;
SELECT is((SELECT count(*) FROM secret WHERE value IN (SELECT value FROM harmless) AND kind <> 'key name'), 0::bigint, 'none is both');

-- By the function.
SELECT is(string_agg(kind || ': ' || key || '=' || left(value, 60), E'\n'), NULL, 'no secret is accepted')
FROM secret WHERE NOT config.looks_like_secret(key, value);
SELECT cmp_ok(count(*) FILTER (WHERE config.looks_like_secret(key, value)), '<', count(*) / 100, 'under 1 % of the harmless are refused') FROM harmless;
SELECT diag(format('secrets accepted: 0 of %s; harmless refused: %s of %s',
    (SELECT count(*) FROM secret), count(*) FILTER (WHERE config.looks_like_secret(key, value)), count(*)))
FROM harmless;

-- By every way into the table.
SELECT is(try_as('dba', NULL, $$SELECT (admin.define_key('corpus', '*', 'text', 'Anything.')).key$$), '*', 'a service that takes anything');
SELECT is(do_as('dba', NULL, $$SELECT (admin.define_key('corpus', '*', 'text', 'Anything.')).key$$), '*', 'a service that takes anything');
CREATE TEMP TABLE org AS SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id AS id;
-- How many of the secrets a statement lets in, and which other states than the expected it ends in.
CREATE FUNCTION tap.let_in(p_login name, p_statement text, p_expected text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_row  record;
    v_in   integer := 0;
    v_else text[] := '{}';
BEGIN
    PERFORM tap.become(p_login, (SELECT id::text FROM org));
    FOR v_row IN SELECT DISTINCT key, value FROM secret LOOP
        BEGIN
            EXECUTE p_statement USING v_row.key, v_row.value;
            v_in := v_in + 1;
        EXCEPTION WHEN OTHERS THEN
            IF SQLSTATE <> p_expected THEN v_else := v_else || (SQLSTATE || ' ' || v_row.key); END IF;
        END;
    END LOOP;
    RETURN v_in || array_to_string(v_else, ', ');
END
$$;
GRANT SELECT ON org TO PUBLIC;
BEGIN;
SELECT is(tap.let_in('app', $$SELECT api.set_config('corpus', $1, $2, 'r')$$, 'AR422'), '0', 'api.set_config');
ROLLBACK;
BEGIN;
SELECT is(tap.let_in('app', $$INSERT INTO service_configs (service, key, value) VALUES ('corpus', $1, $2)$$, 'AR422'), '0', 'a plain INSERT');
ROLLBACK;
BEGIN;
ALTER TABLE config.service_configs DISABLE TRIGGER ALL;
SELECT is(tap.let_in('postgres', $$INSERT INTO config.service_configs (org_id, service, key, value) SELECT id, 'corpus', $1, $2 FROM org$$, '23514'), '0', 'the constraint alone');
ROLLBACK;

-- The refusal says what it is, and never the value.
CREATE FUNCTION tap.refusal(p_key text, p_value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_detail text;
    v_hint   text;
BEGIN
    PERFORM tap.become('app', (SELECT id::text FROM org));
    PERFORM api.set_config('corpus', p_key, p_value, 'r');
    RETURN 'accepted';
EXCEPTION WHEN SQLSTATE 'AR422' THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL, v_hint = PG_EXCEPTION_HINT;
    RETURN SQLERRM || ' ' || v_detail || ' ' || v_hint;
END
$$;
SELECT matches(tap.refusal(key, value), says, says)
FROM (VALUES
    ('x', E'-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----', 'contains a private key'),
    ('x', 'postgres://ann:tulip99@db/app', 'contains a URL with a password'),
    ('db_password', 'tulip', 'under a name that secrets have'),
    ('x', 'kP3vQ9xZ1mN7bT5wR2yL8cJ4', 'contains a random token'),
    ('x', 'https://hooks.slack.com/services/T0/B0/x', 'contains a webhook URL'),
    ('stripe.api_key', 'x', 'admin.define_key\(''corpus'', ''stripe.api_key'', ''secret_ref''')) AS v (key, value, says);
SELECT is((SELECT count(*) FROM secret WHERE length(value) > 8 AND strpos(tap.refusal(key, value), value) > 0), 0::bigint, 'no refusal repeats the secret');

-- What is offered instead.
SELECT is(do_as('dba', NULL, $$SELECT (admin.define_key('payments', 'api_key', 'secret_ref', 'The payment provider''s key.')).type$$), 'secret_ref', 'a key for a reference');
SELECT is(try_as('app', id::text, format($$SELECT (api.set_config('payments', 'api_key', %L, 'r')).value$$, value)), outcome, value)
FROM org, (VALUES
    ('vault://kv/payments#token', 'vault://kv/payments#token'), ('k8s://payments/stripe#api-key', 'k8s://payments/stripe#api-key'),
    ('aws-sm://prod/payments', 'aws-sm://prod/payments'), ('azure-kv://vault/payments', 'azure-kv://vault/payments'), ('op://Platform/Stripe/credential', 'op://Platform/Stripe/credential'),
    ('sk_live_4eC39HqLyjWDarjtT1zdp7dc', 'AR422'), ('vault://user:hunter22@kv/payments', 'AR422'), ('blue-elephant', 'AR422'), ('https://vault.example/kv', 'AR422'),
    ('vault://', 'AR422'), ('vault://../../etc', 'AR422')) AS v (value, outcome);
SELECT is(try_as('app', id::text, $$SELECT (api.set_config('features', 'password_reset', 'true', 'r')).value$$), 'true', 'a harmless name') FROM org;

-- Written in another way, it is one all the same.
SELECT ok(config.looks_like_secret(key, value), key || ': ' || left(value, 40))
FROM (VALUES
    ('limits', '{"p\u0061ssword":"hunter2hunter2"}'), ('limits', '{"t":"\u0067hp_abcdefghijklmnopqrstuvwxyz0123456789"}'),
    ('limits', '{"dsn":"postgres:\/\/u:hunter2hunter2@h\/d"}'), ('limits', '{"p\u0061\u0073\u0073\u0077ord":"hunter2hunter2"}'),
    ('url', 'https://user%3Ahunter2pw@host/x'), ('url', 'https://hunter2secret@host/x'), ('url', 'https://host/x?pw=hunter2secret'),
    ('note', '-----begin rsa private key-----MIIEow'), ('note', E'-----BEGIN\tRSA PRIVATE KEY-----MIIEow'),
    ('note', 'Passwort: hunter2geheim'), ('note', 'mot de passe=hunter2secret'),
    ('note', 'vault://AKIAIOSFODNN7EXAMPLE#wJalrXUtnFEMI'), ('token', 'vault://kv/a#ghp_abcdefghijklmnopqrstuvwxyz0123456789')
) AS v (key, value);
SELECT ok(NOT config.looks_like_secret(key, value), key || ': ' || value)
FROM (VALUES ('token', 'vault://kv/payments#token'), ('limits', '{"w\u0061it": "5 s", "path": "a\/b"}'), ('url', 'https://host/x?page=12345678'),
    ('text', 'mailto:ann@acme.example'), ('url', 'https://host/@ann')) AS v (key, value);

SELECT * FROM finish();

-- docs/flag-vectors.json: the hash and the evaluation of feature flags, as every implementation has them.
SELECT * FROM no_plan();

\set file `cat ../../docs/flag-vectors.json`
CREATE TEMP TABLE vectors AS SELECT :'file'::jsonb AS v;

SELECT cmp_ok(jsonb_array_length(v -> 'hash'), '>=', 20, 'there are hashes') FROM vectors;
SELECT cmp_ok(jsonb_array_length(v -> 'evaluations'), '>=', 100, 'there are evaluations') FROM vectors;
SELECT is(config.flag_bucket(h ->> 'key', h ->> 'salt', h ->> 'subject'), (h ->> 'bucket')::integer, format('hash of %s', left(h::text, 100)))
FROM vectors, jsonb_array_elements(v -> 'hash') AS h;
-- The same by another way: the first eight bytes as one exact number.
SELECT is((h ->> 'bucket')::numeric, (
    SELECT sum(get_byte(d, n) * 256::numeric ^ (7 - n)) % 100000
    FROM sha256(convert_to(concat_ws('.', h ->> 'key', h ->> 'salt', h ->> 'subject'), 'UTF8')) AS d, generate_series(0, 7) AS n),
    format('which is %s', h ->> 'bucket'))
FROM vectors, jsonb_array_elements(v -> 'hash') AS h;

CREATE FUNCTION tap.evaluated(p_case jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT to_jsonb(f) FROM config.evaluate_flag(p_case -> 'flags', p_case -> 'own', p_case ->> 'key',
        p_case -> 'attributes' || jsonb_build_object('org_id', p_case ->> 'org') || CASE WHEN p_case ->> 'subject' IS NULL THEN '{}' ELSE jsonb_build_object('subject', p_case ->> 'subject') END,
        p_case ->> 'now') AS f
$$;
SELECT is(tap.evaluated(e), e -> 'expect', e ->> 'name') FROM vectors, jsonb_array_elements(v -> 'evaluations') AS e;
-- What is evaluated is what can be written, but for circles and what is too deep.
SELECT lives_ok(format('SELECT config.check_flag(%L, %L)', f.key, f.value), format('%s of: %s', f.key, e ->> 'name'))
FROM vectors, jsonb_array_elements(v -> 'evaluations') AS e, jsonb_each(e -> 'flags') AS f WHERE jsonb_typeof(f.value) = 'object';
SELECT is(count(*), count(DISTINCT e ->> 'name'), 'each case has a name of its own') FROM vectors, jsonb_array_elements(v -> 'evaluations') AS e;
SELECT set_eq(format('SELECT %L::text[]', (SELECT array_agg(DISTINCT c ->> 'operator' ORDER BY c ->> 'operator')
    FROM vectors, jsonb_path_query(v, '$.evaluations[*].flags.f.rules[*].when[*]') AS c)),
    $$SELECT '{after,at_least,at_most,before,contains,ends_with,exists,in,less,more,not_exists,not_in,starts_with,version_at_least,version_below}'::text[]$$, 'every operator is in them');

SELECT * FROM finish();

-- Prints docs/flag-vectors.json with the answers of this database: for who adds a case. Write its inputs
-- into the file with any answer, and then, in a migrated database, from the clone's root:
--   psql -XAtq -f scripts/docs.d/flag-vectors.sql >new.json && mv new.json docs/flag-vectors.json
-- Read the difference before committing it; Tests/SQL/flag_vectors.sql holds the database to the file.
\pset format unaligned
\pset tuples_only on
\pset pager off
\set file `cat docs/flag-vectors.json`
SELECT E'{\n"hash": [\n' || (
    SELECT string_agg('  ' || json_build_object('key', h ->> 'key', 'salt', h ->> 'salt', 'subject', h ->> 'subject',
        'bucket', config.flag_bucket(h ->> 'key', h ->> 'salt', h ->> 'subject')), E',\n' ORDER BY n)
    FROM jsonb_array_elements(:'file'::jsonb -> 'hash') WITH ORDINALITY AS v (h, n)
) || E'\n],\n"evaluations": [\n' || (
    SELECT string_agg('  ' || json_build_object('name', e -> 'name', 'flags', e -> 'flags', 'own', e -> 'own', 'key', e -> 'key', 'org', e -> 'org',
        'subject', e -> 'subject', 'attributes', e -> 'attributes', 'now', e -> 'now', 'expect', (
            SELECT to_jsonb(f) FROM config.evaluate_flag(e -> 'flags', e -> 'own', e ->> 'key',
                e -> 'attributes' || jsonb_build_object('org_id', e ->> 'org')
                    || CASE WHEN e ->> 'subject' IS NULL THEN '{}' ELSE jsonb_build_object('subject', e ->> 'subject') END,
                e ->> 'now') AS f)), E',\n' ORDER BY n)
    FROM jsonb_array_elements(:'file'::jsonb -> 'evaluations') WITH ORDINALITY AS v (e, n)
) || E'\n]\n}';

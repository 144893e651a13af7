-- config_history: partitions, the hash chain and who breaks it, erasure, questions by date.
SELECT * FROM no_plan();

-- Runs a statement as the superuser with all triggers of the history switched off, as an owner of the
-- database could, and says what verify_chain finds in an organisation then. Nothing of it stays.
CREATE FUNCTION tap.found_after(p_org bigint, p_statement text, p_anchor text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_table  regclass;
    v_result text;
BEGIN
    BEGIN
        FOR v_table IN
            SELECT c.oid::regclass FROM pg_class AS c
            WHERE c.relnamespace = 'config'::regnamespace AND c.relkind IN ('r', 'p')
              AND (c.relname ~ '^config_history' OR c.relname ~ '^history_')
        LOOP
            EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', v_table);
        END LOOP;
        ALTER TABLE config.config_history ALTER COLUMN history_id DROP IDENTITY;
        ALTER TABLE config.history_erasures ALTER COLUMN erasure_id DROP IDENTITY;
        BEGIN
            EXECUTE p_statement;
            IF p_anchor IS NULL THEN
                SELECT format('%s place=%s row=%s', split_part(f.problem, ':', 1), f.place, f.history_id) INTO v_result
                FROM admin.verify_chain(p_org) AS f;
            ELSE
                SELECT format('%s place=%s row=%s', split_part(f.problem, ':', 1), f.place, f.history_id) INTO v_result
                FROM admin.verify_anchor(p_anchor) AS f WHERE f.org_id = p_org LIMIT 1;
            END IF;
            v_result := coalesce(v_result, 'unbroken');
        EXCEPTION WHEN check_violation THEN
            v_result := 'refused by a constraint';
        END;
        RAISE EXCEPTION USING ERRCODE = 'TAP00', MESSAGE = v_result;
    EXCEPTION WHEN SQLSTATE 'TAP00' THEN
        RETURN SQLERRM;
    END;
END
$$;

-- Another value of a column's type, as an expression.
CREATE FUNCTION tap.other_value(p_column name, p_type text) RETURNS text
LANGUAGE sql AS $$
    SELECT CASE p_type
        WHEN 'bigint' THEN format('coalesce(%I, 0) + 1000', p_column)
        WHEN 'smallint' THEN format('%I + 1', p_column)
        WHEN 'text' THEN format('coalesce(%I || ''x'', '''')', p_column)
        WHEN 'name' THEN format('%I || ''x''', p_column)
        WHEN 'timestamp with time zone' THEN format('%I + interval ''1 microsecond''', p_column)
        WHEN 'xid8' THEN format('(%I::text::bigint + 1)::text::xid8', p_column)
        WHEN 'uuid[]' THEN format('ARRAY[gen_random_uuid()] || %I[2:]', p_column)
        WHEN 'bytea[]' THEN 'ARRAY[sha256(''x''), NULL, NULL, NULL, NULL]'
        WHEN 'bytea' THEN format('sha256(%I)', p_column)
        WHEN 'text[]' THEN format('%I || ''login''::text', p_column)
    END
$$;

CREATE FUNCTION tap.columns_of(p_table regclass) RETURNS TABLE (name name, type text)
LANGUAGE sql AS $$
    SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute AS a
    WHERE a.attrelid = p_table AND a.attnum > 0 AND NOT a.attisdropped
$$;

-- A write is never lost for want of a partition.
-- The partition of this month is gone, as if the clock had jumped. What the platform has set is kept, sealed,
-- and not counted below.
CREATE TEMP TABLE platform AS SELECT * FROM config.config_history;
CALL tap.settle();
SELECT cmp_ok(config.seal_history(), '=', count(*)::integer, 'what was there is sealed') FROM platform;
DO $$ BEGIN EXECUTE format('DROP TABLE config.config_history_%s', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY_MM')); END $$;
INSERT INTO config.config_history OVERRIDING SYSTEM VALUE SELECT * FROM platform;
ALTER TABLE config.config_history ALTER COLUMN history_id RESTART WITH 101;
CREATE TEMP TABLE org AS
SELECT (api.create_organization(gen_random_uuid(), 'Acme', 'a@acme.example')).id AS acme,
       (api.create_organization(gen_random_uuid(), 'Beta', 'b@beta.example')).id AS beta;
SELECT is(do_as('app', acme::text, $$SELECT version FROM api.set_config('ai', 'threshold', '0.5', 'asked by ann@acme.example')$$), '1', 'a write without a partition') FROM org;
SELECT is(rows_astray, (SELECT count(*) FROM config.config_history), 'is kept in the default partition, and shown') FROM admin.history_health();
SELECT is(try_as('dba', NULL, 'SELECT admin.make_partitions()'), '1', 'its partition is made');
SELECT is(admin.make_partitions(), 1, 'by anybody who may') ;
SELECT is(admin.make_partitions(), 0, 'once');
SELECT is(rows_astray, 0::bigint, 'and the rows are moved') FROM admin.history_health();
SELECT is_empty('SELECT FROM config.config_history_default', 'all of them');
SELECT is(count(*), 7 + (SELECT count(*) FROM platform), 'and none is lost') FROM config.config_history;
SELECT is_empty('SELECT * FROM admin.verify_chain()', 'nor is it another one for the chain');
SELECT is(admin.make_partitions(9), 3, 'further months');
SELECT is(try_as('dba', NULL, 'SELECT admin.make_partitions(121)'), '22023', 'but not for ever');
SELECT is(try_as('dba', NULL, 'SELECT admin.make_partitions(NULL)'), '22023', 'and not for no number');
SELECT is(try_as(login, NULL, 'SELECT config.make_history_partitions()'), '42501', login || ' makes none itself')
FROM unnest(ARRAY['app', 'app_ro', 'dba', 'monitor', 'bridge', 'provisioner', 'pod_ai']) AS login;

-- What a partition carries.
CREATE TEMP TABLE part AS
SELECT i.inhrelid::regclass AS part, 'config.' || c.relname AS name
FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = 'config.config_history'::regclass;
SELECT cmp_ok(count(*), '>=', 11::bigint, 'there are partitions') FROM part;
SELECT ok(c.relrowsecurity AND c.relforcerowsecurity, part || ' has row-level security, forced')
FROM part JOIN pg_class AS c ON c.oid = part;
SELECT is(
    ARRAY(SELECT (p.policyname, p.permissive, p.roles, p.cmd, p.qual, p.with_check)::text FROM pg_policies AS p
          WHERE format('%I.%I', p.schemaname, p.tablename)::regclass = part ORDER BY 1),
    ARRAY(SELECT (p.policyname, p.permissive, p.roles, p.cmd, p.qual, p.with_check)::text FROM pg_policies AS p
          WHERE p.schemaname = 'config' AND p.tablename = 'config_history' ORDER BY 1),
    part || ' has the policies of config_history')
FROM part;
SELECT is_empty(
    'SELECT part, a.grantee::regrole FROM part JOIN pg_class AS c ON c.oid = part, aclexplode(c.relacl) AS a WHERE a.grantee <> c.relowner',
    'partitions are granted to nobody');
SELECT is_empty(
    $$SELECT t.tgrelid::regclass, t.tgname FROM pg_trigger AS t
      WHERE NOT t.tgisinternal AND t.tgenabled <> 'A'
        AND (t.tgrelid IN (SELECT part FROM part)
             OR t.tgrelid IN ('config.config_history'::regclass, 'config.history_chain'::regclass, 'config.history_erasures'::regclass))$$,
    'their triggers are always on');
SELECT bag_eq(
    'SELECT part, t.tgname::text FROM part JOIN pg_trigger AS t ON t.tgrelid = part AND NOT t.tgisinternal',
    $$SELECT part, n FROM part, unnest(ARRAY['append_only', 'erasure', 'once']) AS n
      UNION ALL SELECT 'config.config_history_default'::regclass, 'astray'$$,
    'and all are there');
SELECT has_index('config', 'config_history_default', 'version_is_recorded_once_default', 'a version is recorded once');
SELECT throws_ok(
    $$INSERT INTO config.config_history (org_id, history_id, config_id, service, key, version, changed_by, login, changed_at, reason, xid)
      OVERRIDING SYSTEM VALUE
      SELECT org_id, 900 + history_id, config_id, service, key, version, 'x', 'x', changed_at + months * interval '1 month', 'x', xid
      FROM config.config_history, generate_series(0, 3, 3) AS months WHERE history_id = 101$$,
    '23505', NULL, 'a version is not recorded twice');
SELECT throws_ok(
    $$INSERT INTO config.config_history (org_id, history_id, config_id, service, key, version, changed_by, login, changed_at, reason, xid)
      OVERRIDING SYSTEM VALUE
      SELECT org_id, 900 + history_id, config_id, service, key, version, 'x', 'x', changed_at + interval '3 months', 'x', xid
      FROM config.config_history WHERE history_id = 101$$,
    '23505', NULL, 'nor in another month');

-- Append-only: by no login, in no way, through no name.
SELECT is(
    (SELECT string_agg(DISTINCT try_as(login, acme::text, format(statement, t)), ',')
     FROM org, unnest(ARRAY['UPDATE %s SET org_id = org_id', 'UPDATE %s SET org_id = org_id WHERE false', 'DELETE FROM %s', 'TRUNCATE %s', 'INSERT INTO %s DEFAULT VALUES']) AS statement),
    '42501', format('%s does not write %s', login, t))
FROM unnest(ARRAY['app', 'app_ro', 'dba', 'monitor', 'bridge', 'provisioner', 'pod_ai']) AS login,
     (SELECT 'config.config_history'::text AS t UNION ALL SELECT name FROM part
      UNION ALL SELECT 'config.history_chain' UNION ALL SELECT 'config.history_erasures' UNION ALL SELECT 'config.history_heads') AS t;
SELECT is(try_as(login, acme::text, format('SELECT count(*) FROM %s', name)), '42501', format('%s does not read %s', login, name))
FROM org, part, unnest(ARRAY['app', 'app_ro', 'dba']) AS login;
SELECT throws_ok(format('%s; %s', mode, format(statement, t)), '42501', NULL, format('not even a superuser by mistake: %s; %s', mode, format(statement, t)))
FROM unnest(ARRAY['SET LOCAL session_replication_role = origin', 'SET LOCAL session_replication_role = replica', 'SET LOCAL ROLE ark_owner', 'SET LOCAL ROLE ark_system']) AS mode,
     unnest(ARRAY['UPDATE %s SET org_id = org_id', 'DELETE FROM %s', 'TRUNCATE %s']) AS statement,
     (SELECT 'config.config_history'::text AS t UNION ALL SELECT name FROM part UNION ALL SELECT 'config.history_chain' UNION ALL SELECT 'config.history_erasures') AS t;
RESET ROLE;
RESET session_replication_role;
-- Some history, sealed.
SELECT isnt(do_as('app', acme::text, $$SELECT version FROM api.set_config('ai', 'threshold', '0.6', '=HYPERLINK("x")')$$), NULL, 'a change') FROM org;
SELECT isnt(do_as('app', acme::text, $$SELECT version FROM api.set_config('email', 'max_retries', '7', '-5', p_actor => 'Ann@acme.example')$$), NULL, 'a change') FROM org;
SELECT isnt(do_as('app', acme::text, $$SELECT version FROM api.set_config('email', 'max_retries', NULL, '@home')$$), NULL, 'a change') FROM org;
SELECT isnt(do_as('app', beta::text, $$SELECT version FROM api.set_config('ai', 'threshold', '0.9', 'theirs')$$), NULL, 'a change') FROM org;
SELECT is(try_as(login, NULL, 'SELECT config.seal_history()'), '42501', login || ' does not seal')
FROM unnest(ARRAY['app', 'app_ro', 'monitor', 'bridge', 'pod_ai']) AS login;
SELECT is(try_as('dba', NULL, 'SELECT config.seal_history(0)'), '22023', 'no rows are not sealed');
CALL tap.settle();
SELECT is(do_as('dba', NULL, 'SELECT config.seal_history(4)'), '4', 'four rows are sealed');
SELECT is(do_as('dba', NULL, 'SELECT config.seal_history()'), '7', 'then the others');
SELECT is(do_as('dba', NULL, 'SELECT config.seal_history()'), '0', 'then none');
SELECT is_empty('SELECT * FROM admin.verify_chain()', 'the chain is unbroken');
SELECT results_eq(
    'SELECT c.org_id, c.position, c.history_id FROM config.history_chain AS c ORDER BY 1, 2',
    'SELECT h.org_id, row_number() OVER (PARTITION BY h.org_id ORDER BY h.xid, h.history_id), h.history_id FROM config.config_history AS h ORDER BY 1, 2',
    'it is in feed order, per organisation');
SELECT is(sealed - (SELECT count(*) FROM platform) || ' ' || unsealed, '11 0', 'and its state is shown') FROM admin.history_health();
SELECT is(try_as(login, NULL, 'SELECT FROM admin.verify_chain()'), '42501', login || ' does not verify')
FROM unnest(ARRAY['app', 'app_ro', 'monitor', 'bridge', 'provisioner', 'pod_ai']) AS login;
SELECT is(try_as('dba', NULL, 'SELECT * FROM admin.verify_chain(4711)'), 'P0002', 'an organisation that is none');

SELECT throws_ok(
    format('SET LOCAL ROLE ark_system; UPDATE %s', statement), '42501', NULL, 'not the owner of the functions by hand: ' || statement)
FROM unnest(ARRAY['config.config_history SET reason = ''[erased]''', 'config.config_history SET reason = reason', 'config.history_chain SET salts = NULL']) AS statement;
RESET ROLE;

CREATE TEMP TABLE anchor AS SELECT string_agg(a, E'\n') AS anchor FROM admin.anchor() AS a;
SELECT is_empty('SELECT v.* FROM anchor, admin.verify_anchor(anchor) AS v', 'the anchor holds');

-- Any edit of any column of any row.
CREATE TEMP TABLE sealed AS
SELECT c.org_id, c.position, c.history_id, h.tableoid::regclass AS part
FROM org, config.history_chain AS c JOIN config.config_history AS h USING (org_id, history_id)
WHERE c.org_id = acme;
SELECT is(
    found_after(s.org_id, format('UPDATE config.config_history SET %I = %s WHERE history_id = %s', c.name, other_value(c.name, c.type), s.history_id)),
    format('%s place=%s row=%s', CASE WHEN c.name IN ('org_id', 'history_id') THEN 'deleted' ELSE 'edited' END, s.position, s.history_id),
    format('row %s: %s is edited', s.history_id, c.name))
FROM sealed AS s, columns_of('config.config_history') AS c;
SELECT is(
    found_after(s.org_id, format('UPDATE config.config_history SET service = service || left(key, 1), key = substr(key, 2) WHERE history_id = %s', s.history_id)),
    format('edited place=%s row=%s', s.position, s.history_id),
    format('row %s: a letter moves from one column to the next', s.history_id))
FROM sealed AS s;
SELECT is(
    found_after(s.org_id, format('UPDATE config.config_history SET changed_at = changed_at + interval ''2 months'' WHERE history_id = %s', s.history_id)),
    format('edited place=%s row=%s', s.position, s.history_id),
    format('row %s moves to another month', s.history_id))
FROM sealed AS s;
SELECT is(
    found_after(s.org_id, format('SET LOCAL session_replication_role = replica; DELETE FROM %s WHERE history_id = %s', s.part, s.history_id)),
    format('deleted place=%s row=%s', s.position, s.history_id),
    format('row %s is deleted', s.history_id))
FROM sealed AS s;
SELECT is(
    found_after(acme, format('TRUNCATE config.config_history_%s', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY_MM'))),
    'deleted place=1 row=101', 'a partition is emptied')
FROM org;
SELECT is(
    found_after(acme, format('ALTER TABLE config.config_history DETACH PARTITION config.config_history_%s', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY_MM'))),
    'deleted place=1 row=101', 'a partition is detached')
FROM org;

-- Insertions: under an old transaction, under a new one, as a second version, sealed afterwards.
SELECT is(
    found_after(acme, format(
        $$INSERT INTO config.config_history (org_id, history_id, config_id, service, key, version, changed_by, login, changed_at, reason, xid)
          SELECT org_id, 1000, config_id, service, key, version + %s, 'x', 'x', changed_at + %L::interval, 'x', %s
          FROM config.config_history WHERE history_id = 101; %s$$, versions, months, xid, after)),
    'inserted place= row=1000', format('a row is inserted: version + %s, %s months, xid %s, %s', versions, months, xid, after))
FROM org,
     (VALUES (100, '0', 'xid'), (0, '3 months', 'xid'), (100, '0', 'pg_current_xact_id()'), (0, '3 months', 'pg_current_xact_id()')) AS v (versions, months, xid),
     unnest(ARRAY['', 'SELECT config.seal_history()']) AS after;
SELECT is(
    found_after(acme,
        $$INSERT INTO config.config_history
          SELECT org_id, history_id, config_id, service, key, version, old_value, new_value, changed_by, login, changed_at + interval '1 month', reason, xid
          FROM config.config_history WHERE history_id = 102$$),
    'inserted place=2 row=102', 'a row is doubled')
FROM org;

-- Swaps: of what two rows say, of their places.
SELECT is(
    found_after(acme, format(
        $$UPDATE config.config_history AS a SET %1$I = b.%1$I FROM config.config_history AS b
          WHERE (a.history_id, b.history_id) IN ((108, 109), (109, 108))$$, c.name)),
    'edited place=5 row=108', format('rows 108 and 109 swap %s', c.name))
FROM org, columns_of('config.config_history') AS c
-- The others have one value in both, or a constraint that refuses it on the way.
WHERE c.name NOT IN ('org_id', 'history_id', 'login', 'config_id', 'version');
SELECT is(
    found_after(acme, 'UPDATE config.config_history SET history_id = -history_id WHERE history_id IN (108, 109); UPDATE config.config_history SET history_id = history_id + 217 WHERE history_id < 0'),
    'edited place=5 row=108', 'rows 108 and 109 swap their names')
FROM org;

-- The chain itself.
SELECT matches(
    found_after(s.org_id, format('UPDATE config.history_chain SET %I = %s WHERE org_id = %s AND position = %s', c.name, other_value(c.name, c.type), s.org_id, s.position)),
    CASE WHEN c.name IN ('org_id', 'position') THEN format('^deleted from the chain place=%s ', s.position)
         WHEN c.name IN ('encoding', 'erasure_id') THEN '^refused by a constraint$'
         WHEN c.name = 'history_id' THEN format('^deleted place=%s ', s.position)
         WHEN c.name IN ('salts', 'content') THEN format('^edited place=%s row=%s$', s.position, s.history_id)
         ELSE format('^chain row changed place=%s ', s.position) END,
    format('chain row %s: %s is edited', s.position, c.name))
FROM sealed AS s, columns_of('config.history_chain') AS c;
SELECT is(
    found_after(s.org_id, format('DELETE FROM config.history_chain WHERE org_id = %s AND position = %s', s.org_id, s.position)),
    format('deleted from the chain place=%s row=', s.position), format('chain row %s is deleted', s.position))
FROM sealed AS s;
SELECT is(
    found_after(acme, format('UPDATE config.history_chain SET position = -position + 11 + 9 WHERE org_id = %s AND position IN (5, 6); UPDATE config.history_chain SET position = position - 9 WHERE org_id = %1$s AND position > 10', acme)),
    'reordered place=5 row=109', 'two chain rows swap their places')
FROM org;
SELECT is(
    found_after(acme, format('DELETE FROM config.history_chain WHERE org_id = %s AND position > 5; UPDATE config.history_heads SET position = 5, hash = (SELECT hash FROM config.history_chain WHERE org_id = %1$s AND position = 5) WHERE org_id = %1$s', acme)),
    'inserted place= row=109', 'the end of the chain is cut, and its head with it')
FROM org;
SELECT is(
    found_after(acme, format('UPDATE config.history_heads SET position = position + 1 WHERE org_id = %s', acme)),
    'deleted from the chain place=8 row=', 'a head is moved')
FROM org;

-- Rows that are not sealed yet: their versions are counted.
SELECT isnt(do_as('app', acme::text, $$SELECT version FROM api.set_config('api', 'rate_limit', '7', 'unsealed')$$), NULL, 'a change') FROM org;
SELECT is(found_after(acme, $$DELETE FROM config.config_history WHERE reason = 'unsealed'$$), 'deleted place= row=', 'an unsealed row is deleted') FROM org;
SELECT is(found_after(acme, 'SELECT 1'), 'unbroken', 'unsealed rows are no finding') FROM org;

-- An owner who rebuilds the chain is found by the anchor, and only by that.
CREATE TEMP TABLE rebuilt AS
SELECT $$UPDATE config.config_history SET old_value = '0.99', reason = 'forged' WHERE history_id = 108;
         DELETE FROM config.history_chain; DELETE FROM config.history_heads; UPDATE config.history_cursor SET sealed_before = '3';
         COMMIT$$ AS statement;
SELECT is(
    found_after(acme, replace(statement, 'COMMIT', 'SELECT config.seal_history()')), 'unbroken', 'a rebuilt chain fits')
FROM org, rebuilt;
SELECT is(
    found_after(acme, replace(statement, 'COMMIT', 'SELECT config.seal_history()'), anchor), 'rebuilt place=7 row=110', 'but not the anchor')
FROM org, rebuilt, anchor;
SELECT is(
    found_after(acme, replace(statement, 'COMMIT', 'SELECT config.seal_history(4)'), anchor), 'cut place=7 row=', 'nor a shorter one')
FROM org, rebuilt, anchor;
SELECT throws_ok(format('SELECT * FROM admin.verify_anchor(%L)', text), '22023', NULL, 'no anchor: ' || coalesce(left(text, 30), 'NULL'))
FROM anchor, unnest(ARRAY[NULL, '', 'x', replace(anchor, 'position=7', 'position=6'), regexp_replace(anchor, E'^[^\n]*\n', '')]) AS text;
SELECT is_empty(format('SELECT * FROM admin.verify_anchor(%L)', E'\r\n' || replace(anchor, E'\n', E'\r\n') || E'\r\n'), 'line ends do not matter') FROM anchor;

-- Erasure.
SELECT is(try_as('dba', NULL, 'SELECT history_id || field FROM admin.find_personal_data(''ANN@acme.example'')'), '107reason,109changed_by', 'where a person is');
SELECT is(try_as(login, acme::text, statement), '42501', login || ' does not erase')
FROM org, unnest(ARRAY['app', 'app_ro', 'monitor', 'provisioner', 'pod_ai']) AS login,
     unnest(ARRAY['SELECT FROM admin.erase_personal_data(''ann@acme.example'', ''request 1'')', 'SELECT FROM admin.find_personal_data(''ann'')']) AS statement;
SELECT is(try_as('dba', NULL, format('SELECT * FROM admin.erase_personal_data(%L, %L)', text, reason)), '22023', format('%L is not erased for %L', text, reason))
FROM (VALUES ('an', 'request 1'), (' ', 'request 1'), (NULL, 'request 1'), ('ann@acme', ''), ('ann@acme', NULL), ('ann@acme', 'ANN@ACME wants it')) AS v (text, reason);
CREATE TEMP TABLE before AS SELECT c.* FROM config.history_chain AS c;
SELECT is(do_as('dba', NULL, 'SELECT history_id FROM admin.erase_personal_data(''ann@acme.example'', ''request 1'')'), '107,109', 'two rows are erased');
SELECT is_empty('SELECT * FROM admin.find_personal_data(''ann@'')', 'the person is gone');
SELECT results_eq(
    'SELECT history_id, changed_by::text, reason::text FROM config.config_history WHERE history_id IN (107, 109) ORDER BY 1',
    $$VALUES (107::bigint, 'app', '[erased]'), (109, '[erased]', '-5')$$, 'and nothing else is');
SELECT results_eq('SELECT org_id, position, content, hash FROM config.history_chain ORDER BY 1, 2', 'SELECT org_id, position, content, hash FROM before ORDER BY 1, 2', 'the hashes stay');
SELECT is(salts[5], NULL, 'the salt is gone') FROM config.history_chain WHERE history_id = 107;
SELECT is_empty('SELECT * FROM admin.verify_chain()', 'the chain stays provable');
SELECT is_empty('SELECT v.* FROM anchor, admin.verify_anchor(anchor) AS v', 'against the anchor of before, too');
SELECT results_eq(
    'SELECT history_id, fields, erased_by, login::text COLLATE "default", reason FROM config.history_erasures ORDER BY 1',
    $$VALUES (107::bigint, ARRAY['reason'], 'dba', 'dba', 'request 1'), (109, ARRAY['changed_by'], 'dba', 'dba', 'request 1')$$, 'the erasure is recorded');
CALL tap.settle();
SELECT is(do_as('dba', NULL, 'SELECT config.seal_history()'), '3', 'and sealed');
SELECT is_empty('SELECT * FROM admin.verify_chain()', 'the chain goes on');
SELECT is(
    found_after(acme, format('UPDATE config.config_history SET %s WHERE history_id = %s', set, id)),
    format('edited place=%s row=%s', place, id), format('an erased row is edited: %s', set))
FROM org, (VALUES ('reason = ''nice''', 107, 4), ('new_value = ''0.1''', 107, 4), ('changed_by = ''ann@acme.example''', 109, 6), ('reason = ''[erased]''', 109, 6)) AS v (set, id, place);
SELECT is(
    found_after(acme, format('UPDATE config.history_erasures SET %I = %s WHERE erasure_id = 1', c.name, other_value(c.name, c.type))),
    CASE WHEN c.name IN ('org_id', 'history_id') THEN 'edited place=4 row=107'
         WHEN c.name = 'erasure_id' THEN 'deleted place=9 row='
         ELSE 'edited place=9 row=' END,
    format('a recorded erasure: %s is edited', c.name))
FROM org, columns_of('config.history_erasures') AS c;
SELECT is(found_after(acme, 'DELETE FROM config.history_erasures WHERE erasure_id = 1'), 'edited place=4 row=107', 'a recorded erasure is deleted') FROM org;
SELECT is(
    found_after(acme, 'INSERT INTO config.history_erasures SELECT org_id, 100, 108, fields, erased_by, login, erased_at, reason, xid FROM config.history_erasures WHERE erasure_id = 1'),
    'inserted place= row=', 'an erasure is invented')
FROM org;
SELECT is(do_as('dba', NULL, 'SELECT count(*) FROM admin.erase_personal_data(''app'', ''request 2'', p_history_ids => ARRAY[107, 110])'), '2', 'more of an erased row is erased, of named rows');
SELECT is(do_as('dba', NULL, 'SELECT count(*) FROM admin.erase_personal_data(''erased'', ''request 3'')'), '3', 'what is erased is found by its marker');
SELECT is(count(*), 4::bigint, 'but not erased again') FROM config.history_erasures;
SELECT isnt(do_as('app', acme::text, $$SELECT version FROM api.set_config('api', 'rate_limit', '8', 'bob@acme.example')$$), NULL, 'a change') FROM org;
SELECT is(do_as('dba', NULL, 'SELECT count(*) FROM admin.erase_personal_data(''bob@acme'', ''request 4'')'), '1', 'a row is erased before it is sealed');
CALL tap.settle();
SELECT is(do_as('dba', NULL, 'SELECT config.seal_history()'), '4', 'and sealed as it is then');
SELECT is_empty('SELECT * FROM admin.verify_chain()', 'the chain is unbroken');

-- Questions by date.
SELECT is(try_as('app', acme::text, 'SELECT count(*) FROM api.config_history_between(''-infinity'', ''infinity'')'), '9', 'the organisation''s own history') FROM org;
SELECT is(try_as('app_ro', beta::text, 'SELECT count(*) FROM api.config_history_between(''-infinity'', ''infinity'')'), '4', 'the other''s') FROM org;
SELECT is(try_as('app', NULL, 'SELECT count(*) FROM api.config_history_between(''-infinity'', ''infinity'')'), '0', 'none without an organisation');
SELECT is(try_as('app', acme::text, 'SELECT key || version FROM api.config_history_between(current_date - 1, current_date + 2, ''email'')'), 'max_retries1,max_retries2', 'of one service') FROM org;
SELECT is(
    try_as('app', acme::text, format('SELECT history_id FROM api.config_history_between(%L, %L)', a.changed_at, b.changed_at)), '108,109',
    'from, included, to, excluded')
FROM org, config.config_history AS a, config.config_history AS b
WHERE a.history_id = 108 AND b.history_id = 110;
SELECT is(try_as('app', acme::text, 'SELECT reason FROM api.config_history_csv(''-infinity'', ''infinity'', ''email'')'), '-5,''@home', 'cells that begin a formula are escaped') FROM org;
SELECT is(config.csv_cell(cell), expected, format('cell %L', cell))
FROM (VALUES
    ('=1+1', '''=1+1'), ('+1', '''+1'), ('-1', '-1'), ('-0.25', '-0.25'), ('-1+1', '''-1+1'), ('-', '''-'), ('@SUM(1)', '''@SUM(1)'),
    (E'\t=1', E'''\t=1'), (E'\r=1', E'''\r=1'), (E'\nx', E'''\nx'), ('  =1', '''  =1'), ('＝1', '''＝1'), ('-2.5e3', '''-2.5e3'), (E'-5\n', E'''-5\n'),
    ('a=1', 'a=1'), ('', ''), (NULL, NULL), ('''=1', '''=1'), ('0.75', '0.75'), ('https://x.example/?a=1', 'https://x.example/?a=1')
) AS v (cell, expected);

-- Who can still log in does not erase his name, and nothing goes back to what was erased.
SELECT is(do_as('dba', NULL, $$SELECT (admin.set_default('email', 'from_name', 'Ann Example', 'sabotage')).version$$), '1', 'a change by a login');
SELECT is(do_as('dba', NULL, $$SELECT array_to_string(fields, '+') FROM admin.erase_personal_data('Ann Example', 'request 9')$$), 'new_value', 'the value is erased');
SELECT is(do_as('dba', NULL, $$SELECT count(*) FROM admin.erase_personal_data('dba', 'request 10') AS e WHERE 'login' = ANY (e.fields)$$), '0', 'the login is not');
SELECT is((SELECT DISTINCT login::text COLLATE "default" FROM config.config_history WHERE service = 'email' AND key = 'from_name' AND org_id = 0), 'dba', 'it stays');
SELECT is(do_as('app', acme::text, $$SELECT (api.set_config('email', 'from_name', 'Bob Example', 'r')).version$$), '1', 'a value') FROM org;
SELECT is(do_as('dba', NULL, $$SELECT array_to_string(fields, '+') FROM admin.erase_personal_data('Bob Example', 'request 11')$$), 'new_value', 'is erased from the history');
SELECT is(try_as('app', acme::text, $$SELECT api.rollback_config('email', 'from_name', 1, 'r')$$), '55000', 'and does not come back from it') FROM org;

-- Around the triggers.
SELECT is((SELECT count(*) FROM admin.verify_chain() AS v WHERE v.problem LIKE 'changed without%'), 0::bigint, 'what holds is what the history says');
BEGIN;
ALTER TABLE config.service_configs DISABLE TRIGGER USER;
UPDATE config.service_configs SET value = '0.987' WHERE org_id = (SELECT beta FROM org) AND service = 'quota' AND key = 'cpu';
SELECT is((SELECT v.problem FROM admin.verify_chain((SELECT beta FROM org)) AS v), 'changed without history: the value of quota.cpu is not that of its version 1', 'a value that is not is found');
ALTER TABLE config.service_configs ENABLE TRIGGER USER;
DO $$ BEGIN EXECUTE (SELECT string_agg(format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', g.relation, g.name), '; ') FROM admin.required_guards() AS g WHERE g.kind = 'trigger' AND g.relation = 'config.service_configs'); END $$;
UPDATE config.service_configs SET value = value WHERE false;
COMMIT;
SELECT is(try_as('dba', NULL, $$SELECT max(what || ': ' || new || ': ' || reason) FROM admin.changes(p_since => '100000 years') WHERE reason = 'request 11'$$),
    format('erasure: new_value of history %s: request 11', (SELECT e.history_id FROM config.history_erasures AS e WHERE e.reason = 'request 11')), 'erasures are shown');

SELECT is(found_after(acme, $$INSERT INTO config.config_history (org_id, history_id, config_id, service, key, version, changed_by, login, changed_at, reason, xid)
    SELECT org_id, 5000, 999999, 'ai', 'ghost', 1, 'x', 'x', clock_timestamp(), 'x', pg_current_xact_id() FROM config.config_history WHERE history_id = 101$$), 'inserted place= row=', 'a key that has never existed') FROM org;
BEGIN;
ALTER TABLE config.service_configs DISABLE TRIGGER USER;
UPDATE config.service_configs SET value = '0.987' WHERE org_id = (SELECT beta FROM org) AND service = 'quota' AND key = 'cpu';
SELECT is((SELECT count(*) FROM org, admin.verify_chain(acme)), 0::bigint, 'what is wrong in one organisation is not told of another');
ROLLBACK;
SELECT is(do_as('app', o::text, format($$SELECT count(*) FROM api.set_config('email', 'from_name', %L, 'r')$$, v)), '1', v) FROM org, unnest(ARRAY[acme, beta]) AS o, unnest(ARRAY['Cid Example', 'Nobody']) AS v;
SELECT is(try_as('dba', NULL, 'SELECT DISTINCT field FROM admin.find_personal_data(''cid example'') ORDER BY 1'), 'new_value,old_value', 'old values are looked through');
SELECT is(try_as('dba', NULL, format('SELECT DISTINCT org_id FROM admin.erase_personal_data(''Cid Example'', ''request 12'', %s)', acme)), acme::text, 'of one organisation only') FROM org;

SELECT cmp_ok(h.unsealed, '>=', (SELECT count(*) FROM config.history_erasures AS e WHERE NOT EXISTS (SELECT FROM config.history_chain AS c WHERE c.erasure_id = e.erasure_id AND c.org_id = e.org_id)), 'erasures wait to be sealed, too')
FROM admin.history_health() AS h;
SELECT cmp_ok((SELECT count(*) FROM config.history_erasures AS e WHERE NOT EXISTS (SELECT FROM config.history_chain AS c WHERE c.erasure_id = e.erasure_id AND c.org_id = e.org_id)), '>', 0::bigint, 'and there are some');

SELECT * FROM finish();

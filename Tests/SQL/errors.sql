-- Every SQLSTATE that a function of ours raises, itself or by another one of ours, stands in its COMMENT
-- and so in docs/sql.md: for what applications and administrators call.
SELECT * FROM no_plan();

CREATE TEMP TABLE function AS
SELECT p.oid, n.nspname AS schema, n.nspname || '.' || p.proname AS name, obj_description(p.oid, 'pg_proc') AS comment,
       ARRAY(SELECT DISTINCT m[1] FROM regexp_matches(p.prosrc, 'ERRCODE = ''(\w{5})''', 'g') AS m) AS own,
       -- What is called, not what is only spoken of.
       regexp_replace(p.prosrc, '''[^'']*''|--[^\n]*', '', 'g') AS code
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname IN ('admin', 'api', 'auth', 'config', 'core', 'finops', 'provisioning') AND p.prorettype <> 'trigger'::regtype;

CREATE TEMP TABLE raised AS
WITH RECURSIVE call AS (
    SELECT a.oid AS caller, b.oid AS callee
    FROM function AS a
    JOIN function AS b ON a.oid <> b.oid AND a.code ~ ('\m' || replace(b.name, '.', '\.') || '\(')
    -- Those that tell every failure in their result.
    WHERE a.code !~ 'WHEN OTHERS'
), reached AS (
    SELECT f.oid AS caller, f.oid AS callee FROM function AS f
    UNION
    SELECT r.caller, c.callee FROM reached AS r JOIN call AS c ON c.caller = r.callee
)
SELECT f.name, f.schema, f.comment, state, string_agg(DISTINCT g.name, ', ') AS by
FROM reached AS r
JOIN function AS f ON f.oid = r.caller
JOIN function AS g ON g.oid = r.callee, unnest(g.own) AS state
GROUP BY f.oid, f.name, f.schema, f.comment, state;

SELECT cmp_ok(count(*), '>', 150::bigint, 'there are some') FROM raised;
SELECT ok(strpos(comment, state) > 0, format('the COMMENT of %s tells of %s (of %s)', name, state, by))
FROM raised WHERE schema IN ('admin', 'api') AND name NOT LIKE 'admin.audit%'
  -- The reason is the function's own; an import's operation id is new, and its name was one before.
  AND (name, state) NOT IN (('api.rename_member', 'AR422'), ('admin.import_org', '22004'), ('admin.import_org', 'AR409'))
ORDER BY name, state;

SELECT * FROM finish();

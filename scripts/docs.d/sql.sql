-- The manual of every function that applications and administrators call, as Markdown, from the COMMENTs.
--
-- A comment says what the function does, then "22023: why." for each error, then "Example: SQL".
\pset format unaligned
\pset tuples_only on
\pset pager off

SELECT '# The SQL functions

Generated from the COMMENTs by `make docs`. In psql, `\df+ api.*` shows the same.

Errors carry a stable SQLSTATE: standard ones (PostgreSQL documentation, appendix A), and of class AR `AR409` (another version or another request), `AR410` (stale: another holder has taken over), `AR422` (refused content).
';

WITH f AS (
    SELECT n.nspname AS schema, p.proname AS name,
           pg_get_function_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result,
           coalesce(obj_description(p.oid, 'pg_proc'), '') AS comment,
           (SELECT string_agg(a.grantee::regrole::text, ', ' ORDER BY a.grantee::regrole::text)
            FROM aclexplode(p.proacl) AS a WHERE a.grantee NOT IN (0, p.proowner)) AS callers
    FROM pg_proc AS p
    JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('api', 'admin', 'config', 'provisioning', 'core', 'finops')
      AND p.prorettype <> 'trigger'::regtype
      AND (n.nspname IN ('api', 'admin') OR EXISTS (
          SELECT FROM aclexplode(p.proacl) AS a
          WHERE a.grantee <> 0 AND a.grantee::regrole::text IN ('ark_bridge', 'ark_provisioner')))
), parts AS (
    SELECT f.*, e.example, t.sentences[1] AS purpose, t.sentences[2:] AS errors
    FROM f
    CROSS JOIN LATERAL (SELECT substring(f.comment FROM '\mExample: (.*)$') AS example) AS e
    CROSS JOIN LATERAL (
        SELECT regexp_split_to_array(
            regexp_replace(f.comment, '\s*\mExample: .*$', ''),
            '\s+(?=[0-9A-Z]{0,4}[0-9][0-9A-Z]{0,4}(?:, [0-9A-Z]{5})*: )') AS sentences
    ) AS t
), titled AS (
    SELECT *, CASE schema
        WHEN 'api' THEN 1 WHEN 'admin' THEN 2 WHEN 'config' THEN 3 ELSE 4 END AS rank
    FROM parts
)
SELECT CASE WHEN row_number() OVER (PARTITION BY schema ORDER BY name, arguments) = 1
            THEN format(E'## %s\n\n', CASE schema
                WHEN 'api' THEN '`api`: for applications'
                WHEN 'admin' THEN '`admin`: for administrators in psql'
                WHEN 'config' THEN '`config`: for the bridge'
                ELSE format('`%s`: for the provisioner', schema) END)
            ELSE '' END
    || format(E'### %s.%s\n\n```sql\n%s.%s(%s) → %s\n```\n\n%s\n', schema, name, schema, name,
              replace(arguments, ', ', E',\n    '), result, purpose)
    || coalesce((
           SELECT E'\n' || string_agg(regexp_replace(w.error, '^([0-9A-Z, ]+): ', '- `\1`: ') || E'\n', '' ORDER BY w.n)
           FROM unnest(errors) WITH ORDINALITY AS w (error, n)), '')
    || CASE WHEN example IS NULL THEN '' ELSE format(E'\n```sql\n%s\n```\n', example) END
    || coalesce(format(E'\nMay be called by %s.\n', callers), '')
FROM titled
ORDER BY rank, schema, name, arguments;

-- What carries one tenant out of the database and back in writes the tenant's own tables.
SET LOCAL ROLE ark_owner;

GRANT INSERT, UPDATE, DELETE ON core.projects, core.notes, core.documents TO ark_system;
GRANT DELETE ON core.users TO ark_system;

-- Beside what others have added to the list.
DO $$
DECLARE
    -- PostgreSQL prints a list of constants as ARRAY['a'::text, …], or as '{a,…}'::text[].
    v_known text[] := ARRAY(
        SELECT unnest(CASE WHEN m[1] LIKE '{%' THEN m[1]::text[] ELSE m END)
        FROM pg_constraint AS k, regexp_matches(pg_get_constraintdef(k.oid), '''([^'']+)''::text', 'g') AS m
        WHERE k.conrelid = 'core.organization_events'::regclass AND k.conname = 'what_is_known');
BEGIN
    ALTER TABLE core.organization_events DROP CONSTRAINT what_is_known;
    EXECUTE format('ALTER TABLE core.organization_events ADD CONSTRAINT what_is_known CHECK (what IN (%s))',
                   (SELECT string_agg(quote_literal(w), ', ') FROM unnest(v_known || ARRAY['export', 'import', 'erasure']) AS w));
END
$$;

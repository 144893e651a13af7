SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION core.hold_open(p_org_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- First, and not when it is written: two who both share it would then wait for each other.
    PERFORM FROM core.organizations AS o WHERE o.id = p_org_id FOR NO KEY UPDATE;
    PERFORM core.require_open(p_org_id);
END
$$;

COMMENT ON FUNCTION core.hold_open(bigint) IS
    'As core.require_open, for whoever may write the organisation''s row afterwards: one after the other. 55000: it is neither PENDING nor COMMITTED.';
REVOKE EXECUTE ON FUNCTION core.hold_open(bigint) FROM PUBLIC;

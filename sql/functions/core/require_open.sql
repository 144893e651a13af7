SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION core.require_open(p_org_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_status text;
BEGIN
    -- FOR SHARE: whoever deletes the organisation waits for us, or we see that it is deleted.
    SELECT o.status INTO v_status FROM core.organizations AS o WHERE o.id = p_org_id FOR SHARE;
    IF NOT FOUND OR v_status NOT IN ('PENDING', 'COMMITTED') THEN
        RAISE EXCEPTION 'organisation % is %', p_org_id, coalesce(v_status, 'unknown')
            USING ERRCODE = '55000';
    END IF;
END
$$;

COMMENT ON FUNCTION core.require_open(bigint) IS
    'Refuses (55000) unless the organisation is PENDING or COMMITTED, and holds it in that state until the end of the transaction.';
REVOKE EXECUTE ON FUNCTION core.require_open(bigint) FROM PUBLIC;

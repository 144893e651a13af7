SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION core.keep_an_owner(p_org_id bigint, p_user_id bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Two who leave at once must not both see the other one stay.
    PERFORM FROM core.memberships AS m
    WHERE m.org_id = p_org_id AND m.role = 'owner'
    ORDER BY m.user_id
    FOR UPDATE;
    IF NOT EXISTS (
        SELECT FROM core.memberships AS m
        WHERE m.org_id = p_org_id AND m.role = 'owner' AND m.user_id <> p_user_id
    ) THEN
        RAISE EXCEPTION 'an organisation keeps an owner'
            USING ERRCODE = '55000', HINT = 'Make somebody else an owner first.';
    END IF;
END
$$;

COMMENT ON FUNCTION core.keep_an_owner(bigint, bigint) IS
    'Refuses (55000) if nobody but this user is an owner of the organisation.';
REVOKE EXECUTE ON FUNCTION core.keep_an_owner(bigint, bigint) FROM PUBLIC;

SET LOCAL ROLE ark_owner;

CREATE OR REPLACE FUNCTION api.begin_request(
    p_handle text, OUT org_id bigint, OUT user_id bigint, OUT role text, OUT email text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A session that is ended ends at the next statement; one snapshot for all would not show it.
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'a session is verified by every statement, under READ COMMITTED only'
            USING ERRCODE = '55000', HINT = 'BEGIN ISOLATION LEVEL READ COMMITTED';
    END IF;
    -- For the transaction only: the next one of a pooled connection begins with nothing.
    PERFORM pg_catalog.set_config('app.session', coalesce(p_handle, ''), true);
    SELECT s.org_id, s.user_id, s.role, s.email INTO org_id, user_id, role, email
    FROM core.session() AS s;
    IF org_id IS NULL THEN
        RAISE EXCEPTION 'no such session, or it has ended'
            USING ERRCODE = '28000', HINT = 'Sign in again.';
    END IF;
    IF NOT core.is_strict() THEN
        PERFORM pg_catalog.set_config('app.current_org', org_id::text, true),
                pg_catalog.set_config('app.actor', email, true);
    END IF;
END
$$;

COMMENT ON FUNCTION api.begin_request(text) IS
    'First call of a transaction in strict mode: binds it to the session of the handle and returns organisation, user, role and address. Verified again by every statement, so a session that is ended ends at once. Outside of a transaction block it has no effect on the next statement. 28000: no such session. 55000: not READ COMMITTED. Example: BEGIN; SELECT * FROM api.begin_request($1); SELECT * FROM notes; COMMIT;';
REVOKE EXECUTE ON FUNCTION api.begin_request(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.begin_request(text) TO ark_app, ark_app_strict, ark_gateway, ark_dba;

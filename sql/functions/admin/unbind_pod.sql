SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.unbind_pod(
    p_login name, p_service text, p_org_id bigint DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM config.subscriptions AS s
    WHERE s.login = p_login AND s.service = p_service AND s.org_id IS NOT DISTINCT FROM p_org_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'login % is not bound to % of %', p_login, p_service,
            coalesce('organisation ' || p_org_id, 'all organisations')
            USING ERRCODE = 'P0002', HINT = 'Name the organisation that admin.bind_pod named.';
    END IF;
END
$$;

COMMENT ON FUNCTION admin.unbind_pod(name, text, bigint) IS
    'Takes back what admin.bind_pod gave: with an organisation, that one; without, the right to all of them. A pod that runs drops it when it compares everything the next time, within ten minutes; one whose login has no right left keeps what it holds, STALE, until it ends. P0002 if there was no such right. Example: SELECT admin.unbind_pod(''agent_acme'', ''ai'', 1);';
REVOKE EXECUTE ON FUNCTION admin.unbind_pod(name, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.unbind_pod(name, text, bigint) TO ark_dba;

SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.bind_pod(
    p_login name, p_service text, p_org_id bigint DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT pg_has_role(p_login, 'ark_pod', 'MEMBER') THEN
        RAISE EXCEPTION 'login % is no member of ark_pod', p_login
            USING ERRCODE = '22023', HINT = format('GRANT ark_pod TO %I;', p_login);
    END IF;
    IF NOT EXISTS (SELECT FROM config.key_schema AS k WHERE k.service = p_service) THEN
        RAISE EXCEPTION 'the service % has no keys', quote_nullable(p_service)
            USING ERRCODE = '22023', HINT = 'admin.define_key defines one. Services are: ' || (SELECT string_agg(DISTINCT k.service, ', ') FROM config.key_schema AS k);
    END IF;
    INSERT INTO config.subscriptions (login, service, org_id)
    VALUES (p_login, p_service, p_org_id)
    ON CONFLICT DO NOTHING;
    IF FOUND AND EXISTS (
        SELECT FROM config.subscriptions AS s
        WHERE s.login = p_login AND s.service = p_service AND s.org_id IS DISTINCT FROM p_org_id
    ) THEN
        -- A pod that runs asks for what is new since its last load; to it, all of this is. Announced once
        -- more: who holds the versions already reads nothing.
        UPDATE config.service_configs AS c SET xid = pg_current_xact_id()
        WHERE c.service = p_service AND (p_org_id IS NULL OR c.org_id = p_org_id);
    END IF;
END
$$;

COMMENT ON FUNCTION admin.bind_pod(name, text, bigint) IS
    'Lets a pod''s login load the configuration of a service, of one organisation or, without p_org_id, of all. A pod that runs gets at once what its login may load besides. 22023: the login is no member of ark_pod, or the service has no keys. 23503: no such organisation. Example: SELECT admin.bind_pod(''pod_ai'', ''ai'');';
REVOKE EXECUTE ON FUNCTION admin.bind_pod(name, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.bind_pod(name, text, bigint) TO ark_dba;

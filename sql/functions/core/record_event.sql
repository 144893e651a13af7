SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION core.record_event(p_org_id bigint, p_what text, p_detail jsonb, p_reason text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM core.require_reason(p_reason);
    INSERT INTO core.organization_events (org_id, what, detail, actor, login, reason)
    VALUES (p_org_id, p_what, p_detail, core.actor(), session_user, p_reason);
END
$$;

COMMENT ON FUNCTION core.record_event(bigint, text, jsonb, text) IS
    'Records who did what to an organisation and why. 22023: no reason.';
REVOKE EXECUTE ON FUNCTION core.record_event(bigint, text, jsonb, text) FROM PUBLIC;

SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.steps(p_slug text)
RETURNS TABLE (
    job_id bigint, attempt bigint, step text, outcome text, http_status integer,
    milliseconds numeric, detail text, recorded_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM core.require_slug(p_slug);
    RETURN QUERY
        SELECT s.job_id, s.fence, s.step, s.outcome, s.http_status, s.milliseconds, s.detail, s.recorded_at
        FROM core.organizations AS o
        JOIN provisioning.steps AS s ON s.org_id = o.id
        LEFT JOIN provisioning.blueprint AS b ON b.plan = o.plan AND b.step = s.step
        WHERE o.slug = p_slug
        ORDER BY s.job_id, s.fence, b.wave, b.after NULLS FIRST, s.step;
END
$$;

COMMENT ON FUNCTION admin.steps(text) IS 'What was done for an organisation in Kubernetes, step by step, with milliseconds. P0002: no organisation has that slug. Example: SELECT step, outcome, milliseconds FROM admin.steps(''acme'');';
REVOKE EXECUTE ON FUNCTION admin.steps(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.steps(text) TO ark_dba, ark_monitor, ark_auditor;

SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.single_ports(p_policy jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_policy ->> 'kind' IS DISTINCT FROM 'NetworkPolicy' OR jsonb_typeof(p_policy #> '{spec,egress}') IS DISTINCT FROM 'array' THEN
        RETURN p_policy;
    END IF;
    -- Only where it is compared: an API server before 1.22 refuses to apply a field that it does not know.
    RETURN jsonb_set(p_policy, '{spec,egress}', (
        SELECT coalesce(jsonb_agg(
            CASE WHEN jsonb_typeof(r -> 'ports') = 'array' THEN jsonb_set(r, '{ports}', (
                SELECT coalesce(jsonb_agg('{"endPort": null}' || p ORDER BY m), '[]')
                FROM jsonb_array_elements(r -> 'ports') WITH ORDINALITY AS f (p, m)))
            ELSE r END ORDER BY n), '[]')
        FROM jsonb_array_elements(p_policy #> '{spec,egress}') WITH ORDINALITY AS e (r, n)));
END
$$;

COMMENT ON FUNCTION provisioning.single_ports(jsonb) IS
    'A NetworkPolicy of which each port that traffic may leave to is one port, and no range that begins with it, unless it says so; any other object as it is.';
REVOKE EXECUTE ON FUNCTION provisioning.single_ports(jsonb) FROM PUBLIC;

SET LOCAL ROLE ark_owner;
-- Fires provisioning.tg_compile, whose outcome depends on this.
UPDATE provisioning.blueprint SET plan = plan WHERE false;

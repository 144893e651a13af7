SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.rollouts()
RETURNS TABLE (rollout_id bigint, plan text, state text, batch integer, max_failures integer, done bigint, failed bigint, under_way bigint, "left" bigint, failure text, actor text, reason text, created_at timestamptz, finished_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT r.rollout_id, r.plan, r.state, r.batch, r.max_failures, j.done, j.failed, j.under_way,
           CASE WHEN r.finished_at IS NULL THEN (
               SELECT count(*) FROM core.organizations AS o
               WHERE o.id > r.last_org_id AND o.status IN ('COMMITTED', 'SUSPENDED')
                 AND (r.plan IS NULL OR o.plan = r.plan)) ELSE 0 END,
           j.failure, r.actor, r.reason, r.created_at, r.finished_at
    FROM provisioning.rollouts AS r
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE j.state = 'done') AS done,
               count(*) FILTER (WHERE j.state = 'failed' AND j.error_code <> 'cancelled') AS failed,
               count(*) FILTER (WHERE j.state IN ('queued', 'running')) AS under_way,
               min(format('%s: %s: %s', o.slug, j.error_code, j.error)) FILTER (
                   WHERE j.state = 'failed' AND j.error_code <> 'cancelled') AS failure
        FROM provisioning.jobs AS j JOIN core.organizations AS o ON o.id = j.org_id
        WHERE j.rollout_id = r.rollout_id
    ) AS j
    ORDER BY r.rollout_id
$$;

COMMENT ON FUNCTION admin.rollouts() IS
    'Blueprints that are, or were, brought to the tenants: how many are done, have failed (and one of the reasons), are under way, and are left. Example: SELECT rollout_id, state, done, failed, "left" FROM admin.rollouts();';
REVOKE EXECUTE ON FUNCTION admin.rollouts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.rollouts() TO ark_dba, ark_monitor;

CREATE OR REPLACE VIEW admin.rollouts WITH (security_invoker = true) AS SELECT * FROM admin.rollouts();
COMMENT ON VIEW admin.rollouts IS
    'Blueprints that are, or were, brought to the tenants: how many are done, have failed (and one of the reasons), are under way, and are left. The rows of admin.rollouts(). Example: TABLE admin.rollouts;';
GRANT SELECT ON admin.rollouts TO ark_dba, ark_monitor;

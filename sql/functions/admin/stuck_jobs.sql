SET LOCAL ROLE ark_system;
-- PostgreSQL analyses the body of an SQL function at once, which row_security = off would refuse.
SET LOCAL row_security = on;

CREATE OR REPLACE FUNCTION admin.stuck_jobs(p_older interval DEFAULT '30 seconds')
RETURNS TABLE (job_id bigint, slug text, kind text, age interval, attempts integer, why text, what_to_do text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT j.job_id, o.slug, j.kind,
           date_trunc('seconds', clock_timestamp() - greatest(j.created_at, least(j.run_at, clock_timestamp()))),
           j.attempts,
           w.why,
           CASE w.rank
               WHEN 1 THEN format('SELECT admin.retry_job(%s, ''why'');', j.job_id)
               WHEN 2 THEN 'A newer provisioner serves it.'
               WHEN 3 THEN 'Nothing: another worker takes it over within seconds, if one runs.'
               WHEN 4 THEN 'Mend the cause; it is tried again by itself.'
               WHEN 5 THEN 'It waits for the one before it: see there.'
               WHEN 7 THEN format('SELECT admin.resume_rollout(%s, ''why'');', j.rollout_id)
               ELSE 'Is a provisioner running? SELECT * FROM admin.ready();'
           END
    FROM provisioning.jobs AS j
    JOIN core.organizations AS o ON o.id = j.org_id
    JOIN provisioning.kinds AS k ON k.kind = j.kind
    CROSS JOIN LATERAL (
        SELECT CASE
                   WHEN j.state = 'failed' THEN 1
                   WHEN j.state = 'running' THEN 3
                   WHEN NOT k.served THEN 2
                   WHEN EXISTS (SELECT FROM provisioning.rollouts AS r
                                WHERE r.rollout_id = j.rollout_id AND r.state <> 'running') THEN 7
                   WHEN j.error_code IS NOT NULL THEN 4
                   WHEN EXISTS (SELECT FROM provisioning.jobs AS b
                                WHERE b.org_id = j.org_id AND b.job_id < j.job_id AND b.state IN ('queued', 'running')) THEN 5
                   ELSE 6
               END AS rank
    ) AS r
    CROSS JOIN LATERAL (
        SELECT r.rank,
               CASE r.rank
                   WHEN 1 THEN format('given up: %s: %s', j.error_code, j.error)
                   WHEN 2 THEN format('no provisioner serves jobs of kind %s yet', j.kind)
                   WHEN 3 THEN format('its worker %s is silent since %s', j.worker, j.lease_until)
                   WHEN 4 THEN format('%s%s: %s', CASE WHEN j.undo THEN 'undo, after ' ELSE '' END, j.error_code, j.error)
                   WHEN 5 THEN 'an earlier job of the organisation is not finished'
                   WHEN 7 THEN 'its roll-out is paused or has stopped'
                   ELSE 'nobody has taken it'
               END AS why
    ) AS w
    WHERE CASE j.state
              -- What an administrator has cancelled needs nothing more.
              WHEN 'failed' THEN (j.kind <> 'create' OR o.status = 'FAILED') AND j.error_code IS DISTINCT FROM 'cancelled'
              WHEN 'running' THEN j.lease_until < clock_timestamp()
              WHEN 'queued' THEN least(j.run_at, CASE WHEN j.error_code IS NOT NULL THEN j.created_at END) < clock_timestamp() - p_older
              ELSE false
          END
    ORDER BY j.created_at, j.job_id
$$;

COMMENT ON FUNCTION admin.stuck_jobs(interval) IS
    'Jobs that do not get on, why, and what to do: given up, waiting for longer than p_older, failing again and again, or held by a worker that is silent. Example: SELECT slug, why, what_to_do FROM admin.stuck_jobs();';
REVOKE EXECUTE ON FUNCTION admin.stuck_jobs(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.stuck_jobs(interval) TO ark_dba, ark_monitor;

CREATE OR REPLACE VIEW admin.stuck_jobs WITH (security_invoker = true) AS SELECT * FROM admin.stuck_jobs();
COMMENT ON VIEW admin.stuck_jobs IS
    'Jobs that do not get on, why, and what to do: given up, waiting for longer than p_older, failing again and again, or held by a worker that is silent. The rows of admin.stuck_jobs(). Example: TABLE admin.stuck_jobs;';
GRANT SELECT ON admin.stuck_jobs TO ark_dba, ark_monitor;

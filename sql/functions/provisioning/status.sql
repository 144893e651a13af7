SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.status(p_most integer DEFAULT 20) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_now    timestamptz := clock_timestamp();
    v_stuck  jsonb;
    v_errors jsonb;
    v_status jsonb;
BEGIN
    v_stuck := coalesce((
        SELECT jsonb_agg(jsonb_build_object(
                   'job_id', s.job_id, 'slug', s.slug, 'kind', s.kind, 'age_seconds', round(extract(epoch FROM s.age)),
                   'attempts', s.attempts, 'why', s.why, 'what_to_do', s.what_to_do))
        FROM admin.stuck_jobs() AS s), '[]');
    v_errors := coalesce((
        SELECT jsonb_agg(format('%s: %s', m.task, m.error) ORDER BY m.task) FROM admin.maintenance() AS m WHERE m.error IS NOT NULL), '[]');
    v_status := jsonb_build_object(
        'organizations', (
            SELECT coalesce(jsonb_object_agg(o.status, o.count), '{}')
            FROM (SELECT o.status, count(*) FROM core.organizations AS o WHERE o.id <> 0 GROUP BY o.status) AS o),
        'queue', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'kind', q.kind, 'state', q.state, 'jobs', q.jobs, 'due', q.due,
                       'oldest_seconds', round(extract(epoch FROM q.oldest))) ORDER BY q.kind, q.state), '[]')
            FROM admin.queue() AS q),
        'lane_count', (SELECT count(*) FROM admin.lanes()),
        'lanes', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'slug', l.slug, 'queued', l.queued, 'running', l.running, 'priority', l.priority,
                       'next_in_seconds', round(extract(epoch FROM l.next_at - v_now)),
                       'oldest_seconds', round(extract(epoch FROM l.oldest)))), '[]')
            FROM (SELECT * FROM admin.lanes() LIMIT p_most) AS l),
        'oldest_waiting', (
            SELECT jsonb_build_object(
                       'job_id', j.job_id, 'slug', o.slug, 'kind', j.kind, 'attempts', j.attempts,
                       'waits_seconds', round(extract(epoch FROM v_now - j.run_at)), 'error', j.error)
            FROM provisioning.jobs AS j JOIN core.organizations AS o ON o.id = j.org_id
            WHERE j.state = 'queued' AND j.run_at <= v_now
            ORDER BY j.run_at, j.job_id
            LIMIT 1),
        'workers', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'worker', w.worker, 'job_id', w.job_id, 'slug', w.slug, 'kind', w.kind, 'attempt', w.attempt,
                       'lease_seconds', round(extract(epoch FROM w.lease_until - v_now))) ORDER BY w.worker, w.job_id), '[]')
            FROM admin.workers() AS w),
        'stuck_count', jsonb_array_length(v_stuck),
        'stuck', (SELECT coalesce(jsonb_agg(s ORDER BY n), '[]') FROM jsonb_array_elements(v_stuck) WITH ORDINALITY AS e (s, n) WHERE n <= p_most),
        'rollouts', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'rollout_id', r.rollout_id, 'plan', r.plan, 'state', r.state, 'done', r.done, 'failed', r.failed,
                       'under_way', r.under_way, 'left', r."left", 'failure', r.failure, 'reason', r.reason) ORDER BY r.rollout_id), '[]')
            -- Those that are not over, and the last.
            FROM (SELECT * FROM admin.rollouts() AS a ORDER BY a.finished_at IS NULL DESC, a.rollout_id DESC LIMIT 5) AS r),
        'maintenance', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'task', m.task, 'finished_at', m.finished_at,
                       'finished_seconds_ago', round(extract(epoch FROM v_now - m.finished_at)),
                       'milliseconds', m.milliseconds, 'result', m.result, 'error', m.error) ORDER BY m.task), '[]')
            FROM admin.maintenance() AS m));
    RETURN jsonb_build_object('apiVersion', 'agent-ready-k8s/v1', 'kind', 'ProvisionerStatus', 'at', v_now)
        || v_status
        || jsonb_build_object('trouble', coalesce((
            SELECT jsonb_agg(t.text) FROM (
                SELECT format('%s jobs do not get on', jsonb_array_length(v_stuck)) AS text WHERE v_stuck <> '[]'
                UNION ALL
                SELECT format('roll-out %s has stopped: %s', r.rollout_id, r.failure) FROM admin.rollouts() AS r WHERE r.state = 'stopped'
                UNION ALL
                SELECT 'timed work fails: ' || e FROM jsonb_array_elements_text(v_errors) AS e
                UNION ALL
                -- Each is due within the hour; nobody does it where no provisioner runs.
                SELECT format('timed work is left undone since %s: no provisioner runs', date_trunc('second', min(m.next_at)))
                FROM provisioning.maintenance AS m
                HAVING min(m.next_at) < v_now - interval '2 minutes'
            ) AS t), '[]'));
END
$$;

COMMENT ON FUNCTION provisioning.status(integer) IS
    'The provisioner''s work in one document: organisations by status; the queue by kind and state, and by lane, at most p_most of them; the job that has waited longest; workers with their leases; jobs that do not get on, why, and what to do; roll-outs; the timed work; trouble: what is bad in all that, in words. Ages in seconds. Example: SELECT jsonb_pretty(provisioning.status());';
REVOKE EXECUTE ON FUNCTION provisioning.status(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.status(integer) TO ark_provisioner;

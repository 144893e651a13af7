SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION admin.ready()
RETURNS TABLE (item text, ok boolean, detail text, what_to_do text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_feed    config.feed;
    v_missing text;
    v_step    provisioning.steps;
    v_count   bigint;
BEGIN
    item := 'PostgreSQL';
    v_missing := (SELECT string_agg(f."check", ', ') FROM admin.security_audit() AS f WHERE f."check" LIKE 'server with%');
    ok := v_missing IS NULL AND NOT pg_is_in_recovery();
    detail := concat_ws(', ', current_setting('server_version'), CASE WHEN pg_is_in_recovery() THEN 'a standby' END, v_missing);
    what_to_do := CASE WHEN NOT ok THEN 'Update PostgreSQL; connect to the primary.' END;
    RETURN NEXT;

    item := 'tables';
    v_missing := (
        SELECT string_agg(t, ', ') FROM unnest(ARRAY[
            'core.organizations', 'config.service_configs', 'config.config_history', 'finops.quota_changes',
            'core.projects', 'core.notes', 'core.documents']) AS t
        WHERE to_regclass(t) IS NULL);
    ok := v_missing IS NULL;
    detail := coalesce('missing: ' || v_missing, 'all there');
    what_to_do := CASE WHEN NOT ok THEN 'migrate up' END;
    RETURN NEXT;

    item := 'row-level security';
    SELECT count(*), string_agg(DISTINCT f."check", ', ') INTO v_count, v_missing
    FROM admin.security_audit() AS f
    WHERE f.severity = 'error';
    ok := v_count = 0;
    detail := CASE v_count WHEN 0 THEN 'the audit finds nothing' ELSE format('%s errors: %s', v_count, v_missing) END;
    what_to_do := CASE WHEN NOT ok THEN 'SELECT * FROM admin.security_audit();' END;
    RETURN NEXT;

    item := 'create_organization';
    -- The caller of the document's POST /api/organizations is the gateway, or an application.
    v_missing := (
        SELECT string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname) FROM pg_roles AS r
        WHERE r.rolcanlogin AND NOT r.rolsuper
          AND (pg_has_role(r.oid, 'ark_gateway', 'USAGE') OR pg_has_role(r.oid, 'ark_app', 'USAGE'))
          AND has_schema_privilege(r.oid, 'api', 'USAGE')
          AND has_function_privilege(r.oid, 'api.create_organization(uuid, text, text, text, text)', 'EXECUTE'));
    ok := v_missing IS NOT NULL;
    detail := coalesce('may be called by ' || v_missing, 'no login may call it');
    what_to_do := CASE WHEN NOT ok THEN 'CREATE ROLE gateway LOGIN; GRANT ark_gateway TO gateway;' END;
    RETURN NEXT;

    SELECT * INTO v_feed FROM config.feed;
    item := 'bridge and Redis';
    -- A bridge that cannot publish gives up its lead.
    ok := coalesce(v_feed.lease_until > clock_timestamp(), false);
    detail := CASE WHEN ok THEN format('%s leads, epoch %s', v_feed.leader, v_feed.epoch)
                   WHEN v_feed.leader IS NULL THEN 'no bridge leads'
                   ELSE format('%s is silent since %s', v_feed.leader, date_trunc('second', v_feed.lease_until)) END;
    what_to_do := CASE WHEN NOT ok THEN 'Start a bridge; look at its log.' END;
    RETURN NEXT;

    item := 'pods';
    SELECT count(*) INTO v_count FROM admin.drift();
    ok := v_count = 0;
    detail := CASE v_count WHEN 0 THEN 'none differs' ELSE format('%s differ', v_count) END;
    what_to_do := CASE WHEN NOT ok THEN 'SELECT * FROM admin.drift();' END;
    RETURN NEXT;

    item := 'provisioner';
    SELECT count(*) INTO v_count FROM pg_stat_activity AS a
    JOIN pg_roles AS r ON r.oid = a.usesysid AND NOT r.rolsuper
    WHERE a.datname = current_database() AND pg_has_role(a.usesysid, 'ark_provisioner', 'MEMBER');
    ok := v_count > 0;
    detail := CASE WHEN ok THEN format('%s connections', v_count) ELSE 'not connected' END;
    what_to_do := CASE WHEN NOT ok THEN 'Start a provisioner; look at its log.' END;
    RETURN NEXT;

    item := 'rights in Kubernetes';
    SELECT * INTO v_step FROM provisioning.steps AS s ORDER BY s.recorded_at DESC LIMIT 1;
    -- Neither yes nor no as long as nothing was asked of Kubernetes.
    ok := CASE WHEN v_step.step IS NOT NULL
               THEN v_step.http_status IS DISTINCT FROM 401 AND v_step.http_status IS DISTINCT FROM 403 END;
    detail := CASE WHEN v_step.step IS NULL THEN 'not known: nothing was provisioned yet'
                   ELSE format('%s was %s at %s%s', v_step.step, v_step.outcome, date_trunc('second', v_step.recorded_at),
                               coalesce(': ' || v_step.detail, '')) END;
    what_to_do := CASE WHEN ok IS NOT TRUE THEN 'kubectl apply -k deploy/kubernetes; kubectl auth can-i create namespaces --as=system:serviceaccount:agent-ready-k8s-system:provisioner' END;
    RETURN NEXT;

    item := 'queue';
    SELECT count(*) INTO v_count FROM admin.stuck_jobs() AS j WHERE j.why NOT LIKE 'no provisioner serves%';
    ok := v_count = 0;
    detail := CASE v_count WHEN 0 THEN 'nothing is stuck' ELSE format('%s jobs are stuck', v_count) END;
    what_to_do := CASE WHEN NOT ok THEN 'SELECT * FROM admin.stuck_jobs();' END;
    RETURN NEXT;

    item := 'history';
    SELECT h.rows_astray = 0 AND h.partitions_until > current_date + 31 AND coalesce(h.oldest_unsealed > clock_timestamp() - interval '1 hour', true),
           format('partitions until %s, %s rows astray, %s rows not sealed', h.partitions_until, h.rows_astray, h.unsealed)
    INTO ok, detail
    FROM admin.history_health() AS h;
    what_to_do := CASE WHEN NOT ok THEN 'SELECT * FROM admin.maintenance(); SELECT admin.make_partitions();' END;
    RETURN NEXT;

    item := 'backups';
    ok := to_regrole('ark_backup') IS NOT NULL
          AND coalesce((SELECT r.rolbypassrls FROM pg_roles AS r WHERE r.rolname = 'ark_backup'), false);
    detail := CASE WHEN ok THEN 'ark_backup reads every row' ELSE 'pg_dump would dump nothing' END;
    what_to_do := CASE WHEN NOT ok THEN 'CREATE ROLE ark_backup LOGIN BYPASSRLS; GRANT pg_read_all_data TO ark_backup;' END;
    RETURN NEXT;

    item := 'point-in-time recovery';
    ok := current_setting('archive_mode') <> 'off'
          AND NOT EXISTS (SELECT FROM pg_stat_archiver AS a WHERE a.last_failed_time > coalesce(a.last_archived_time, '-infinity'));
    detail := CASE WHEN current_setting('archive_mode') = 'off' THEN 'archive_mode is off'
                   WHEN ok THEN 'the log is archived' ELSE 'archiving fails' END;
    what_to_do := CASE WHEN NOT ok THEN 'Set archive_mode and archive_command (PostgreSQL documentation, chapter 26.3).' END;
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION admin.ready() IS
    'Whether the platform can take its first tenant, and go on: one row per item of the checklist, with what to do where ok is not true; NULL is not known yet. Example: SELECT item, ok, detail FROM admin.ready();';
REVOKE EXECUTE ON FUNCTION admin.ready() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admin.ready() TO ark_dba, ark_monitor, ark_auditor;

CREATE OR REPLACE VIEW admin.ready WITH (security_invoker = true) AS SELECT * FROM admin.ready();
COMMENT ON VIEW admin.ready IS
    'Whether the platform can take its first tenant, and go on: one row per item of the checklist, with what to do where ok is not true; NULL is not known yet. The rows of admin.ready(). Example: TABLE admin.ready;';
GRANT SELECT ON admin.ready TO ark_dba, ark_monitor, ark_auditor;

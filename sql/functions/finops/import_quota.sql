SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION finops.import_quota(p_schema name, p_org_id bigint, p_reason text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_quota record;
    v_own   finops.quota_changes;
BEGIN
    EXECUTE format(
        'SELECT q.cpu, q.memory, q.storage FROM %1$I.finops_quota_changes AS q, %1$I.about AS a '
        'WHERE q.effective_at <= a.exported_at ORDER BY q.change_id DESC LIMIT 1', p_schema) INTO v_quota;
    SELECT * INTO v_own FROM finops.effective_quota(p_org_id, clock_timestamp());
    IF v_quota.cpu IS NOT NULL AND (finops.quantity(v_quota.cpu), finops.quantity(v_quota.memory), finops.quantity(v_quota.storage))
        IS DISTINCT FROM (finops.quantity(v_own.cpu), finops.quantity(v_own.memory), finops.quantity(v_own.storage)) THEN
        INSERT INTO finops.quota_changes (org_id, cpu, memory, storage, reason, actor)
        VALUES (p_org_id, v_quota.cpu, v_quota.memory, v_quota.storage, p_reason, core.actor());
        PERFORM provisioning.enqueue(p_org_id, 'quota');
    END IF;
END
$$;

COMMENT ON FUNCTION finops.import_quota(name, bigint, text) IS
    'Books for a new organisation the quota that the exported one had at last.';
REVOKE EXECUTE ON FUNCTION finops.import_quota(name, bigint, text) FROM PUBLIC;

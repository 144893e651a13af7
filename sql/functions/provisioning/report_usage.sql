SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.report_usage(
    p_org_id bigint, p_cpu text, p_memory text, p_storage text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM finops.quantity(p_cpu), finops.quantity(p_memory), finops.quantity(p_storage);
    INSERT INTO finops.quota_usage AS u (org_id, cpu, memory, storage)
    VALUES (p_org_id, p_cpu, p_memory, p_storage)
    ON CONFLICT (org_id) DO UPDATE
    SET cpu = excluded.cpu, memory = excluded.memory, storage = excluded.storage,
        observed_at = clock_timestamp();
END
$$;

COMMENT ON FUNCTION provisioning.report_usage(bigint, text, text, text) IS
    'Records what the ResourceQuota of an organisation counts as used. 22023: no quantity. Example: SELECT provisioning.report_usage(123, ''7500m'', ''12Gi'', ''4Gi'');';
REVOKE EXECUTE ON FUNCTION provisioning.report_usage(bigint, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION provisioning.report_usage(bigint, text, text, text) TO ark_provisioner;

SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION provisioning.give_up(p_org_id bigint, p_job_id bigint, p_code text, p_error text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_job provisioning.jobs;
BEGIN
    UPDATE provisioning.jobs AS j SET error_code = p_code, error = p_error, cancelled = false
    WHERE j.org_id = p_org_id AND j.job_id = p_job_id
    RETURNING * INTO v_job;
    PERFORM provisioning.finish(p_org_id, p_job_id, 'failed');
    -- The rows that the job was to bring about stay as they are. Where the namespace is not what they say by
    -- now, or will not be from then on, is to be seen.
    IF p_code = 'cancelled' AND v_job.kind IN ('quota', 'members') AND EXISTS (
        SELECT FROM core.organizations AS o JOIN provisioning.kinds AS k ON k.kind = 'compare'
        -- One that is being made is compared when it is made.
        WHERE o.id = p_org_id AND (o.status = ANY (k.statuses) OR o.status = 'PENDING')) THEN
        PERFORM provisioning.enqueue(p_org_id, 'compare', v_job.run_at);
    END IF;
END
$$;

COMMENT ON FUNCTION provisioning.give_up(bigint, bigint, text, text) IS
    'Ends a job that is not done, and says why. After a cancelled change of a quota or of members the tenant is compared, at the time for which it was asked.';
REVOKE EXECUTE ON FUNCTION provisioning.give_up(bigint, bigint, text, text) FROM PUBLIC;

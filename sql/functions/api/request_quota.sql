SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.request_quota(
    p_cpu text DEFAULT NULL, p_memory text DEFAULT NULL, p_storage text DEFAULT NULL,
    p_reason text DEFAULT NULL, p_effective_at timestamptz DEFAULT NULL, p_actor text DEFAULT NULL,
    OUT change_id bigint, OUT cpu text, OUT memory text, OUT storage text,
    OUT effective_at timestamptz, OUT notice text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_org    bigint := core.require('admin');
    v_latest finops.quota_changes;
    v_usage  finops.quota_usage;
    v_less   text;
    v_supersedes boolean;
BEGIN
    PERFORM core.require_reason(p_reason);
    IF coalesce(p_cpu, p_memory, p_storage) IS NULL THEN
        RAISE EXCEPTION 'neither cpu nor memory nor storage is asked for' USING ERRCODE = '22023';
    END IF;
    PERFORM core.require_open(v_org);
    -- One change at a time: each builds on the one before.
    PERFORM FROM provisioning.lanes AS l WHERE l.org_id = v_org FOR UPDATE;
    effective_at := coalesce(p_effective_at, clock_timestamp());
    IF p_effective_at < clock_timestamp() - interval '1 minute' THEN
        RAISE EXCEPTION 'a quota does not change in the past'
            USING ERRCODE = '22023', HINT = 'Adjustments of a bill are made in finops.';
    END IF;
    IF p_effective_at > clock_timestamp() + interval '1 year' THEN
        RAISE EXCEPTION 'a quota is not asked for more than a year ahead' USING ERRCODE = '22023';
    END IF;
    SELECT * INTO v_latest FROM finops.effective_quota(v_org, effective_at);
    -- What was asked for a later time is superseded by this request, so it is one even if it is equal.
    v_supersedes := EXISTS (
        SELECT FROM finops.quota_changes AS q
        WHERE q.org_id = v_org AND q.change_id > v_latest.change_id AND q.effective_at > request_quota.effective_at);
    cpu := coalesce(p_cpu, v_latest.cpu);
    memory := coalesce(p_memory, v_latest.memory);
    storage := coalesce(p_storage, v_latest.storage);
    IF least(finops.quantity(cpu), finops.quantity(memory), finops.quantity(storage)) < 0 THEN
        RAISE EXCEPTION 'a quota is not negative' USING ERRCODE = '22023';
    END IF;

    SELECT * INTO v_usage FROM finops.quota_usage AS u WHERE u.org_id = v_org;
    IF FOUND THEN
        v_less := concat_ws(', ',
            CASE WHEN finops.quantity(cpu) < finops.quantity(v_usage.cpu) THEN format('cpu %s, in use %s', cpu, v_usage.cpu) END,
            CASE WHEN finops.quantity(memory) < finops.quantity(v_usage.memory) THEN format('memory %s, in use %s', memory, v_usage.memory) END,
            CASE WHEN finops.quantity(storage) < finops.quantity(v_usage.storage) THEN format('storage %s, in use %s', storage, v_usage.storage) END);
        IF v_less <> '' THEN
            RAISE EXCEPTION 'less than is in use: %', v_less
                USING ERRCODE = '55000', DETAIL = format('Seen at %s.', v_usage.observed_at),
                      HINT = 'Scale the workload down first.';
        END IF;
    END IF;

    notice := 'active for new pods; running pods keep their limits until restarted';
    IF NOT v_supersedes AND (finops.quantity(cpu), finops.quantity(memory), finops.quantity(storage))
        = (finops.quantity(v_latest.cpu), finops.quantity(v_latest.memory), finops.quantity(v_latest.storage)) THEN
        change_id := v_latest.change_id;
        effective_at := v_latest.effective_at;
        notice := 'unchanged: that is the quota already';
        RETURN;
    END IF;
    INSERT INTO finops.quota_changes AS q (org_id, cpu, memory, storage, effective_at, reason, actor)
    VALUES (v_org, request_quota.cpu, request_quota.memory, request_quota.storage, request_quota.effective_at,
            p_reason, CASE WHEN core.is_strict() THEN core.actor() ELSE coalesce(p_actor, core.actor()) END)
    RETURNING q.change_id INTO change_id;
    PERFORM provisioning.enqueue(v_org, 'quota', effective_at);
END
$$;

COMMENT ON FUNCTION api.request_quota(text, text, text, text, timestamptz, text) IS
    'Asks for another quota of the current organisation, from now or from p_effective_at on, at most a year ahead; what is NULL stays as it is at that time. The newest request holds: one that was asked for a later time is superseded. Returns the change and a notice on when it is active. Equal by value (1000m is 1) changes nothing. 22023: no quantity, negative, no reason, in the past, more than a year ahead. 55000: less than is in use, no organisation, or it is not open. 42501: needs an admin. 28000: no session (strict). AR422: the reason holds what looks like a secret. Example: SELECT * FROM api.request_quota(p_cpu => ''20'', p_reason => ''Christmas'');';
REVOKE EXECUTE ON FUNCTION api.request_quota(text, text, text, text, timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.request_quota(text, text, text, text, timestamptz, text) TO ark_app, ark_app_strict, ark_dba;

SET LOCAL ROLE ark_system;

CREATE OR REPLACE FUNCTION api.report_pod(
    p_service text, p_pod text, p_state text, p_epoch bigint, p_seq bigint,
    p_reloads bigint, p_reload_ms_sum double precision, p_reload_ms_max double precision)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM config.subscriptions AS s WHERE s.login = session_user AND s.service = p_service
    ) THEN
        RAISE EXCEPTION 'login % is not bound to service %', session_user, p_service
            USING ERRCODE = '42501',
                  HINT = format('An administrator: SELECT admin.bind_pod(%L, %L);', session_user, p_service);
    END IF;
    INSERT INTO config.pods AS p
        (service, pod, login, state, epoch, seq, reloads, reload_ms_sum, reload_ms_max)
    VALUES (p_service, p_pod, session_user, p_state, p_epoch, p_seq, p_reloads, p_reload_ms_sum, p_reload_ms_max)
    ON CONFLICT (service, pod) DO UPDATE
    SET login = excluded.login, state = excluded.state, epoch = excluded.epoch, seq = excluded.seq,
        reloads = excluded.reloads, reload_ms_sum = excluded.reload_ms_sum,
        reload_ms_max = excluded.reload_ms_max, reported_at = clock_timestamp()
    -- A name that has gone quiet is free again.
    WHERE p.login = excluded.login OR p.reported_at < clock_timestamp() - interval '5 minutes';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the pod % of % reports as another login', p_pod, p_service USING ERRCODE = '42501';
    END IF;
END
$$;

COMMENT ON FUNCTION api.report_pod(text, text, text, bigint, bigint, bigint, double precision, double precision) IS
    'A pod of a platform service tells what it has applied: state (READY, STALE, ERROR), epoch and last seq of its service, how many changes since its start, and their milliseconds from change to memory, summed and at most. 42501: the login is not bound to the service, or another one reports for this pod. 23514: no such state, or a negative figure. Example: SELECT api.report_pod(''ai'', ''ai-7d9c5b6f4-x2k9p'', ''READY'', 1763890000, 42, 3, 12.5, 6.1);';
REVOKE EXECUTE ON FUNCTION api.report_pod(text, text, text, bigint, bigint, bigint, double precision, double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.report_pod(text, text, text, bigint, bigint, bigint, double precision, double precision) TO ark_pod;
